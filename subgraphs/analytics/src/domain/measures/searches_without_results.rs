//! Searches that found nothing.

use super::{Happening, Measure, Share};
use crate::domain::visit::What;

pub(crate) const MEASURE: Measure = Measure { name: "searches_without_results", share };

fn share(happening: &Happening<'_>) -> Share {
    let Happening::Visit(visit) = happening else { return Share::Nothing };
    match &visit.what {
        What::SearchPerformed(search) if search.result_count == 0 => Share::Count(1),
        What::SearchPerformed(_) => Share::Nothing,
        What::ProductViewed(_) | What::ResultClicked(_) | What::ListViewed(_) => Share::Nothing,
    }
}
