//! Slugs: the readable part of a page's address, unique within a company and a kind of thing.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Longest slug, in characters.
pub const MAX: usize = 120;
/// Most former slugs that redirect to one thing; the oldest give way.
pub const MAX_FORMER: usize = 20;

/// Lower-case letters, digits and single hyphens between them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Slug(String);

/// Why a slug is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be lower-case letters and digits, joined by single hyphens, at most {MAX} characters")]
pub struct SlugRefusal;

impl Slug {
    /// The slug, or a refusal when it is not one. Upper case is lowered rather than refused, since people type slugs
    /// from memory.
    pub fn parse(value: &str) -> Result<Self, SlugRefusal> {
        let value = value.trim().to_ascii_lowercase();
        let letters = |word: &str| {
            !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        };
        if value.len() <= MAX && value.split('-').all(letters) { Ok(Self(value)) } else { Err(SlugRefusal) }
    }

    /// A slug made from a name: transliterated, words joined by hyphens, cut at a word where it is too long.
    ///
    /// `None` when nothing of the name can stand in a slug.
    pub fn derive(name: &str) -> Option<Self> {
        let mut made = String::new();
        for word in slug::slugify(name).split('-').filter(|word| !word.is_empty()) {
            if made.len() + 1 + word.len() > MAX {
                break;
            }
            if !made.is_empty() {
                made.push('-');
            }
            made.push_str(word);
        }
        Self::parse(&made).ok()
    }

    /// This slug with a word added, the whole kept within the longest slug.
    #[must_use]
    pub fn with_suffix(&self, word: &str) -> Self {
        let word: String =
            word.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
        let room = MAX.saturating_sub(word.len() + 1);
        let stem: String = self.0.chars().take(room).collect();
        Self::parse(&format!("{}-{word}", stem.trim_end_matches('-'))).unwrap_or_else(|_| self.clone())
    }

    /// The slug as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Replaces `current` by `next` and keeps the former one as a redirect.
///
/// A thing that takes up one of its former slugs again no longer redirects from it.
pub fn replace(current: &mut Slug, former: &mut Vec<Slug>, next: Slug) {
    if *current == next {
        return;
    }
    former.retain(|slug| *slug != next);
    former.push(std::mem::replace(current, next));
    let surplus = former.len().saturating_sub(MAX_FORMER);
    former.drain(..surplus);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_slug_is_words_joined_by_single_hyphens() {
        for good in ["tea", "white-metal-lantern", "a-1"] {
            assert!(Slug::parse(good).is_ok(), "{good}");
        }
        assert_eq!(Slug::parse(" White-Lantern ").map(|slug| slug.0), Ok("white-lantern".to_owned()));
        for bad in ["", "-a", "a-", "a--b", "tee kanne", "té", &"a".repeat(MAX + 1)] {
            assert_eq!(Slug::parse(bad), Err(SlugRefusal), "{bad}");
        }
    }

    #[test]
    fn a_former_slug_redirects_until_it_is_taken_up_again() {
        let slug = |text| Slug::parse(text).unwrap();
        let (mut current, mut former) = (slug("a"), Vec::new());
        replace(&mut current, &mut former, slug("b"));
        replace(&mut current, &mut former, slug("b"));
        assert_eq!((&current, former.as_slice()), (&slug("b"), [slug("a")].as_slice()));
        replace(&mut current, &mut former, slug("a"));
        assert_eq!((&current, former.as_slice()), (&slug("a"), [slug("b")].as_slice()));
    }

    proptest! {
        #[test]
        fn whatever_is_derived_is_a_slug(name in ".*", suffix in "[a-zA-Z0-9]{1,12}") {
            if let Some(slug) = Slug::derive(&name) {
                prop_assert_eq!(Slug::parse(slug.as_str()), Ok(slug.clone()));
                let longer = slug.with_suffix(&suffix);
                prop_assert!(longer.as_str().len() <= MAX);
                prop_assert_ne!(longer, slug);
            }
        }

        #[test]
        fn the_current_slug_is_never_among_the_former(steps in prop::collection::vec("[a-d]", 0..40)) {
            let (mut current, mut former) = (Slug::parse("start").unwrap(), Vec::new());
            for step in steps {
                replace(&mut current, &mut former, Slug::parse(&step).unwrap());
                prop_assert!(!former.contains(&current));
                prop_assert!(former.len() <= MAX_FORMER);
            }
        }
    }
}
