//! What differs between languages: endings of words, and words that say nothing.

use std::collections::BTreeMap;
use std::panic::catch_unwind;
use std::sync::{LazyLock, Mutex, PoisonError};

use rust_stemmers::{Algorithm, Stemmer};
use tantivy::tokenizer::{RawTokenizer, StopWordFilter, TextAnalyzer, TokenStream};

/// A language by its code of ISO 639-1; English where a reader names none.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Language(String);

impl Language {
    /// The language of a locale such as `de-CH`.
    pub(crate) fn of_locale(locale: Option<&str>) -> Self {
        let language = locale.map_or("en", super::super::document::language);
        Self(if language.is_empty() { "en".to_owned() } else { language.to_ascii_lowercase() })
    }

    /// The word without its ending, marked with the language: `en:mug` for `mugs`. Where no algorithm knows endings of
    /// the language it is the whole word.
    pub(crate) fn stem(&self, folded: &str) -> String {
        let stem = self.algorithm().and_then(|algorithm| stem_by(algorithm, folded));
        format!("{}:{}", self.0, stem.as_deref().unwrap_or(folded))
    }

    /// Whether a word in lower case says nothing by itself, as `the` does.
    pub(crate) fn is_stop_word(&self, lower: &str) -> bool {
        static FILTERS: LazyLock<Mutex<BTreeMap<String, Option<TextAnalyzer>>>> =
            LazyLock::new(Mutex::default);
        let mut filters = FILTERS.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(language) = self.of_filter() else { return false };
        let analyzer = filters.entry(self.0.clone()).or_insert_with(|| {
            let filter = StopWordFilter::new(language)?;
            Some(TextAnalyzer::builder(RawTokenizer::default()).filter(filter).build())
        });
        analyzer.as_mut().is_some_and(|analyzer| !analyzer.token_stream(lower).advance())
    }

    /// Greek has none: that algorithm panics on words such as `αντιθετε` and `ισαισα`
    /// (<https://github.com/snowballstem/snowball/issues/204>).
    fn algorithm(&self) -> Option<Algorithm> {
        Some(match self.0.as_str() {
            "ar" => Algorithm::Arabic,
            "da" => Algorithm::Danish,
            "nl" => Algorithm::Dutch,
            "en" => Algorithm::English,
            "fi" => Algorithm::Finnish,
            "fr" => Algorithm::French,
            "de" => Algorithm::German,
            "hu" => Algorithm::Hungarian,
            "it" => Algorithm::Italian,
            "no" | "nb" | "nn" => Algorithm::Norwegian,
            "pt" => Algorithm::Portuguese,
            "ro" => Algorithm::Romanian,
            "ru" => Algorithm::Russian,
            "es" => Algorithm::Spanish,
            "sv" => Algorithm::Swedish,
            "ta" => Algorithm::Tamil,
            "tr" => Algorithm::Turkish,
            _ => return None,
        })
    }

    fn of_filter(&self) -> Option<tantivy::tokenizer::Language> {
        use tantivy::tokenizer::Language as L;
        Some(match self.0.as_str() {
            "da" => L::Danish,
            "nl" => L::Dutch,
            "en" => L::English,
            "fi" => L::Finnish,
            "fr" => L::French,
            "de" => L::German,
            "hu" => L::Hungarian,
            "it" => L::Italian,
            "no" | "nb" | "nn" => L::Norwegian,
            "pt" => L::Portuguese,
            "ru" => L::Russian,
            "es" => L::Spanish,
            "sv" => L::Swedish,
            _ => return None,
        })
    }
}

/// What an algorithm leaves of a word; none where it panics. They are generated code over bytes, and a word that one of
/// them fails on must harm neither who types it nor the indexing of all other products.
fn stem_by(algorithm: Algorithm, word: &str) -> Option<String> {
    catch_unwind(|| Stemmer::create(algorithm).stem(word).into_owned()).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn endings_go_by_the_language() {
        let (english, german) = (Language::of_locale(Some("en-GB")), Language::of_locale(Some("de")));
        assert_eq!(english.stem("candles"), english.stem("candle"));
        assert_eq!(german.stem("kerzen"), german.stem("kerze"));
        assert_ne!(english.stem("kerzen"), english.stem("kerze"));
        assert_eq!(Language::of_locale(Some("xx")).stem("words"), "xx:words");
    }

    #[test]
    fn stop_words_go_by_the_language() {
        assert!(Language::of_locale(None).is_stop_word("the"));
        assert!(!Language::of_locale(None).is_stop_word("der"));
        assert!(Language::of_locale(Some("de-AT")).is_stop_word("der"));
    }

    #[test]
    fn greek_words_keep_their_endings_and_none_panics() {
        let greek = Language::of_locale(Some("el-GR"));
        for word in ["ισαισα", "αντιθετε", "καφεσ", "ποτηρια"] {
            assert_eq!(greek.stem(word), format!("el:{word}"));
        }
    }

    #[test]
    fn an_algorithm_that_panics_leaves_the_word_as_it_is() {
        assert_eq!(["αντιθετε", "ισαισα"].map(|word| stem_by(Algorithm::Greek, word)), [None, None]);
        assert_eq!(stem_by(Algorithm::English, "mugs").as_deref(), Some("mug"));
    }

    /// Those of all languages that have one.
    fn algorithms() -> Vec<(String, Algorithm)> {
        let letters = || 'a'..='z';
        let codes = letters().flat_map(|first| letters().map(move |second| format!("{first}{second}")));
        codes.filter_map(|code| Some((code.clone(), Language(code).algorithm()?))).collect()
    }

    /// Words of one script, of few letters so that endings come up, and of several scripts at once.
    fn word() -> impl Strategy<Value = String> {
        prop_oneof![
            "[a-z]{0,40}",
            "[aeilnrstu]{0,40}",
            "[a-zß-öø-ÿăąćęğıłńőœřśşšţțűůž]{0,40}",
            "[а-яё]{0,40}",
            "[авеиоуылмнстйья]{0,40}",
            "[\u{621}-\u{652}]{0,40}",
            "[اأىةلوينتكهمس]{0,40}",
            "[\u{b83}-\u{bcd}]{0,40}",
            "[கதனமலவளற\u{bbe}-\u{bcd}]{0,40}",
            "[α-ωάέήίόύώϊϋ]{0,40}",
            "[a-eé-ëışаеиоуьαειστاليو\u{bbf}\u{bcd}மவ0-9]{0,40}",
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4_000))]

        #[test]
        fn no_algorithm_panics(word in word()) {
            for (code, algorithm) in algorithms() {
                prop_assert!(stem_by(algorithm, &word).is_some(), "{} {}", code, word);
            }
        }
    }
}
