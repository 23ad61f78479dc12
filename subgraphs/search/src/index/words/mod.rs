//! How texts are taken apart into words, alike for what is indexed and for what is typed.

mod fold;
mod language;

pub(crate) use fold::fold;
pub(crate) use language::Language;

/// Longest word that is kept, in characters; what is longer is cut.
const LONGEST_WORD: usize = 64;

/// A word of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Word {
    /// In lower case, without accents: what is compared.
    pub(crate) folded: String,
    /// In lower case, with accents: what stop words are told by.
    pub(crate) lower: String,
    /// Where it begins in the text, in bytes.
    pub(crate) start: usize,
    /// Where it ends.
    pub(crate) end: usize,
}

/// The words of a text, in order. An apostrophe within a word is left out (`children's` is `childrens`), other
/// signs part words. Chinese, Japanese and Korean, which do not part words, become pairs of characters.
pub(crate) fn words(text: &str) -> Vec<Word> {
    let mut found = Vec::new();
    let mut run: Vec<(usize, char)> = Vec::new();
    let mut ideographs: Vec<(usize, char)> = Vec::new();
    let mut characters = text.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        if is_ideograph(character) {
            end_word(&mut run, &mut found);
            ideographs.push((at, character));
            continue;
        }
        end_ideographs(&mut ideographs, &mut found);
        let is_apostrophe = matches!(character, '\'' | '’' | 'ʼ')
            && run.last().is_some_and(|(_, last)| last.is_alphabetic())
            && characters.peek().is_some_and(|(_, next)| next.is_alphabetic());
        let is_mark = !run.is_empty() && unicode_normalization::char::is_combining_mark(character);
        if character.is_alphanumeric() || is_apostrophe || is_mark {
            run.push((at, character));
        } else {
            end_word(&mut run, &mut found);
        }
    }
    end_word(&mut run, &mut found);
    end_ideographs(&mut ideographs, &mut found);
    found
}

fn end_word(run: &mut Vec<(usize, char)>, found: &mut Vec<Word>) {
    if let (Some(&(start, _)), Some(&(last, character))) = (run.first(), run.last()) {
        let lower: String = run
            .iter()
            .filter(|(_, c)| !matches!(c, '\'' | '’' | 'ʼ'))
            .flat_map(|(_, c)| c.to_lowercase())
            .take(LONGEST_WORD)
            .collect();
        let folded: String = fold(&lower).chars().take(LONGEST_WORD).collect();
        if !folded.is_empty() {
            found.push(Word { folded, lower, start, end: last + character.len_utf8() });
        }
    }
    run.clear();
}

fn end_ideographs(run: &mut Vec<(usize, char)>, found: &mut Vec<Word>) {
    let word = |pair: &[(usize, char)]| {
        let (start, _) = *pair.first()?;
        let (last, character) = *pair.last()?;
        let text: String = pair.iter().map(|(_, c)| *c).collect();
        Some(Word { folded: text.clone(), lower: text, start, end: last + character.len_utf8() })
    };
    if run.len() == 1 {
        found.extend(word(run));
    } else {
        found.extend(run.windows(2).filter_map(word));
    }
    run.clear();
}

/// Han, kana and hangul.
fn is_ideograph(character: char) -> bool {
    matches!(u32::from(character),
        0x2E80..=0x2FDF | 0x3005..=0x3007 | 0x3040..=0x30FF | 0x31F0..=0x31FF | 0x3400..=0x4DBF
        | 0x4E00..=0x9FFF | 0xAC00..=0xD7AF | 0xF900..=0xFAFF | 0x2_0000..=0x3_134F)
}

/// Words joined by a hyphen or slash in one, such as `tlight` for `T-light`: what people type without it.
pub(crate) fn joined(text: &str, words: &[Word]) -> Vec<String> {
    let follows = |pair: &[Word]| match pair {
        [left, right]
            if text.get(left.end..right.start).is_some_and(|sign| matches!(sign, "-" | "‑" | "/")) =>
        {
            Some(format!("{}{}", left.folded, right.folded))
        }
        _ => None,
    };
    words.windows(2).filter_map(follows).collect()
}

/// A code, such as an SKU or barcode, as it is compared: letters and digits alone, in lower case.
pub(crate) fn code(text: &str) -> String {
    fold(&text.to_lowercase()).chars().filter(|c| c.is_alphanumeric()).take(4 * LONGEST_WORD).collect()
}

/// How many edits a word may be away from what is meant: one from 4 letters, two from 8, none where digits are.
pub(crate) fn forgiven_edits(word: &str) -> u8 {
    if !word.chars().all(char::is_alphabetic) || word.chars().any(is_ideograph) {
        return 0;
    }
    match word.chars().count() {
        0..=3 => 0,
        4..=7 => 1,
        _ => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folded(text: &str) -> Vec<String> {
        words(text).into_iter().map(|word| word.folded).collect()
    }

    #[test]
    fn signs_part_words_and_apostrophes_do_not() {
        assert_eq!(folded("Children's T-Light, 3.5cm"), ["childrens", "t", "light", "3", "5cm"]);
        assert_eq!(folded("'quoted' rock ’n’ roll"), ["quoted", "rock", "n", "roll"]);
        assert_eq!(folded("Café Müller, Straße"), ["cafe", "muller", "strasse"]);
        assert_eq!(folded("cafe\u{301}"), ["cafe"]);
        assert_eq!(folded("陶瓷茶壶 mug 茶"), ["陶瓷", "瓷茶", "茶壶", "mug", "茶"]);
        assert!(folded("  -- ").is_empty());
    }

    #[test]
    fn a_word_knows_where_it_stands() {
        let text = "Das Café!";
        let places: Vec<_> = words(text).iter().map(|word| text.get(word.start..word.end).unwrap()).collect();
        assert_eq!(places, ["Das", "Café"]);
    }

    #[test]
    fn hyphens_also_join() {
        let text = "t-light holder";
        assert_eq!(joined(text, &words(text)), ["tlight"]);
    }

    #[test]
    fn codes_are_compared_without_signs() {
        assert_eq!(code(" 85123-a "), "85123a");
    }

    #[test]
    fn short_words_and_numbers_must_be_right() {
        let edits = ["mug", "mugs", "teapots", "cupboard", "85123a"].map(forgiven_edits);
        assert_eq!(edits, [0, 1, 1, 2, 0]);
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_taken_apart(text in ".{0,40}") {
            for word in words(&text) {
                assert!(text.get(word.start..word.end).is_some());
                assert!(!word.folded.is_empty() && !word.folded.contains(char::is_whitespace));
            }
        }
    }
}
