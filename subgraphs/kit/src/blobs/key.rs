//! Names of blobs: paths that mean the same in a folder and in S3, and that cannot leave either.

use std::fmt;
use std::str::FromStr;

use object_store::path::Path;

/// The longest key, in bytes: what S3 allows.
const LONGEST: usize = 1024;

/// A path of segments of lower-case letters, digits, `_`, `-` and `.`, such as `media/comp_01h…/front.webp`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlobKey(Path);

/// The text is no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a key has 1 to 1024 letters (a-z), digits, `_`, `-` and `.`, in segments that `/` separates and that start with a letter or digit"
)]
pub struct InvalidBlobKey;

impl BlobKey {
    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    /// A key that the store itself named.
    pub(super) fn stored(path: Path) -> Self {
        Self(path)
    }
}

impl FromStr for BlobKey {
    type Err = InvalidBlobKey;

    fn from_str(text: &str) -> Result<Self, InvalidBlobKey> {
        let segment = |segment: &str| {
            segment.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
                && segment
                    .chars()
                    .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-' | '.'))
        };
        if text.len() > LONGEST || !text.split('/').all(segment) {
            return Err(InvalidBlobKey);
        }
        Path::parse(text).map(Self).map_err(|_| InvalidBlobKey)
    }
}

impl fmt::Display for BlobKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_ref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_cannot_leave_its_folder_or_hide_in_it() {
        for text in [
            "", "/", "a//b", "../a", "a/..", "a/../b", ".hidden", "a/.b", "/a", "a/", "A", "a b", "a\\b",
            "ä", "a\0",
        ] {
            assert_eq!(text.parse::<BlobKey>(), Err(InvalidBlobKey), "{text:?}");
        }
        assert!("a".repeat(1025).parse::<BlobKey>().is_err());
        assert_eq!(
            "media/comp_01/front.webp".parse::<BlobKey>().unwrap().to_string(),
            "media/comp_01/front.webp"
        );
    }
}
