//! Rules by which a collection gathers its products.

use serde::{Deserialize, Serialize};
use souk_kit::money::Currency;

use super::category_tree::CategoryTree;
use super::ids::CategoryId;
use super::product::Product;

/// Most rules of one collection.
pub const MAX_RULES: usize = 50;

/// Whether a product must meet all rules or any of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Join {
    /// All of them.
    All,
    /// One of them.
    Any,
}

/// What a product must be like.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// Has the tag.
    Tag(String),
    /// Is of the brand.
    Brand(String),
    /// Stands in the category or below it.
    Category(CategoryId),
    /// It, or a variant of it, has the value of an attribute.
    Attribute {
        /// The attribute's code.
        code: String,
        /// The value, in canonical text.
        value: String,
    },
    /// Costs less than an amount, by its lowest base price.
    PriceBelow {
        /// The amount's currency; a product without a price in it does not match.
        currency: Currency,
        /// In minor units.
        amount_minor: i64,
    },
    /// Costs an amount or more, by its lowest base price.
    PriceFrom {
        /// The amount's currency; a product without a price in it does not match.
        currency: Currency,
        /// In minor units.
        amount_minor: i64,
    },
}

/// The rules of a collection; without rules nothing matches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleSet {
    /// All or any.
    pub join: Join,
    /// At least one.
    pub rules: Vec<Rule>,
}

impl Rule {
    /// Whether a product is like that.
    pub fn matches(&self, product: &Product, tree: &CategoryTree) -> bool {
        match self {
            Self::Tag(tag) => product.tags.contains(tag),
            Self::Brand(brand) => product.brand.as_ref() == Some(brand),
            Self::Category(category) => {
                let below = tree.subtree(*category);
                product.categories.iter().any(|one| below.contains(one))
            }
            Self::Attribute { code, value } => {
                let of_variants = product.variants.iter().flat_map(|variant| &variant.attributes);
                let mut all = product.attributes.iter().chain(of_variants);
                all.any(|one| one.code == *code && one.values.contains(value))
            }
            Self::PriceBelow { currency, amount_minor } => {
                product.lowest_base_prices().get(currency.code()).is_some_and(|lowest| lowest < amount_minor)
            }
            Self::PriceFrom { currency, amount_minor } => {
                product.lowest_base_prices().get(currency.code()).is_some_and(|lowest| lowest >= amount_minor)
            }
        }
    }
}

impl RuleSet {
    /// Whether a product belongs to the collection.
    pub fn matches(&self, product: &Product, tree: &CategoryTree) -> bool {
        let mut each = self.rules.iter().map(|rule| rule.matches(product, tree));
        match self.join {
            Join::All => !self.rules.is_empty() && each.all(|met| met),
            Join::Any => each.any(|met| met),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::price::tests::currency;
    use super::super::price::{Price, Prices};
    use super::super::product::tests::product;
    use super::*;

    #[test]
    fn all_rules_or_any_of_them() {
        let mut product = product();
        product.tags = vec!["tea".into()];
        product.brand = Some("Acme".into());
        product.variants[0].prices = Prices::new([Price::base(currency("GBP"), 500)]).unwrap();
        let tree = CategoryTree::new(product.company);
        let (tag, brand) = (Rule::Tag("tea".into()), Rule::Brand("Other".into()));
        let below = |code, amount_minor| Rule::PriceBelow { currency: currency(code), amount_minor };
        let cases = [
            (Join::All, vec![tag.clone(), brand.clone()], false),
            (Join::Any, vec![tag.clone(), brand], true),
            (Join::All, vec![tag.clone(), below("GBP", 501)], true),
            (Join::All, vec![tag.clone(), below("GBP", 500)], false),
            (Join::All, vec![tag, below("EUR", 501)], false),
            (Join::All, vec![], false),
            (Join::Any, vec![], false),
        ];
        for (join, rules, expected) in cases {
            let set = RuleSet { join, rules };
            assert_eq!(set.matches(&product, &tree), expected, "{set:?}");
        }
    }
}
