//! Pictures of a product: what is known of each, in which order they stand, which files are taken.

use serde::{Deserialize, Serialize};

use super::ids::MediaId;
use super::product::Product;
use super::refusal::ProductRefusal;
use super::text::{self, TextRefusal};

/// Most pictures of a product.
pub const MAX_MEDIA: usize = 100;
/// Longest alternative text, in characters.
pub const ALT: usize = 500;
/// Largest file, in bytes.
pub const MAX_BYTES: usize = 20 * 1024 * 1024;
/// Longest side of an original, in pixels.
pub const MAX_SIDE: u32 = 12_000;
/// Most pixels of an original: what decoding it may ask of memory.
pub const MAX_PIXELS: u64 = 50_000_000;
/// Widths in pixels that renditions are made in, besides the original's own.
pub const WIDTHS: [u32; 8] = [64, 128, 256, 384, 640, 1024, 1600, 2048];

/// Formats of files and renditions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// image/jpeg
    Jpeg,
    /// image/png
    Png,
    /// image/webp
    Webp,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Jpeg, Self::Png, Self::Webp];

    /// The format that a file's first bytes show, whatever its name or declared type.
    pub fn sniff(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [0xFF, 0xD8, 0xFF, ..] => Some(Self::Jpeg),
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1A, b'\n', ..] => Some(Self::Png),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(Self::Webp),
            _ => None,
        }
    }

    /// The ending of file names.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::Png => "png",
            Self::Webp => "webp",
        }
    }

    /// The media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Webp => "image/webp",
        }
    }

    /// The format with an ending.
    pub fn from_extension(extension: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.extension() == extension)
    }
}

/// How wide a rendition is. A picture is never made larger, whatever its rendition is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// At most one of [`WIDTHS`].
    AtMost(u32),
    /// As wide as the original.
    Full,
}

impl Extent {
    /// What a wish gets: the narrowest that shows as much as the original has of it.
    pub fn wished(width: u32, original: u32) -> Self {
        let needed = width.min(original);
        WIDTHS.into_iter().find(|width| *width >= needed).map_or(Self::Full, Self::AtMost)
    }

    /// The extent with a name; none for widths that renditions are not made in.
    pub fn named(name: &str) -> Option<Self> {
        let all = WIDTHS.into_iter().map(Self::AtMost).chain([Self::Full]);
        all.into_iter().find(|extent| extent.name() == name)
    }

    /// What files of this extent are called.
    pub fn name(self) -> String {
        match self {
            Self::AtMost(width) => width.to_string(),
            Self::Full => "full".to_owned(),
        }
    }

    /// The most pixels in a row.
    pub fn width(self) -> u32 {
        match self {
            Self::AtMost(width) => width,
            Self::Full => MAX_SIDE,
        }
    }
}

/// A picture of a product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Media {
    /// Its id.
    pub id: MediaId,
    /// What the system that it came from calls it; unique within the product.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_reference: Option<String>,
    /// What it shows, for those who cannot see it.
    pub alt: String,
    /// Where its bytes lie.
    pub blob: String,
    /// Format of the original.
    pub format: Format,
    /// Width of the original in pixels.
    pub width: u32,
    /// Height of the original in pixels.
    pub height: u32,
    /// Size of the original in bytes.
    pub bytes: u64,
}

/// Why a picture is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MediaRefusal {
    /// The content is of no format that is taken.
    #[error("must be a JPEG, PNG or WebP picture")]
    Format,
    /// The content cannot be decoded.
    #[error("is damaged and cannot be read")]
    Damaged,
    /// More bytes than are taken.
    #[error("must have at most {MAX_BYTES} bytes")]
    TooManyBytes,
    /// More pixels than are taken.
    #[error("must have at most {MAX_SIDE} pixels a side and {MAX_PIXELS} in all")]
    TooManyPixels,
    /// More pictures than a product holds.
    #[error("a product has at most {MAX_MEDIA} pictures")]
    TooMany,
    /// The order does not name every picture once.
    #[error("the order must name each picture of the product once")]
    Order,
    /// An alternative text that is no good.
    #[error(transparent)]
    Text(#[from] TextRefusal),
}

/// Whether a picture of this size is taken; asked before it is decoded.
pub fn check_size(width: u32, height: u32) -> Result<(), MediaRefusal> {
    let pixels = u64::from(width) * u64::from(height);
    if width == 0 || height == 0 {
        Err(MediaRefusal::Damaged)
    } else if width > MAX_SIDE || height > MAX_SIDE || pixels > MAX_PIXELS {
        Err(MediaRefusal::TooManyPixels)
    } else {
        Ok(())
    }
}

/// A change of a product's pictures.
#[derive(Debug, Clone)]
pub enum MediaChange {
    /// One more, at the end.
    Add(Box<Media>),
    /// Another alternative text.
    Alt(MediaId, String),
    /// What the system that it came from calls it.
    Reference(MediaId, String),
    /// Another order: all ids, the main picture first.
    Order(Vec<MediaId>),
    /// One less; variants no longer point at it.
    Remove(MediaId),
}

