//! Views of lists of products.

use super::{Happening, Measure, Share};
use crate::domain::visit::What;

pub(crate) const MEASURE: Measure = Measure { name: "list_views", share };

fn share(happening: &Happening<'_>) -> Share {
    match happening {
        Happening::Visit(visit) => match &visit.what {
            What::ListViewed(_) => Share::Count(1),
            What::ProductViewed(_) | What::SearchPerformed(_) | What::ResultClicked(_) => Share::Nothing,
        },
        Happening::ProductCreated | Happening::ProductPublished => Share::Nothing,
    }
}
