//! Languages by their BCP 47 tag.

use icu_locale_core::LanguageIdentifier;

use super::refusal::Reason;

const MAX_LOCALES: usize = 50;

/// The canonical tag: `EN-gb` becomes `en-GB`.
pub(crate) fn locale_tag(raw: &str) -> Result<String, Reason> {
    let tag = LanguageIdentifier::try_from_str(raw.trim())
        .map_err(|_| Reason::Invalid { expected: "a BCP 47 language tag, such as en-GB, is expected" })?;
    if tag.language.is_unknown() {
        return Err(Reason::Invalid { expected: "the tag must name a language" });
    }
    Ok(tag.to_string())
}

/// Tags in the order of preference; the first is the default. At least one.
pub(crate) fn locales(raw: &[String]) -> Result<Vec<String>, Reason> {
    if raw.is_empty() {
        return Err(Reason::Required);
    }
    if raw.len() > MAX_LOCALES {
        return Err(Reason::TooMany { max: MAX_LOCALES });
    }
    let mut tags = Vec::with_capacity(raw.len());
    for tag in raw {
        let tag = locale_tag(tag)?;
        if tags.contains(&tag) {
            return Err(Reason::Duplicate);
        }
        tags.push(tag);
    }
    Ok(tags)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_made_canonical() {
        for (raw, tag) in
            [("en", "en"), ("EN-gb", "en-GB"), ("zh-hant-tw", "zh-Hant-TW"), ("de-1996", "de-1996")]
        {
            assert_eq!(locale_tag(raw), Ok(tag.to_owned()), "{raw}");
        }
        for wrong in ["", "und", "english", "e", "en_", "--", "12"] {
            assert!(matches!(locale_tag(wrong), Err(Reason::Invalid { .. })), "{wrong}");
        }
    }

    #[test]
    fn a_list_names_each_language_once() {
        let list = |tags: &[&str]| locales(&tags.iter().map(ToString::to_string).collect::<Vec<_>>());
        assert_eq!(list(&["de", "EN"]), Ok(vec!["de".to_owned(), "en".to_owned()]));
        assert_eq!(list(&["de", "DE"]), Err(Reason::Duplicate));
        assert_eq!(list(&[]), Err(Reason::Required));
    }
}
