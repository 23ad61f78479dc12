//! Pictures for products that have none: a pattern whose colours and kind follow from the name, so
//! that the same product always gets the same picture.

use std::hash::Hasher;

use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder, Rgb};
use siphasher::sip::SipHasher13;

/// Width and height in pixels.
pub(super) const SIDE: u32 = 320;

/// Paper and ink of a picture; muted, as gift wrap is.
const PALETTES: [[Rgb<u8>; 2]; 8] = [
    [Rgb([0xf6, 0xe7, 0xd8]), Rgb([0xc8, 0x55, 0x3d])],
    [Rgb([0xe3, 0xee, 0xe6]), Rgb([0x3b, 0x7a, 0x57])],
    [Rgb([0xe4, 0xec, 0xf5]), Rgb([0x35, 0x5c, 0x8c])],
    [Rgb([0xfb, 0xe9, 0xee]), Rgb([0xc2, 0x4d, 0x73])],
    [Rgb([0xf7, 0xf1, 0xd9]), Rgb([0xb8, 0x86, 0x1b])],
    [Rgb([0xee, 0xe8, 0xf4]), Rgb([0x6b, 0x4e, 0x9b])],
    [Rgb([0xe8, 0xe6, 0xe1]), Rgb([0x4a, 0x4a, 0x48])],
    [Rgb([0xe0, 0xf0, 0xf0]), Rgb([0x1f, 0x7a, 0x7a])],
];

/// Whether the ink covers a point; `size` is the pattern's repeat in pixels.
type Pattern = fn(x: u32, y: u32, size: u32) -> bool;

/// Repeats of a pattern, in pixels.
const SIZES: [u32; 4] = [20, 32, 40, 64];

const PATTERNS: [Pattern; 5] = [dots, stripes, gingham, diamonds, waves];

/// A PNG for the product called `name`.
pub(super) fn png(name: &str) -> Result<Vec<u8>, image::ImageError> {
    let seed = seed(name);
    let [palette, pattern, size, ..] = seed.to_be_bytes().map(usize::from);
    let ([paper, ink], pattern, size) =
        (choose(&PALETTES, palette), choose(&PATTERNS, pattern), choose(&SIZES, size));
    let mut pixels = Vec::with_capacity((SIDE * SIDE * 3) as usize);
    for y in 0..SIDE {
        for x in 0..SIDE {
            pixels.extend_from_slice(if pattern(x, y, size) { &ink.0 } else { &paper.0 });
        }
    }
    let mut png = Vec::new();
    PngEncoder::new_with_quality(&mut png, CompressionType::Fast, FilterType::NoFilter).write_image(
        &pixels,
        SIDE,
        SIDE,
        ExtendedColorType::Rgb8,
    )?;
    Ok(png)
}

/// One of the choices, for any number.
fn choose<T: Copy, const N: usize>(choices: &[T; N], number: usize) -> T {
    const { assert!(N > 0) };
    #[expect(clippy::indexing_slicing, reason = "the remainder is below the length, which is not 0")]
    choices[number % N]
}

fn seed(name: &str) -> u64 {
    let mut hasher = SipHasher13::new();
    hasher.write(name.as_bytes());
    hasher.finish()
}

fn dots(x: u32, y: u32, size: u32) -> bool {
    let odd_row = (y / size) % 2;
    let (dx, dy) = ((x + odd_row * size / 2) % size, y % size);
    let from_centre = |at: u32| at.abs_diff(size / 2).pow(2);
    from_centre(dx) + from_centre(dy) < (size * 3 / 10).pow(2)
}

fn stripes(x: u32, y: u32, size: u32) -> bool {
    (x + y) % size < size / 3
}

fn gingham(x: u32, y: u32, size: u32) -> bool {
    match (x % size < size / 2, y % size < size / 2) {
        (true, true) => true,
        (true, false) | (false, true) => (x + y).is_multiple_of(2),
        (false, false) => false,
    }
}

fn diamonds(x: u32, y: u32, size: u32) -> bool {
    (x % size).abs_diff(size / 2) + (y % size).abs_diff(size / 2) < size / 3
}

fn waves(x: u32, y: u32, size: u32) -> bool {
    let swing = (x % size).abs_diff(size / 2);
    (y + swing) % size < size / 3
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_decodes_at_its_size_and_is_the_same_each_time() {
        let picture = png("White Hanging Heart").unwrap();
        let decoded = image::load_from_memory(&picture).unwrap();
        assert_eq!((decoded.width(), decoded.height()), (SIDE, SIDE));
        assert_eq!(picture, png("White Hanging Heart").unwrap());
    }

    #[test]
    fn most_names_get_pictures_of_their_own() {
        let names = ["Mug", "Bag", "Lantern", "Clock", "Bunting", "Tin", "Apron", "Candle"];
        let different: std::collections::BTreeSet<_> = names.iter().map(|name| png(name).unwrap()).collect();
        assert!(different.len() >= 6, "{} of {}", different.len(), names.len());
    }
}
