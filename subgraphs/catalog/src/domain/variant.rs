//! A variant: what is priced, stocked and sold.

use serde::{Deserialize, Serialize};

use super::attribute::AttributeValue;
use super::ids::{MediaId, VariantId};
use super::metadata::Metadata;
use super::option::SelectedOption;
use super::price::Prices;

/// Longest SKU, in characters.
pub const SKU: usize = 100;
/// Longest barcode, in characters.
pub const BARCODE: usize = 64;
/// Longest tax class, in characters.
pub const TAX_CLASS: usize = 50;
/// Most variants of a product.
pub const MAX_VARIANTS: usize = 100;

/// One variant of a product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Variant {
    /// Its id.
    pub id: VariantId,
    /// Its id in another system, unique in the company.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_reference: Option<String>,
    /// Stock keeping unit, unique in the company, told apart by case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sku: Option<String>,
    /// What a scanner reads: EAN, UPC, ISBN.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub barcode: Option<String>,
    /// A name of its own; none means one made of its options.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What it is in each of the product's options, in their order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<SelectedOption>,
    /// Typed attributes of its own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attributes: Vec<AttributeValue>,
    /// Weight in grams; none means the product's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weight_grams: Option<i64>,
    /// Which tax rules hold; none means the company's standard rate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tax_class: Option<String>,
    /// Whether it is a good that is shipped, and not a download or a service.
    pub requires_shipping: bool,
    /// Its prices.
    #[serde(default)]
    pub prices: Prices,
    /// Pictures of the product that show it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub media: Vec<MediaId>,
    /// What integrators note on it.
    #[serde(default)]
    pub metadata: Metadata,
}

impl Variant {
    /// A variant that ships, without price or SKU.
    pub fn new(id: VariantId) -> Self {
        Self {
            id,
            external_reference: None,
            sku: None,
            barcode: None,
            name: None,
            options: Vec::new(),
            attributes: Vec::new(),
            weight_grams: None,
            tax_class: None,
            requires_shipping: true,
            prices: Prices::default(),
            media: Vec::new(),
            metadata: Metadata::default(),
        }
    }

    /// Its own name, or `Red / L`, or none for the only variant of a product without options.
    pub fn title(&self) -> Option<String> {
        let from_options = || {
            let values: Vec<_> = self.options.iter().map(|option| option.value.as_str()).collect();
            (!values.is_empty()).then(|| values.join(" / "))
        };
        self.name.clone().or_else(from_options)
    }
}
