//! Views by list.

use super::{Happening, Measure, Share};
use crate::domain::visit::What;

pub(crate) const MEASURE: Measure = Measure { name: "lists", share };

fn share(happening: &Happening<'_>) -> Share {
    let Happening::Visit(visit) = happening else { return Share::Nothing };
    match &visit.what {
        What::ListViewed(view) => Share::Item(view.list.clone(), 1),
        What::ProductViewed(_) | What::SearchPerformed(_) | What::ResultClicked(_) => Share::Nothing,
    }
}
