//! Products that became active for the first time.

use super::{Happening, Measure, Share};

pub(crate) const MEASURE: Measure = Measure { name: "products_published", share };

fn share(happening: &Happening<'_>) -> Share {
    match happening {
        Happening::ProductPublished => Share::Count(1),
        Happening::Visit(_) | Happening::ProductCreated => Share::Nothing,
    }
}
