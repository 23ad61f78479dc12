//! Clicks on results, by product.

use super::{Happening, Measure, Share};
use crate::domain::visit::What;

pub(crate) const MEASURE: Measure = Measure { name: "product_clicks", share };

fn share(happening: &Happening<'_>) -> Share {
    let Happening::Visit(visit) = happening else { return Share::Nothing };
    match &visit.what {
        What::ResultClicked(click) => Share::Item(click.product.to_string(), 1),
        What::ProductViewed(_) | What::SearchPerformed(_) | What::ListViewed(_) => Share::Nothing,
    }
}
