//! How long products were looked at, in milliseconds.

use super::{Happening, Measure, Share};
use crate::domain::visit::What;

pub(crate) const MEASURE: Measure = Measure { name: "viewing_ms", share };

fn share(happening: &Happening<'_>) -> Share {
    let Happening::Visit(visit) = happening else { return Share::Nothing };
    match &visit.what {
        What::ProductViewed(view) => Share::Count(view.duration_ms),
        What::SearchPerformed(_) | What::ResultClicked(_) | What::ListViewed(_) => Share::Nothing,
    }
}
