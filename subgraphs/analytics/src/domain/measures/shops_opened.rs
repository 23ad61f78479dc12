//! Shops that were opened: made, or activated again.

use super::{Happening, Measure, Share};

pub(crate) const MEASURE: Measure = Measure { name: "shops_opened", share };

fn share(happening: &Happening<'_>) -> Share {
    let Happening::ShopOpened = happening else { return Share::Nothing };
    Share::Count(1)
}
