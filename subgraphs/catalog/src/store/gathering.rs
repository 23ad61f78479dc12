//! The rules of a collection as a filter over indexed products: it finds what [`RuleSet::matches`] accepts.

use souk_kit::documents::Filter;

use super::products::{ATTRIBUTE, BRAND, CATEGORY, TAG, attribute_value, price_field};
use crate::domain::category_tree::CategoryTree;
use crate::domain::collection_rule::{Join, Rule, RuleSet};

/// The products that meet the rules, whoever's they are.
pub fn filter(set: &RuleSet, tree: &CategoryTree) -> Filter {
    let each: Vec<Filter> = set.rules.iter().map(|rule| one(rule, tree)).collect();
    match set.join {
        Join::All if each.is_empty() => Filter::nothing(),
        Join::All => Filter::All(each),
        Join::Any => Filter::Any(each),
    }
}

fn one(rule: &Rule, tree: &CategoryTree) -> Filter {
    match rule {
        Rule::Tag(tag) => Filter::equal(TAG, tag.as_str()),
        Rule::Brand(brand) => Filter::equal(BRAND, brand.as_str()),
        Rule::Category(category) => Filter::one_of(CATEGORY, tree.subtree(*category)),
        Rule::Attribute { code, value } => Filter::equal(ATTRIBUTE, attribute_value(code, value)),
        Rule::PriceBelow { currency, amount_minor } => {
            Filter::below(price_field(currency.code()), *amount_minor)
        }
        Rule::PriceFrom { currency, amount_minor } => {
            Filter::at_least(price_field(currency.code()), *amount_minor)
        }
    }
}
