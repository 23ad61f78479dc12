//! What was typed, read: units of words that each must be found, with the synonyms of each.

use crate::index::query::{Synonyms, Tuning};
use crate::index::words::{self, Language, Word};

/// How much of a text is read, in characters.
const LONGEST_TEXT: usize = 400;
/// How many words are looked for.
const MOST_WORDS: usize = 16;
/// How many alternatives a unit has.
const MOST_ALTERNATIVES: usize = 20;

/// A text as it is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reading {
    pub(crate) language: Language,
    /// Each must be found.
    pub(crate) units: Vec<Unit>,
    /// Each must be found in this row.
    pub(crate) phrases: Vec<Vec<String>>,
    /// The whole text as an SKU or barcode.
    pub(crate) code: String,
    /// All words in the order typed.
    pub(crate) typed: Vec<String>,
    /// Whether nothing was typed. What has signs alone asks for something, which no product has.
    pub(crate) is_blank: bool,
}

/// A word, or a row of words that has synonyms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unit {
    /// The words as typed.
    pub(crate) words: Vec<String>,
    /// Rows of words that find what these find.
    pub(crate) synonyms: Vec<Vec<String>>,
    /// Whether it was typed last, so that its last word may be a beginning.
    pub(crate) is_last: bool,
}

impl Reading {
    pub(crate) fn of(text: &str, language: Language, tuning: &Tuning) -> Self {
        let is_blank = text.trim().is_empty();
        let text: String = text.chars().take(LONGEST_TEXT).collect();
        let (mut loose, mut phrases) = (Vec::new(), Vec::new());
        // A quotation mark that is never closed stands for nothing.
        let closed = text.matches('"').count() / 2 * 2;
        for (position, part) in text.split('"').enumerate() {
            let words = words::words(part);
            if position % 2 == 1 && position < closed {
                let phrase: Vec<String> =
                    words.into_iter().map(|word| word.folded).take(MOST_WORDS).collect();
                if !phrase.is_empty() {
                    phrases.push(phrase);
                }
            } else {
                loose.extend(words);
            }
        }
        loose.truncate(MOST_WORDS);
        phrases.truncate(MOST_WORDS);
        let typed = loose.iter().map(|word| word.folded.clone()).collect();
        let is_open = closed == 0 || !text.trim_end().ends_with('"');
        let units = units(&loose, &language, tuning, !phrases.is_empty(), is_open);
        Self { language, units, phrases, code: words::code(&text), typed, is_blank }
    }

    /// Whether it has no words.
    pub(crate) fn is_empty(&self) -> bool {
        self.units.is_empty() && self.phrases.is_empty()
    }
}

fn units(typed: &[Word], language: &Language, tuning: &Tuning, has_phrase: bool, is_open: bool) -> Vec<Unit> {
    let rules = Rules::of(tuning, language);
    let mut units: Vec<(Unit, bool)> = Vec::new();
    let mut rest = typed;
    while let Some((first, after)) = rest.split_first() {
        let stems: Vec<String> = rest.iter().map(|word| language.stem(&word.folded)).collect();
        let (length, synonyms) = rules.longest(&stems);
        let (words, says_something) = if length == 0 {
            rest = after;
            (vec![first.folded.clone()], !rules.is_stop_word(first, language))
        } else {
            let words = rest.iter().take(length).map(|word| word.folded.clone()).collect();
            rest = rest.get(length..).unwrap_or_default();
            (words, true)
        };
        units.push((Unit { words, synonyms, is_last: is_open && rest.is_empty() }, says_something));
    }
    if has_phrase || units.iter().any(|(_, says_something)| *says_something) {
        units.retain(|(_, says_something)| *says_something);
    }
    units.into_iter().map(|(unit, _)| unit).collect()
}

/// A company's synonyms and stop words, read like a text.
struct Rules {
    /// Row of stems that is typed, rows of words that it finds.
    synonyms: Vec<(Vec<String>, Vec<Vec<String>>)>,
    stop_words: Vec<String>,
}

