//! Searches that found nothing, by text.

use super::{Happening, Measure, Share};
use crate::domain::visit::What;

pub(crate) const MEASURE: Measure = Measure { name: "search_texts_without_results", share };

fn share(happening: &Happening<'_>) -> Share {
    let Happening::Visit(visit) = happening else { return Share::Nothing };
    match &visit.what {
        What::SearchPerformed(search) if search.result_count == 0 => match &search.text {
            Some(text) => Share::Item(text.as_str().to_owned(), 1),
            None => Share::Nothing,
        },
        What::SearchPerformed(_) => Share::Nothing,
        What::ProductViewed(_) | What::ResultClicked(_) | What::ListViewed(_) => Share::Nothing,
    }
}
