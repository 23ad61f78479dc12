//! Products that were made.

use super::{Happening, Measure, Share};

pub(crate) const MEASURE: Measure = Measure { name: "products_created", share };

fn share(happening: &Happening<'_>) -> Share {
    let Happening::ProductCreated = happening else { return Share::Nothing };
    Share::Count(1)
}
