//! Products that were made.

use super::{Happening, Measure, Share};

pub(crate) const MEASURE: Measure = Measure { name: "products_created", share };

fn share(happening: &Happening<'_>) -> Share {
    match happening {
        Happening::ProductCreated => Share::Count(1),
        Happening::Visit(_) | Happening::ProductPublished => Share::Nothing,
    }
}