impl Product {
    /// Applies one change of its pictures.
    pub(super) fn change_media(&mut self, change: MediaChange) -> Result<(), ProductRefusal> {
        match change {
            MediaChange::Add(media) => {
                if self.media.len() >= MAX_MEDIA {
                    return Err(MediaRefusal::TooMany.into());
                }
                let alt = text::paragraphs(&media.alt, ALT)?;
                self.media.push(Media { alt, ..*media });
            }
            MediaChange::Alt(id, alt) => {
                let found = self.media.iter_mut().find(|media| media.id == id);
                found.ok_or(ProductRefusal::MediaUnknown)?.alt = text::paragraphs(&alt, ALT)?;
            }
            MediaChange::Reference(id, reference) => {
                let reference = text::line(&reference, text::REFERENCE)?;
                let is_held = |media: &Media| media.external_reference.as_ref() == Some(&reference);
                if self.media.iter().any(|media| media.id != id && is_held(media)) {
                    return Err(ProductRefusal::ExternalReferenceTaken);
                }
                let found = self.media.iter_mut().find(|media| media.id == id);
                found.ok_or(ProductRefusal::MediaUnknown)?.external_reference = Some(reference);
            }
            MediaChange::Order(order) => {
                let place = |media: &Media| order.iter().position(|id| *id == media.id);
                let known = self.media.iter().all(|media| place(media).is_some());
                if !known || order.len() != self.media.len() {
                    return Err(MediaRefusal::Order.into());
                }
                self.media.sort_by_key(place);
            }
            MediaChange::Remove(id) => {
                if !self.media.iter().any(|media| media.id == id) {
                    return Err(ProductRefusal::MediaUnknown);
                }
                self.media.retain(|media| media.id != id);
                for variant in &mut self.variants {
                    variant.media.retain(|media| *media != id);
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::product::tests::{AT, product};
    use super::*;

    fn picture() -> Media {
        let id = MediaId::new(AT);
        Media {
            id,
            external_reference: None,
            alt: String::new(),
            blob: "b".into(),
            format: Format::Png,
            width: 9,
            height: 9,
            bytes: 9,
        }
    }

    #[test]
    fn a_format_is_told_by_content() {
        let cases: [(&[u8], _); 5] = [
            (b"\xFF\xD8\xFF\xE0....", Some(Format::Jpeg)),
            (b"\x89PNG\r\n\x1A\n....", Some(Format::Png)),
            (b"RIFF\0\0\0\0WEBPVP8 ", Some(Format::Webp)),
            (b"<svg xmlns='http://www.w3.org/2000/svg'>", None),
            (b"", None),
        ];
        for (bytes, expected) in cases {
            assert_eq!(Format::sniff(bytes), expected);
        }
    }

    #[test]
    fn a_wish_gets_the_narrowest_rendition_that_shows_all_of_it() {
        use Extent::{AtMost, Full};
        let got = [(1, 500), (65, 500), (400, 500), (4_000, 500), (4_000, 9_000)]
            .map(|(w, o)| Extent::wished(w, o));
        assert_eq!(got, [AtMost(64), AtMost(128), AtMost(640), AtMost(640), Full]);
    }

    #[test]
    fn only_extents_that_are_made_have_names() {
        for extent in WIDTHS.into_iter().map(Extent::AtMost).chain([Extent::Full]) {
            assert_eq!(Extent::named(&extent.name()), Some(extent));
        }
        for name in ["77777", "0128", "500", "original", ""] {
            assert_eq!(Extent::named(name), None, "{name}");
        }
    }

    #[test]
    fn an_order_names_each_picture_once() {
        let mut product = product();
        let (a, b) = (picture(), picture());
        for media in [&a, &b] {
            product.change_media(MediaChange::Add(Box::new(media.clone()))).unwrap();
        }
        for bad in [vec![a.id], vec![a.id, a.id], vec![a.id, b.id, b.id]] {
            assert_eq!(product.change_media(MediaChange::Order(bad)), Err(MediaRefusal::Order.into()));
        }
        product.change_media(MediaChange::Order(vec![b.id, a.id])).unwrap();
        assert_eq!(product.media.iter().map(|m| m.id).collect::<Vec<_>>(), [b.id, a.id]);
    }

    #[test]
    fn two_pictures_of_a_product_have_different_references() {
        let mut product = product();
        let (a, b) = (picture(), picture());
        for media in [&a, &b] {
            product.change_media(MediaChange::Add(Box::new(media.clone()))).unwrap();
        }
        product.change_media(MediaChange::Reference(a.id, "front.jpg".into())).unwrap();
        product.change_media(MediaChange::Reference(a.id, "front.jpg".into())).unwrap();
        let again = product.change_media(MediaChange::Reference(b.id, "front.jpg".into()));
        assert_eq!(again, Err(ProductRefusal::ExternalReferenceTaken));
        assert_eq!(product.media[1].external_reference, None);
    }

    #[test]
    fn a_picture_that_goes_leaves_the_variants_too() {
        let mut product = product();
        let media = picture();
        product.change_media(MediaChange::Add(Box::new(media.clone()))).unwrap();
        product.variants[0].media = vec![media.id];
        product.change_media(MediaChange::Remove(media.id)).unwrap();
        assert!(product.variants[0].media.is_empty() && product.check(&BTreeMap::new()).is_empty());
    }
}
