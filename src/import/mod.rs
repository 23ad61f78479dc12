//! Brings products in: sources read them one at a time, a [`Target`] sends them to the catalogue in batches.

mod categories;
mod images;
pub(crate) mod online_retail;
pub(crate) mod product;
mod report;
mod rows;
pub(crate) mod shopify;
mod target;

pub(crate) use report::Report;
pub(crate) use target::{Outcome, Target};
