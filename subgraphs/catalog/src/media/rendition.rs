//! Cuts a picture to a width and codes it in a format.

use std::io::Cursor;

use image::DynamicImage;
use image::codecs::jpeg::JpegEncoder;
use image::imageops::FilterType;

use super::original::{coded, decode};
use crate::domain::media::{Format, MediaRefusal};

/// What a JPEG keeps of the picture, of 100: where shop systems commonly set it.
const JPEG_QUALITY: u8 = 82;

/// The picture of `bytes`, at most `width` pixels wide, in `format`. It is never made larger. Takes processor
/// time; call it off the async threads.
pub(super) fn render(bytes: &[u8], width: u32, format: Format) -> Result<Vec<u8>, MediaRefusal> {
    let (_, picture) = decode(bytes)?;
    let picture = if picture.width() > width { shrink(&picture, width) } else { picture };
    let mut out = Cursor::new(Vec::new());
    let coded = match format {
        // JPEG has no transparency.
        Format::Jpeg => DynamicImage::from(picture.into_rgb8())
            .write_with_encoder(JpegEncoder::new_with_quality(&mut out, JPEG_QUALITY)),
        // Eight bits a channel is what the encoder takes.
        Format::Webp => DynamicImage::from(picture.into_rgba8()).write_to(&mut out, coded(format)),
        Format::Png => picture.write_to(&mut out, coded(format)),
    };
    coded.map_err(|_| MediaRefusal::Damaged)?;
    Ok(out.into_inner())
}

fn shrink(picture: &DynamicImage, width: u32) -> DynamicImage {
    let height = u64::from(picture.height()) * u64::from(width) / u64::from(picture.width().max(1));
    let height = u32::try_from(height).unwrap_or(u32::MAX).max(1);
    picture.resize_exact(width, height, FilterType::CatmullRom)
}

#[cfg(test)]
mod tests {
    use super::super::original::tests::picture;
    use super::*;

    #[test]
    fn every_format_turns_into_every_other_at_the_width() {
        for from in Format::ALL {
            for to in Format::ALL {
                let rendered = render(&picture(from, 200, 100), 50, to).unwrap();
                let (format, picture) = decode(&rendered).unwrap();
                assert_eq!((format, picture.width(), picture.height()), (to, 50, 25), "{from:?} to {to:?}");
            }
        }
    }

    #[test]
    fn a_picture_is_never_made_larger_and_never_vanishes() {
        let size = |bytes: &[u8], width| {
            let (_, picture) = decode(&render(bytes, width, Format::Png).unwrap()).unwrap();
            (picture.width(), picture.height())
        };
        assert_eq!(size(&picture(Format::Jpeg, 40, 30), 640), (40, 30));
        assert_eq!(size(&picture(Format::Jpeg, 1_000, 2), 64), (64, 1));
    }
}
