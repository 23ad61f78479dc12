//! Searches.

use super::{Happening, Measure, Share};
use crate::domain::visit::What;

pub(crate) const MEASURE: Measure = Measure { name: "searches", share };

fn share(happening: &Happening<'_>) -> Share {
    let Happening::Visit(visit) = happening else { return Share::Nothing };
    match &visit.what {
        What::SearchPerformed(_) => Share::Count(1),
        What::ProductViewed(_) | What::ResultClicked(_) | What::ListViewed(_) => Share::Nothing,
    }
}
