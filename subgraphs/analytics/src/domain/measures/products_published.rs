//! Products that became active for the first time.

use super::{Happening, Measure, Share};

pub(crate) const MEASURE: Measure = Measure { name: "products_published", share };

fn share(happening: &Happening<'_>) -> Share {
    let Happening::ProductPublished = happening else { return Share::Nothing };
    Share::Count(1)
}
