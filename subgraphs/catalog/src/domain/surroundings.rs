//! What a decision on a product must know of its company: shops, categories, attributes, price lists.
//!
//! These live in aggregates of their own and are read before the decision. A category that goes at the same
//! moment may thus stay named on a product; readers pass over such names.

use std::collections::BTreeSet;
use std::sync::Arc;

use souk_kit::id::ShopId;

use super::attribute::AttributeSet;
use super::category_tree::CategoryTree;
use super::ids::{CategoryId, PriceListId};
use super::price_list::PriceList;

/// What is around one company's products.
#[derive(Debug, Clone)]
pub struct Surroundings {
    /// The company's shops.
    pub shops: BTreeSet<ShopId>,
    /// Its category tree.
    pub categories: Arc<CategoryTree>,
    /// Its attributes.
    pub attributes: Arc<AttributeSet>,
    /// Its price lists.
    pub price_lists: Arc<[PriceList]>,
}

impl Surroundings {
    /// Whether the company has the shop.
    pub fn has_shop(&self, shop: &ShopId) -> bool {
        self.shops.contains(shop)
    }

    /// Whether the company has the category.
    pub fn has_category(&self, category: &CategoryId) -> bool {
        self.categories.get(category).is_some()
    }

    /// Whether the company has the price list.
    pub fn has_price_list(&self, list: &PriceListId) -> bool {
        self.price_lists.iter().any(|own| own.id == *list)
    }
}
