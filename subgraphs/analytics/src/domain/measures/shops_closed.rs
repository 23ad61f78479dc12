//! Shops that were closed: deactivated.

use super::{Happening, Measure, Share};

pub(crate) const MEASURE: Measure = Measure { name: "shops_closed", share };

fn share(happening: &Happening<'_>) -> Share {
    let Happening::ShopClosed = happening else { return Share::Nothing };
    Share::Count(1)
}
