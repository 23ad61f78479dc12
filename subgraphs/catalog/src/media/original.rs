//! Judges a file by its content alone: its format, its size, and whether it decodes.

use std::io::Cursor;

use image::{DynamicImage, ImageFormat, ImageReader, Limits};

use crate::domain::media::{self, Format, MediaRefusal};

/// Memory that decoding one picture may take: four bytes for each of the most pixels, and as much again to work.
const DECODING_BYTES: u64 = media::MAX_PIXELS * 8;

/// What a file turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Original {
    pub(crate) format: Format,
    /// In pixels.
    pub(crate) width: u32,
    /// In pixels.
    pub(crate) height: u32,
}

/// What `bytes` are. Decodes the whole picture: a file that only starts like one is refused. Takes processor
/// time; call it off the async threads.
pub(crate) fn inspect(bytes: &[u8]) -> Result<Original, MediaRefusal> {
    let (format, picture) = decode(bytes)?;
    Ok(Original { format, width: picture.width(), height: picture.height() })
}

/// The picture of `bytes`. Its size is judged before a pixel is decoded.
pub(super) fn decode(bytes: &[u8]) -> Result<(Format, DynamicImage), MediaRefusal> {
    if bytes.len() > media::MAX_BYTES {
        return Err(MediaRefusal::TooManyBytes);
    }
    let format = Format::sniff(bytes).ok_or(MediaRefusal::Format)?;
    let reader = || ImageReader::with_format(Cursor::new(bytes), coded(format));
    let (width, height) = reader().into_dimensions().map_err(|_| MediaRefusal::Damaged)?;
    media::check_size(width, height)?;
    let mut reader = reader();
    let mut limits = Limits::default();
    limits.max_image_width = Some(media::MAX_SIDE);
    limits.max_image_height = Some(media::MAX_SIDE);
    limits.max_alloc = Some(DECODING_BYTES);
    reader.limits(limits);
    let picture = reader.decode().map_err(|_| MediaRefusal::Damaged)?;
    Ok((format, picture))
}

/// The same format in the words of the crate that codes it.
pub(super) fn coded(format: Format) -> ImageFormat {
    match format {
        Format::Jpeg => ImageFormat::Jpeg,
        Format::Png => ImageFormat::Png,
        Format::Webp => ImageFormat::WebP,
    }
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A picture of a size, in a format.
    pub(in crate::media) fn picture(format: Format, width: u32, height: u32) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        let pixels = image::RgbImage::from_fn(width, height, |x, y| {
            image::Rgb([u8::try_from(x % 256).unwrap(), u8::try_from(y % 256).unwrap(), 128])
        });
        DynamicImage::from(pixels).write_to(&mut bytes, coded(format)).unwrap();
        bytes.into_inner()
    }

    #[test]
    fn each_format_is_told_with_its_size() {
        for format in Format::ALL {
            let found = inspect(&picture(format, 30, 20)).unwrap();
            assert_eq!(found, Original { format, width: 30, height: 20 });
        }
    }

    #[test]
    fn what_is_no_whole_picture_is_refused() {
        let whole = picture(Format::Png, 64, 64);
        let half = &whole[..whole.len() / 2];
        assert_eq!(inspect(half), Err(MediaRefusal::Damaged));
        assert_eq!(inspect(b"<svg xmlns='http://www.w3.org/2000/svg'/>"), Err(MediaRefusal::Format));
        assert_eq!(inspect(&vec![0; media::MAX_BYTES + 1]), Err(MediaRefusal::TooManyBytes));
    }

    #[test]
    fn a_small_file_that_would_decode_to_gigabytes_is_refused_before_it_does() {
        let mut bomb = picture(Format::Png, 8, 8);
        // The size in the header (IHDR): 100,000 × 100,000; its checksum is mended so that only the size is wrong.
        bomb[16..24].copy_from_slice(&[0, 1, 0x86, 0xA0, 0, 1, 0x86, 0xA0]);
        let checksum = crc32(&bomb[12..29]);
        bomb[29..33].copy_from_slice(&checksum.to_be_bytes());
        assert_eq!(inspect(&bomb), Err(MediaRefusal::TooManyPixels));
    }

    fn crc32(bytes: &[u8]) -> u32 {
        !bytes.iter().fold(!0_u32, |sum, byte| {
            (0..8)
                .fold(sum ^ u32::from(*byte), |sum, _| (sum >> 1) ^ (0xEDB8_8320 & (sum & 1).wrapping_neg()))
        })
    }

    proptest! {
        #[test]
        fn no_damage_makes_it_panic(at in 0_usize..400, byte: u8, format in 0_usize..3) {
            let mut bytes = picture(Format::ALL[format], 16, 16);
            let at = at % bytes.len();
            bytes[at] = byte;
            let _ = inspect(&bytes);
        }
    }
}
