//! What was searched for, in the form in which equal searches are equal.

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

/// Letters of a text that are kept.
pub(crate) const LONGEST: usize = 100;

/// A normalised text: compatible forms made one (NFKC), lower case, single spaces, no control characters, and at most
/// [`LONGEST`] letters. Never empty.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct SearchText(String);

impl SearchText {
    /// The text as it is counted; none for one that is empty, and for one that looks like an e-mail address: that is
    /// somebody's, and was typed into the wrong field.
    pub(crate) fn of(raw: &str) -> Option<Self> {
        let lower: String = raw.nfkc().flat_map(char::to_lowercase).collect();
        let spaced: String = lower.nfkc().map(|c| if c.is_control() { ' ' } else { c }).collect();
        // Not before: other forms of the sign become it.
        if spaced.contains('@') {
            return None;
        }
        let mut text = String::with_capacity(spaced.len());
        for word in spaced.split_whitespace() {
            if !text.is_empty() {
                text.push(' ');
            }
            text.push_str(word);
        }
        let text: String = text.chars().take(LONGEST).collect();
        let text = text.trim_end();
        (!text.is_empty()).then(|| Self(text.to_owned()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn equal_searches_are_equal() {
        let cases = [
            ("  Red   Mug ", Some("red mug")),
            ("RED\tMUG\n", Some("red mug")),
            ("Ｍｕｇ", Some("mug")),
            ("cafe\u{301}", Some("café")),
            ("ÄÖ", Some("äö")),
            ("a\u{0}b", Some("a b")),
            ("", None),
            (" \u{a0}\u{2003} ", None),
            ("jane.doe@example.com", None),
            ("jane\u{ff20}example.com", None),
            ("jane\u{fe6b}example.com", None),
        ];
        for (raw, expected) in cases {
            let text = SearchText::of(raw);
            assert_eq!(text.as_ref().map(SearchText::as_str), expected, "{raw:?}");
        }
    }

    proptest! {
        #[test]
        fn no_text_is_long_or_unclean(raw in "\\PC{0,300}") {
            if let Some(text) = SearchText::of(&raw) {
                prop_assert!((1..=LONGEST).contains(&text.as_str().chars().count()));
                prop_assert_eq!(text.as_str().trim(), text.as_str());
                prop_assert!(!text.as_str().contains("  ") && !text.as_str().contains(char::is_control));
            }
        }

        #[test]
        fn a_normalised_text_of_words_stays_as_it_is(raw in "[a-zA-Zäöüßéèàñçøå0-9 .,-]{0,120}") {
            if let Some(text) = SearchText::of(&raw) {
                prop_assert_eq!(SearchText::of(text.as_str()), Some(text));
            }
        }
    }
}
