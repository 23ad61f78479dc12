//! Who searched by which text and found something: a text is told to others only when several visitors had it. Kept no
//! longer than that is asked for.

use super::{Happening, Measure, Share};
use crate::domain::visit::What;

pub(crate) const MEASURE: Measure = Measure { name: "searchers", share };

/// Letters of an item that stand for the visitor; the text follows.
pub(crate) const SEARCHER: usize = 16;

fn share(happening: &Happening<'_>) -> Share {
    let Happening::Visit(visit) = happening else { return Share::Nothing };
    match &visit.what {
        What::SearchPerformed(search) if search.result_count > 0 => match (&search.text, visit.visitor) {
            (Some(text), Some(visitor)) => {
                let (text, width) = (text.as_str(), SEARCHER);
                Share::Item(format!("{:0width$x}{text}", visitor.hash_for(text)), 1)
            }
            _ => Share::Nothing,
        },
        What::SearchPerformed(_) => Share::Nothing,
        What::ProductViewed(_) | What::ResultClicked(_) | What::ListViewed(_) => Share::Nothing,
    }
}
