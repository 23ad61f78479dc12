//! Letters without their accents.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// A lower-case text with the accents of Latin and Greek letters taken away; other scripts keep theirs, as there
/// they tell words apart.
pub(crate) fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_owned();
    }
    let mut folded = String::with_capacity(text.len());
    let mut base = ' ';
    for character in text.nfkd() {
        if is_combining_mark(character) {
            if !is_latin_or_greek(base) {
                folded.push(character);
            }
            continue;
        }
        base = character;
        match without_stroke(character) {
            Some(letters) => folded.push_str(letters),
            None => folded.push(character),
        }
    }
    // What was taken apart and keeps its marks is put together again. Whatever this leaves that would part words
    // goes, too.
    folded.nfc().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect()
}

fn is_latin_or_greek(character: char) -> bool {
    matches!(u32::from(character), 0x41..=0x24F | 0x370..=0x3FF | 0x1E00..=0x1FFF)
}

/// Letters that Unicode does not take apart.
fn without_stroke(character: char) -> Option<&'static str> {
    Some(match character {
        'ß' | 'ẞ' => "ss",
        'æ' => "ae",
        'œ' => "oe",
        'ø' => "o",
        'đ' | 'ð' => "d",
        'ħ' => "h",
        'ı' => "i",
        'ł' => "l",
        'ŧ' => "t",
        'þ' => "th",
        'ς' => "σ",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accents_of_latin_and_greek_go_and_others_stay() {
        assert_eq!(fold("crème brûlée ångström łódź"), "cremebruleeangstromlodz");
        assert_eq!(fold("καφές"), "καφεσ");
        assert_eq!(fold("чайник"), "чайник");
    }
}
