//! Pictures for products that have none: a pattern whose colours and kind follow from the name, so
//! that the same product always gets the same picture.

use std::hash::Hasher;

use png::{BitDepth, ColorType, Encoder, EncodingError, Filter};
use siphasher::sip::SipHasher13;

/// Width and height in pixels: whole bytes at a bit each.
const SIDE: u32 = 320;

/// Paper and ink of a picture, each red, green and blue; muted, as gift wrap is.
const PALETTES: [[[u8; 3]; 2]; 8] = [
    [[0xf6, 0xe7, 0xd8], [0xc8, 0x55, 0x3d]],
    [[0xe3, 0xee, 0xe6], [0x3b, 0x7a, 0x57]],
    [[0xe4, 0xec, 0xf5], [0x35, 0x5c, 0x8c]],
    [[0xfb, 0xe9, 0xee], [0xc2, 0x4d, 0x73]],
    [[0xf7, 0xf1, 0xd9], [0xb8, 0x86, 0x1b]],
    [[0xee, 0xe8, 0xf4], [0x6b, 0x4e, 0x9b]],
    [[0xe8, 0xe6, 0xe1], [0x4a, 0x4a, 0x48]],
    [[0xe0, 0xf0, 0xf0], [0x1f, 0x7a, 0x7a]],
];

/// Whether the ink covers a point. `size` is the pattern's repeat in pixels; down the page it is twice that.
type Pattern = fn(x: u32, y: u32, size: u32) -> bool;

/// Repeats of a pattern, in pixels.
const SIZES: [u32; 4] = [20, 32, 40, 64];

const PATTERNS: [Pattern; 5] = [dots, stripes, gingham, diamonds, waves];

/// A PNG for the product called `name`: a bit for each pixel, so that it takes hundreds of bytes and the demo's
/// hundreds of pictures do not hold up the first start.
pub(super) fn png(name: &str) -> Result<Vec<u8>, EncodingError> {
    let seed = seed(name);
    let [palette, pattern, size, ..] = seed.to_be_bytes().map(usize::from);
    let (palette, pattern, size) =
        (choose(&PALETTES, palette), choose(&PATTERNS, pattern), choose(&SIZES, size));
    let mut png = Vec::new();
    let mut encoder = Encoder::new(&mut png, SIDE, SIDE);
    encoder.set_color(ColorType::Indexed);
    encoder.set_depth(BitDepth::One);
    encoder.set_palette(palette.concat());
    encoder.set_filter(Filter::NoFilter);
    encoder.write_header()?.write_image_data(&draw(pattern, size))?;
    Ok(png)
}

/// The rows from the top, eight pixels in a byte, the leftmost in its highest bit: 1 is ink.
fn draw(pattern: Pattern, size: u32) -> Vec<u8> {
    let octet = |y, left| (left..left + 8).fold(0, |bits, x| bits << 1 | u8::from(pattern(x, y, size)));
    let row = |y| (0..SIDE).step_by(8).map(move |left| octet(y, left));
    let repeat: Vec<_> = (0..2 * size).flat_map(row).collect();
    repeat.into_iter().cycle().take((SIDE * SIDE / 8) as usize).collect()
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
    use std::collections::BTreeSet;

    use itertools::Itertools;

    use super::*;

    #[test]
    fn a_picture_decodes_at_its_size_and_is_the_same_each_time() {
        let picture = png("White Hanging Heart").unwrap();
        let decoded = image::load_from_memory(&picture).unwrap();
        assert_eq!((decoded.width(), decoded.height()), (SIDE, SIDE));
        assert_eq!(picture, png("White Hanging Heart").unwrap());
    }

    #[test]
    fn every_point_is_drawn_as_its_pattern_has_it() {
        for (pattern, size) in PATTERNS.into_iter().cartesian_product(SIZES) {
            let bits = draw(pattern, size);
            assert_eq!(bits.len(), (SIDE * SIDE / 8) as usize);
            for (at, octet) in (0..).zip(bits) {
                let (y, left) = (at / (SIDE / 8), at % (SIDE / 8) * 8);
                for bit in 0..8 {
                    assert_eq!(octet >> (7 - bit) & 1 == 1, pattern(left + bit, y, size), "{bit} of {at}");
                }
            }
        }
    }

    #[test]
    fn a_picture_has_the_two_colours_of_its_palette() {
        for name in ["Mug", "Bag", "Lantern"] {
            let decoded = image::load_from_memory(&png(name).unwrap()).unwrap().into_rgb8();
            let colours: BTreeSet<_> = decoded.pixels().map(|pixel| pixel.0).collect();
            assert!(
                PALETTES.iter().any(|palette| palette.iter().copied().collect::<BTreeSet<_>>() == colours)
            );
        }
    }

    #[test]
    fn a_picture_takes_little_room() {
        for name in ["Mug", "Bag", "Lantern", "Clock", "Bunting", "Tin", "Apron", "Candle"] {
            assert!(png(name).unwrap().len() < 2_048, "{name}");
        }
    }

    #[test]
    fn most_names_get_pictures_of_their_own() {
        let names = ["Mug", "Bag", "Lantern", "Clock", "Bunting", "Tin", "Apron", "Candle"];
        let different: BTreeSet<_> = names.iter().map(|name| png(name).unwrap()).collect();
        assert!(different.len() >= 6, "{} of {}", different.len(), names.len());
    }
}
