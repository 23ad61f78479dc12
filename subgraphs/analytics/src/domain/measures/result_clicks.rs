//! Clicks on the results of searches.

use super::{Happening, Measure, Share};
use crate::domain::visit::What;

pub(crate) const MEASURE: Measure = Measure { name: "result_clicks", share };

fn share(happening: &Happening<'_>) -> Share {
    let Happening::Visit(visit) = happening else { return Share::Nothing };
    match &visit.what {
        What::ResultClicked(_) => Share::Count(1),
        What::ProductViewed(_) | What::SearchPerformed(_) | What::ListViewed(_) => Share::Nothing,
    }
}
