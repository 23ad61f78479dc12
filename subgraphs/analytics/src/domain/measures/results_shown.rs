//! Searches that found something, by how many results they had: how often something stood at a position.
//! More results than there are positions count as that many.

use super::{Happening, Measure, Share};
use crate::domain::visit::{LAST_POSITION, What};

pub(crate) const MEASURE: Measure = Measure { name: "results_shown", share };

fn share(happening: &Happening<'_>) -> Share {
    let Happening::Visit(visit) = happening else { return Share::Nothing };
    match &visit.what {
        What::SearchPerformed(search) if search.result_count > 0 => {
            Share::Item(search.result_count.min(LAST_POSITION).to_string(), 1)
        }
        What::SearchPerformed(_) => Share::Nothing,
        What::ProductViewed(_) | What::ResultClicked(_) | What::ListViewed(_) => Share::Nothing,
    }
}
