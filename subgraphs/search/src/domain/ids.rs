//! Typed ids of what search names and others own, and of its own settings.

use souk_kit::id::{Id, Kind};

pub use crate::index::document::{ProductId, ProductKind};

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident, $id:ident = $prefix:literal;)+) => {$(
        $(#[$doc])*
        #[derive(Debug)]
        pub enum $kind {}
        impl Kind for $kind {
            const PREFIX: &'static str = $prefix;
        }
        $(#[$doc])*
        pub type $id = Id<$kind>;
    )+};
}

kinds! {
    /// A variant of a product.
    VariantKind, VariantId = "var";
    /// A category of a company's tree.
    CategoryKind, CategoryId = "cat";
    /// A price list.
    PriceListKind, PriceListId = "plist";
    /// The search settings of one company.
    SettingsKind, SettingsId = "ssets";
}
