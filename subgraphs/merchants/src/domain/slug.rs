//! The short name of a company or shop in web addresses.

use std::fmt;

use super::refusal::Reason;

const MAX: usize = 64;

/// Lower-case ASCII letters and digits in groups joined by single hyphens: `corner-shop-2`.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Slug(String);

impl Slug {
    /// Upper case is lowered rather than refused, since people type slugs from memory.
    pub(crate) fn parse(raw: &str) -> Result<Self, Reason> {
        let slug = raw.trim().to_ascii_lowercase();
        if slug.is_empty() {
            return Err(Reason::Required);
        }
        if slug.len() > MAX {
            return Err(Reason::TooLong { max: MAX });
        }
        let is_group = |group: &str| {
            !group.is_empty() && group.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        };
        if !slug.split('-').all(is_group) {
            return Err(Reason::Invalid {
                expected: "letters a to z, digits and single hyphens between them are allowed",
            });
        }
        Ok(Self(slug))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// A slug that was checked when it was stored.
    pub(crate) fn from_stored(slug: String) -> Self {
        Self(slug)
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn slugs_are_groups_of_letters_and_digits() {
        for (raw, slug) in [("demo", "demo"), (" Demo-2 ", "demo-2"), ("a", "a"), ("7-up", "7-up")] {
            assert_eq!(Slug::parse(raw).map(|s| s.0), Ok(slug.to_owned()), "{raw}");
        }
        for raw in ["-a", "a-", "a--b", "a b", "café", "a/b", "a.b", "a_b"] {
            assert!(matches!(Slug::parse(raw), Err(Reason::Invalid { .. })), "{raw}");
        }
        assert_eq!(Slug::parse(" "), Err(Reason::Required));
        assert_eq!(Slug::parse(&"a".repeat(65)), Err(Reason::TooLong { max: 64 }));
    }

    proptest! {
        #[test]
        fn a_parsed_slug_parses_to_itself(raw in "\\PC{0,80}") {
            if let Ok(slug) = Slug::parse(&raw) {
                prop_assert_eq!(Slug::parse(slug.as_str()), Ok(slug));
            }
        }
    }
}
