//! Who may change what of a product: company admins everything, shop people what lies within their shops.

use souk_kit::id::ShopId;

use super::change::Change;
use super::product::Product;
use super::refusal::ProductRefusal;

/// A caller, as far as writing products is concerned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Writer {
    /// May write every product of the company.
    Company,
    /// May write products whose listed assortment lies within these shops.
    ShopManager(Vec<ShopId>),
    /// May change the texts, tags and pictures of those, and no more.
    ShopStaff(Vec<ShopId>),
}

impl Writer {
    /// Whether the writer may write this product at all, as it stands.
    pub fn may_write(&self, product: &Product) -> Result<(), ProductRefusal> {
        let within = match self {
            Self::Company => true,
            Self::ShopManager(shops) | Self::ShopStaff(shops) => product.assortment.lies_within(shops),
        };
        if within { Ok(()) } else { Err(ProductRefusal::OutsideYourShops) }
    }

    /// Whether the writer may create products.
    pub fn may_create(&self) -> Result<(), ProductRefusal> {
        match self {
            Self::Company | Self::ShopManager(_) => Ok(()),
            Self::ShopStaff(_) => Err(ProductRefusal::FieldForbidden),
        }
    }

    /// Whether the writer may make this change. A manager cannot carry a product out of the own shops,
    /// which [`Writer::may_write`] on the outcome makes sure of.
    pub fn may_change(&self, change: &Change) -> Result<(), ProductRefusal> {
        match self {
            Self::Company | Self::ShopManager(_) => Ok(()),
            Self::ShopStaff(_) if is_open_to_staff(change) => Ok(()),
            Self::ShopStaff(_) => Err(ProductRefusal::FieldForbidden),
        }
    }
}

/// The fields that shop staff keep: description, features, specifications, tags, SEO, translations, pictures.
fn is_open_to_staff(change: &Change) -> bool {
    match change {
        Change::Description(_)
        | Change::Features(_)
        | Change::Specifications(_)
        | Change::Tags(_)
        | Change::Seo(_)
        | Change::Translation(_)
        | Change::Media(_) => true,
        Change::ExternalReference(_)
        | Change::Slug(_)
        | Change::Name(_)
        | Change::Brand(_)
        | Change::Status(_)
        | Change::Window { .. }
        | Change::Metadata(_)
        | Change::PrivateMetadata(_)
        | Change::Attributes(_)
        | Change::Categories(_)
        | Change::Assortment(_)
        | Change::Options(_)
        | Change::VariantAdd { .. }
        | Change::Variant { .. }
        | Change::VariantRemove(_) => false,
    }
}
