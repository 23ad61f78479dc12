//! What search reads of the events of others: each type has the fields that a product's document is made of, and no
//! more. The same types are what the projection keeps, so they are read for ever.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use souk_kit::clock::Timestamp;
use souk_kit::id::{CompanyId, ShopId};
use souk_kit::money::Currency;

use super::ids::{CategoryId, PriceListId, ProductId, VariantId};

/// A product, as `product.*` tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Product {
    /// Which.
    pub id: ProductId,
    /// Whose.
    pub company: CompanyId,
    /// The name in the company's first language.
    pub name: String,
    /// The description in the company's first language.
    #[serde(default)]
    pub description: Text,
    /// The maker.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub brand: Option<String>,
    /// Selling points, a line each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub features: Vec<String>,
    /// Whether it is offered.
    pub status: Status,
    /// When the public may see it.
    #[serde(default)]
    pub window: Window,
    /// Words that staff put on it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// Name, description and selling points by locale.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub translations: BTreeMap<String, Translation>,
    /// Values by attribute code.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attributes: Vec<Attribute>,
    /// The categories that it stands in directly.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub categories: Vec<CategoryId>,
    /// In which shops it is offered.
    #[serde(default)]
    pub assortment: Assortment,
    /// What of it is sold.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub variants: Vec<Variant>,
    /// When it was created.
    pub created_at: Timestamp,
}

/// Formatted text, without its format.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Text {
    /// The words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub plain: String,
}

/// What is said of a thing in another language.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Translation {
    /// The name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The description.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Text>,
    /// Selling points, a line each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub features: Vec<String>,
}

/// Where a product stands in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Seen by staff only.
    Draft,
    /// Offered, within its window.
    Active,
    /// No longer offered.
    Archived,
}

/// From an instant until another, each optional; the end does not belong to it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// First instant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Timestamp>,
    /// First instant after.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

impl Window {
    /// Whether `at` lies within.
    #[must_use]
    pub fn contains(&self, at: Timestamp) -> bool {
        self.from.is_none_or(|from| from <= at) && self.until.is_none_or(|until| at < until)
    }
}

/// The values of one attribute.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attribute {
    /// Which.
    pub code: String,
    /// What it says.
    #[serde(default)]
    pub values: Vec<String>,
}

/// In which shops of its company a product is offered.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", tag = "kind", content = "shops")]
pub enum Assortment {
    /// Every one.
    #[default]
    All,
    /// Just these.
    Listed(BTreeSet<ShopId>),
}

/// A variant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Variant {
    /// Which.
    pub id: VariantId,
    /// The merchant's number for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sku: Option<String>,
    /// What a scanner reads of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub barcode: Option<String>,
    /// What tells it from its siblings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The chosen options.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<Choice>,
    /// Values by attribute code.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attributes: Vec<Attribute>,
    /// Its prices, of all lists.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub prices: Vec<Price>,
}

/// One option of a variant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// Such as the size.
    pub name: String,
    /// Such as L.
    pub value: String,
}

/// One price of a variant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Price {
    /// Of which list; none is the base price.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub list: Option<PriceListId>,
    /// The currency of the amount.
    pub currency: Currency,
    /// Fewest units that one must take for it.
    #[serde(default = "one")]
    pub min_quantity: u32,
    /// For one unit, in the currency's minor units.
    pub amount_minor: i64,
}

fn one() -> u32 {
    1
}

/// A category, as `category.*` tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Category {
    /// Which.
    pub id: CategoryId,
    /// The one above.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<CategoryId>,
    /// The name in the company's first language.
    pub name: String,
    /// The name by locale.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub translations: BTreeMap<String, CategoryTranslation>,
}

/// A category's name in another language.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CategoryTranslation {
    /// The name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// A price list, as `price_list.*` tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PriceList {
    /// Which.
    pub id: PriceListId,
    /// Only for customers of this group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer_group: Option<String>,
    /// Only in this shop.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shop: Option<ShopId>,
    /// When it holds.
    #[serde(default)]
    pub window: Window,
    /// Decides between lists that are equally specific: the higher one wins.
    #[serde(default)]
    pub priority: i32,
    /// Whether it holds at all.
    pub active: bool,
}

/// A company, as `company.*` tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Company {
    /// Which.
    pub id: CompanyId,
    /// Whether the public sees it.
    pub active: bool,
    /// The currency of prices when nobody asks for another.
    pub currency: Currency,
    /// The languages of its texts; the first is the one that names are in.
    #[serde(default)]
    pub locales: Vec<String>,
}

/// A shop, as `shop.*` tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shop {
    /// Which.
    pub id: ShopId,
    /// Whose.
    #[serde(alias = "company_id")]
    pub company: CompanyId,
    /// Whether the public sees it.
    pub active: bool,
}
