//! The typed ids of what the catalogue owns; ids of companies and shops come from the kit.

use souk_kit::id::{Id, Kind};

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
    /// A product.
    ProductKind, ProductId = "prod";
    /// A variant: what is priced, stocked and sold.
    VariantKind, VariantId = "var";
    /// A category of a company's tree.
    CategoryKind, CategoryId = "cat";
    /// A collection of products.
    CollectionKind, CollectionId = "coll";
    /// A list of prices for a group, a shop or a season.
    PriceListKind, PriceListId = "plist";
    /// A picture of a product.
    MediaKind, MediaId = "media";
    /// The definition of a typed attribute.
    AttributeKind, AttributeId = "attr";
}
