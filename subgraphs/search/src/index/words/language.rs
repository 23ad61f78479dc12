//! What differs between languages: endings of words, and words that say nothing.

use std::collections::BTreeMap;
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

    /// The word without its ending, marked with the language: `en:mug` for `mugs`.
    pub(crate) fn stem(&self, folded: &str) -> String {
        let stem = match self.algorithm() {
            Some(algorithm) => Stemmer::create(algorithm).stem(folded),
            None => folded.into(),
        };
        format!("{}:{stem}", self.0)
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

    fn algorithm(&self) -> Option<Algorithm> {
        Some(match self.0.as_str() {
            "ar" => Algorithm::Arabic,
            "da" => Algorithm::Danish,
            "nl" => Algorithm::Dutch,
            "en" => Algorithm::English,
            "fi" => Algorithm::Finnish,
            "fr" => Algorithm::French,
            "de" => Algorithm::German,
            "el" => Algorithm::Greek,
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

#[cfg(test)]
mod tests {
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
}
