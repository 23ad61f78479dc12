//! Locales as BCP 47 language tags, and the chain of them that a reader falls back along.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A language tag in canonical case: `de`, `de-CH`, `zh-Hant-TW`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Locale(String);

/// Why a locale is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be a language tag such as `de` or `de-CH`")]
pub struct LocaleRefusal;

impl Locale {
    /// Reads a tag of language, optional script, optional region (RFC 5646, section 2.1) in any case.
    pub fn parse(tag: &str) -> Result<Self, LocaleRefusal> {
        let mut subtags = tag.split(['-', '_']);
        let language = subtags.next().unwrap_or_default();
        if !(matches!(language.len(), 2 | 3) && is_alphabetic(language)) {
            return Err(LocaleRefusal);
        }
        let mut canonical = language.to_ascii_lowercase();
        let mut seen_region = false;
        for (position, subtag) in subtags.enumerate() {
            let is_script = position == 0 && subtag.len() == 4 && is_alphabetic(subtag);
            let is_region = !seen_region
                && (subtag.len() == 2 && is_alphabetic(subtag)
                    || subtag.len() == 3 && subtag.bytes().all(|b| b.is_ascii_digit()));
            canonical.push('-');
            if is_script {
                let mut letters = subtag.chars();
                canonical.extend(letters.next().map(|c| c.to_ascii_uppercase()));
                canonical.extend(letters.map(|c| c.to_ascii_lowercase()));
            } else if is_region {
                seen_region = true;
                canonical.push_str(&subtag.to_ascii_uppercase());
            } else {
                return Err(LocaleRefusal);
            }
        }
        Ok(Self(canonical))
    }

    /// The tag.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// This locale, then each shorter one: `zh-Hant-TW`, `zh-Hant`, `zh` (RFC 4647, section 3.4: lookup).
    pub fn fallbacks(&self) -> impl Iterator<Item = &str> {
        std::iter::successors(Some(self.0.as_str()), |tag| tag.rsplit_once('-').map(|(shorter, _)| shorter))
    }
}

fn is_alphabetic(subtag: &str) -> bool {
    subtag.bytes().all(|b| b.is_ascii_alphabetic())
}

impl fmt::Display for Locale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn tags_are_read_in_any_case_and_kept_in_canonical_case() {
        let cases = [
            ("de", Some("de")),
            ("DE_ch", Some("de-CH")),
            ("zh-hant-tw", Some("zh-Hant-TW")),
            ("es-419", Some("es-419")),
            ("", None),
            ("d", None),
            ("de-", None),
            ("de-CH-AT", None),
            ("de-CH-Latn", None),
            ("äb", None),
        ];
        for (given, expected) in cases {
            assert_eq!(Locale::parse(given).ok().as_ref().map(Locale::as_str), expected, "{given}");
        }
    }

    #[test]
    fn a_locale_falls_back_to_its_shorter_forms() {
        let locale = Locale::parse("zh-Hant-TW").unwrap();
        assert_eq!(locale.fallbacks().collect::<Vec<_>>(), ["zh-Hant-TW", "zh-Hant", "zh"]);
    }

    proptest! {
        #[test]
        fn no_text_panics_and_what_is_read_reads_again(text in ".*") {
            if let Ok(locale) = Locale::parse(&text) {
                prop_assert_eq!(Locale::parse(locale.as_str()), Ok(locale.clone()));
            }
        }
    }
}
