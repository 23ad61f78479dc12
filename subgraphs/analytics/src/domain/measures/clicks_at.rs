//! Clicks on results, by the position of what was clicked.

use super::{Happening, Measure, Share};
use crate::domain::visit::{LAST_POSITION, What};

pub(crate) const MEASURE: Measure = Measure { name: "clicks_at", share };

fn share(happening: &Happening<'_>) -> Share {
    let Happening::Visit(visit) = happening else { return Share::Nothing };
    match &visit.what {
        What::ResultClicked(click) => Share::Item(click.position.min(LAST_POSITION).to_string(), 1),
        What::ProductViewed(_) | What::SearchPerformed(_) | What::ListViewed(_) => Share::Nothing,
    }
}