impl Rules {
    fn of(tuning: &Tuning, language: &Language) -> Self {
        let row =
            |text: &String| -> Vec<String> { words::words(text).into_iter().map(|w| w.folded).collect() };
        let stems = |row: &[String]| -> Vec<String> { row.iter().map(|word| language.stem(word)).collect() };
        let mut synonyms = Vec::new();
        for rule in &tuning.synonyms {
            match rule {
                Synonyms::Equivalent(texts) => {
                    let rows: Vec<_> = texts.iter().map(row).filter(|row| !row.is_empty()).collect();
                    for (position, from) in rows.iter().enumerate() {
                        let others = rows.iter().enumerate().filter(|(other, _)| *other != position);
                        synonyms.push((stems(from), others.map(|(_, row)| row.clone()).collect()));
                    }
                }
                Synonyms::OneWay { from, to } => {
                    let from = stems(&row(from));
                    let to = to.iter().map(row).filter(|row| !row.is_empty()).collect();
                    if !from.is_empty() {
                        synonyms.push((from, to));
                    }
                }
            }
        }
        let stop_words = tuning.stop_words.iter().flat_map(row).collect();
        Self { synonyms, stop_words }
    }

    /// How many of the words at the front have synonyms together, and these.
    fn longest(&self, stems: &[String]) -> (usize, Vec<Vec<String>>) {
        let matching = || self.synonyms.iter().filter(|(from, _)| stems.starts_with(from));
        let length = matching().map(|(from, _)| from.len()).max().unwrap_or_default();
        let mut found: Vec<Vec<String>> = Vec::new();
        for row in matching().filter(|(from, _)| from.len() == length).flat_map(|(_, to)| to) {
            if found.len() < MOST_ALTERNATIVES && !found.contains(row) {
                found.push(row.clone());
            }
        }
        (length, found)
    }

    fn is_stop_word(&self, word: &Word, language: &Language) -> bool {
        self.stop_words.contains(&word.folded) || language.is_stop_word(&word.lower)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, tuning: &Tuning) -> Reading {
        Reading::of(text, Language::of_locale(None), tuning)
    }

    fn shown(reading: &Reading) -> Vec<String> {
        let unit = |unit: &Unit| {
            let rows = std::iter::once(&unit.words).chain(&unit.synonyms).map(|row| row.join(" "));
            format!("{}{}", rows.collect::<Vec<_>>().join("|"), if unit.is_last { "*" } else { "" })
        };
        let phrases = reading.phrases.iter().map(|row| format!("\"{}\"", row.join(" ")));
        reading.units.iter().map(unit).chain(phrases).collect()
    }

    #[test]
    fn stop_words_go_unless_nothing_else_is_left() {
        let tuning = Tuning { stop_words: vec!["Gift".into()], ..Tuning::default() };
        assert_eq!(shown(&read("the gift box", &tuning)), ["box*"]);
        assert_eq!(shown(&read("the", &tuning)), ["the*"]);
        assert_eq!(shown(&read("to the", &tuning)), ["to", "the*"]);
    }

    #[test]
    fn quoted_words_are_a_phrase() {
        let none = Tuning::default();
        assert_eq!(shown(&read("red \"tea pot\"", &none)), ["red", "\"tea pot\""]);
        assert_eq!(shown(&read("19\" rack", &none)), ["19", "rack*"]);
    }

    #[test]
    fn the_longest_row_with_synonyms_is_one_unit() {
        let tuning = Tuning {
            synonyms: vec![
                Synonyms::Equivalent(vec!["mug".into(), "cup".into(), "coffee cup".into()]),
                Synonyms::OneWay { from: "xmas".into(), to: vec!["christmas".into()] },
            ],
            ..Tuning::default()
        };
        assert_eq!(shown(&read("xmas coffee cups", &tuning)), ["xmas|christmas", "coffee cups|mug|cup*"]);
        assert_eq!(shown(&read("christmas mugs", &tuning)), ["christmas", "mugs|cup|coffee cup*"]);
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read(text in ".{0,60}") {
            let reading = read(&text, &Tuning::default());
            assert!(reading.units.len() <= MOST_WORDS && reading.phrases.len() <= MOST_WORDS);
        }
    }
}
