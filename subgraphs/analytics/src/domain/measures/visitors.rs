//! Different visitors, of those who have agreed to being told apart.

use super::{Happening, Measure, Share};

pub(crate) const MEASURE: Measure = Measure { name: "visitors", share };

fn share(happening: &Happening<'_>) -> Share {
    let Happening::Visit(visit) = happening else { return Share::Nothing };
    match visit.visitor {
        Some(visitor) => Share::Visitor(visitor.hash()),
        None => Share::Nothing,
    }
}
