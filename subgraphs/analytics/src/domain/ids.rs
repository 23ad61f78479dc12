//! The typed ids of what others own and analytics counts; ids of companies and shops come from the kit.

use souk_kit::id::{Id, Kind};

/// A product of the catalogue.
#[derive(Debug)]
pub enum ProductKind {}

impl Kind for ProductKind {
    const PREFIX: &'static str = "prod";
}

/// A product of the catalogue.
pub type ProductId = Id<ProductKind>;
