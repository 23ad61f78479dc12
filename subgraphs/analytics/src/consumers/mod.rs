//! What analytics does because of events: it counts them, and keeps a copy of facts.

mod companies;
mod folding;
mod openings;
mod owners;
mod products;
mod shops;
mod visits;

pub(crate) use companies::LearnCompanies;
pub(crate) use folding::Folding;
pub(crate) use openings::FoldShops;
pub(crate) use owners::LearnOwners;
pub(crate) use products::FoldProducts;
pub(crate) use shops::LearnShops;
pub(crate) use visits::{FoldVisits, REMEMBERED, forgetting};
