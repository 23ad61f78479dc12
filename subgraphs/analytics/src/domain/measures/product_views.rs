//! Views by product.

use super::{Happening, Measure, Share};
use crate::domain::visit::What;

pub(crate) const MEASURE: Measure = Measure { name: "product_views", share };

fn share(happening: &Happening<'_>) -> Share {
    let Happening::Visit(visit) = happening else { return Share::Nothing };
    match &visit.what {
        What::ProductViewed(view) => Share::Item(view.product.to_string(), 1),
        What::SearchPerformed(_) | What::ResultClicked(_) | What::ListViewed(_) => Share::Nothing,
    }
}
