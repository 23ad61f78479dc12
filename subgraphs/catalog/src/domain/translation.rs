//! Texts in other locales, and which of them a reader gets.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::html::RichText;
use super::locale::Locale;
use super::text::{self, TextRefusal};

/// Most locales that one thing is translated to.
pub const MAX_LOCALES: usize = 50;
/// Longest SEO title, in characters.
pub const SEO_TITLE: usize = 255;
/// Longest SEO description, in characters.
pub const SEO_DESCRIPTION: usize = 1_000;
/// Most features of a product.
pub const MAX_FEATURES: usize = 50;
/// Longest feature, in characters.
pub const FEATURE: usize = 500;

/// What search engines are told.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seo {
    /// Title of the page; none means the name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Description of the page; none means the beginning of the description.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

impl Seo {
    /// Trimmed and bounded, or why not.
    pub fn checked(self) -> Result<Self, TextRefusal> {
        Ok(Self {
            title: text::optional_line(self.title.as_deref(), SEO_TITLE)?,
            description: text::optional_line(self.description.as_deref(), SEO_DESCRIPTION)?,
        })
    }
}

/// Feature lines trimmed and bounded, or why not.
pub fn features(lines: &[String]) -> Result<Vec<String>, TextRefusal> {
    if lines.len() > MAX_FEATURES {
        return Err(TextRefusal::TooLong { max: MAX_FEATURES });
    }
    lines.iter().map(|one| text::line(one, FEATURE)).collect()
}

/// The texts of one locale; what is none falls back to the next locale of the chain.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Translation {
    /// Name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Description.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<RichText>,
    /// Feature lines of a product.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub features: Option<Vec<String>>,
    /// What search engines are told.
    #[serde(default)]
    pub seo: Seo,
}

/// A translation as somebody writes it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TranslationDraft {
    /// The language tag.
    pub locale: String,
    /// Name.
    pub name: Option<String>,
    /// Description as HTML.
    pub description: Option<String>,
    /// Feature lines.
    pub features: Option<Vec<String>>,
    /// What search engines are told.
    pub seo: Seo,
}

/// Why a translation is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TranslationRefusal {
    /// Not a language tag.
    #[error("must be a language tag such as `de` or `de-CH`")]
    Locale,
    /// More locales than a thing is translated to.
    #[error("must have at most {MAX_LOCALES} translations")]
    TooMany,
    /// A text that is not good.
    #[error(transparent)]
    Text(#[from] TextRefusal),
}

/// A thing's translations by locale.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Translations(BTreeMap<Locale, Translation>);

impl Translations {
    /// Sets the texts of one locale, in place of what stood there; a draft without any text takes them away.
    pub fn set(&mut self, draft: TranslationDraft) -> Result<(), TranslationRefusal> {
        let locale = Locale::parse(&draft.locale).map_err(|_| TranslationRefusal::Locale)?;
        let translation = Translation {
            name: text::optional_line(draft.name.as_deref(), text::NAME)?,
            description: draft.description.as_deref().map(RichText::clean).transpose()?,
            features: draft.features.as_deref().map(features).transpose()?,
            seo: draft.seo.checked()?,
        };
        if translation == Translation::default() {
            self.0.remove(&locale);
            return Ok(());
        }
        if self.0.len() >= MAX_LOCALES && !self.0.contains_key(&locale) {
            return Err(TranslationRefusal::TooMany);
        }
        self.0.insert(locale, translation);
        Ok(())
    }

    /// The first text that the chain of `locale` has: itself, its shorter forms; none sends the reader to
    /// the text in the company's own language.
    pub fn pick<'a, T>(
        &'a self,
        locale: Option<&Locale>,
        text: impl Fn(&'a Translation) -> Option<T>,
    ) -> Option<T> {
        let tags = locale.into_iter().flat_map(Locale::fallbacks);
        tags.filter_map(|tag| Locale::parse(tag).ok()).find_map(|tag| self.0.get(&tag).and_then(&text))
    }

    /// All translations in the order of their tags.
    pub fn iter(&self) -> impl Iterator<Item = (&Locale, &Translation)> {
        self.0.iter()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn translated(names: &[(&str, &str)]) -> Translations {
        let mut all = Translations::default();
        for (locale, name) in names {
            let name = Some((*name).to_owned());
            all.set(TranslationDraft { locale: (*locale).to_owned(), name, ..Default::default() }).unwrap();
        }
        all
    }

    #[test]
    fn a_reader_gets_the_nearest_locale_and_else_the_companys_own() {
        let all = translated(&[("de", "Kanne"), ("de-CH", "Chrueg")]);
        let cases =
            [("de-CH", Some("Chrueg")), ("de-AT", Some("Kanne")), ("de", Some("Kanne")), ("fr", None)];
        for (locale, expected) in cases {
            let locale = Locale::parse(locale).unwrap();
            assert_eq!(all.pick(Some(&locale), |t| t.name.as_deref()), expected, "{locale}");
        }
        assert_eq!(all.pick(None, |t| t.name.as_deref()), None);
    }

    #[test]
    fn each_text_falls_back_on_its_own() {
        let mut all = translated(&[("de", "Kanne")]);
        let draft = TranslationDraft {
            locale: "de-CH".into(),
            description: Some("<p>Gross</p>".into()),
            ..Default::default()
        };
        all.set(draft).unwrap();
        let swiss = Locale::parse("de-CH").unwrap();
        assert_eq!(all.pick(Some(&swiss), |t| t.name.as_deref()), Some("Kanne"));
        let description = all.pick(Some(&swiss), |t| t.description.as_ref());
        assert_eq!(description.map(|d| d.plain.as_str()), Some("Gross"));
    }

    #[test]
    fn a_translation_without_texts_is_taken_away() {
        let mut all = translated(&[("de", "Kanne")]);
        all.set(TranslationDraft { locale: "DE".into(), ..Default::default() }).unwrap();
        assert!(all.is_empty());
    }
}
