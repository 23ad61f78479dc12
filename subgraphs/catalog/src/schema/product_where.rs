//! Which products a list shows: the client's filter, turned into one over indexed values.

use std::cell::Cell;
use std::collections::BTreeSet;

use async_graphql::InputObject;
use souk_kit::budget::Budget;
use souk_kit::clock::Timestamp;
use souk_kit::documents::{Filter, Test};
use souk_kit::fault::Fault;
use souk_kit::id::{CompanyId, SoughtId};
use souk_kit::money::{Currency, Decimal, Money};

use super::product::ProductStatus;
use crate::domain::attribute::{self, AttributeSet};
use crate::domain::category_tree::CategoryTree;
use crate::domain::ids::{CategoryKind, ProductKind};
use crate::domain::publication::Status;
use crate::store::price_view::PriceView;
use crate::store::products::{
    ATTRIBUTE, BRAND, CATEGORY, CREATED, NAME, STATUS, TAG, UPDATED, attribute_value, product_key,
};

/// How many categories a filter may stand for, those below the named ones included: no database takes any number.
pub(super) const MOST_CATEGORIES: usize = 20_000;

/// Which products. All conditions given must hold. A condition that is left out or null does not filter. An empty
/// list of values, of `ids` or of `OR` passes nothing; an empty `AND`, or an empty list of `attributes`, does not
/// filter.
#[derive(Debug, Clone, Default, InputObject)]
pub struct ProductWhere {
    /// All of these hold; an empty list does not filter.
    #[graphql(name = "AND")]
    pub and: Option<Vec<ProductWhere>>,
    /// One of these holds; an empty list passes nothing.
    #[graphql(name = "OR")]
    pub or: Option<Vec<ProductWhere>>,
    /// This does not hold.
    #[graphql(name = "NOT")]
    pub not: Option<Box<ProductWhere>>,
    /// Is one of these.
    pub ids: Option<Vec<SoughtId<ProductKind>>>,
    /// Has one of these slugs, now or formerly; in a list of one company's, or of one shop's.
    pub slug: Option<Vec<String>>,
    /// Another system calls it one of these; in a list of one company's, or of one shop's.
    pub external_reference: Option<Vec<String>>,
    /// Has a variant with one of these stock keeping units; in a list of one company's, or of one shop's.
    pub sku: Option<Vec<String>>,
    /// Is of one of these statuses; visitors see active ones only.
    pub status: Option<Vec<ProductStatus>>,
    /// Is of one of these brands.
    pub brand: Option<Vec<String>>,
    /// Has one of these tags.
    pub tags_any: Option<Vec<String>>,
    /// Has all of these tags.
    pub tags_all: Option<Vec<String>>,
    /// Stands in one of these categories or below.
    pub categories: Option<Vec<SoughtId<CategoryKind>>>,
    /// Has, of each attribute listed, one of the values listed; without attributes it does not filter.
    pub attributes: Option<Vec<AttributeWhere>>,
    /// The name begins so, in any case.
    pub name_starts_with: Option<String>,
    /// `Product.price`, as the reader is shown it in the list's currency and shop, lies within.
    pub price: Option<PriceRange>,
    /// When it was created.
    pub created_at: Option<TimeRange>,
    /// When it last changed.
    pub updated_at: Option<TimeRange>,
}

/// An attribute and the values that pass.
#[derive(Debug, Clone, InputObject)]
pub struct AttributeWhere {
    /// The attribute's code.
    pub code: String,
    /// One of these values. A number may be written in any way: `12.50` finds `12.5`.
    pub values: Vec<String>,
}

/// A range of prices in the list's currency.
#[derive(Debug, Clone, InputObject)]
pub struct PriceRange {
    /// The lowest that passes.
    pub from: Option<Decimal>,
    /// The lowest that does not pass any more.
    pub below: Option<Decimal>,
}

/// A range of instants.
#[derive(Debug, Clone, InputObject)]
pub struct TimeRange {
    /// The first that passes.
    pub from: Option<Timestamp>,
    /// The first that does not pass any more.
    pub until: Option<Timestamp>,
}

/// What a filter needs to know.
pub(super) struct Ground<'a> {
    /// The currency of prices and what the reader is shown in it, once it is known.
    pub(super) prices: Option<(Currency, &'a PriceView)>,
    /// The trees of the categories that the filter names.
    pub(super) trees: &'a [std::sync::Arc<CategoryTree>],
    /// How many categories the filter may still stand for; at first [`MOST_CATEGORIES`].
    pub(super) categories_left: Cell<usize>,
    /// The one company whose products are listed.
    pub(super) company: Option<CompanyId>,
    /// The attributes of the one company whose products are listed.
    pub(super) attributes: Option<&'a AttributeSet>,
}

impl Ground<'_> {
    /// How products carry a value: over several companies, one that may be a decimal number is taken for one.
    fn carried(&self, code: &str, value: &str) -> String {
        match self.attributes {
            Some(set) => set.canonical(code, value),
            None => attribute::decimal(value).unwrap_or_else(|| value.to_owned()),
        }
    }
}

impl ProductWhere {
    /// The categories named anywhere in the filter.
    pub(super) fn categories_named(&self) -> Vec<SoughtId<CategoryKind>> {
        let below = self.and.iter().chain(&self.or).flatten().chain(self.not.as_deref());
        self.categories.iter().flatten().copied().chain(below.flat_map(Self::categories_named)).collect()
    }

    /// Whether it asks for attributes anywhere.
    pub(super) fn names_attributes(&self) -> bool {
        let mut below = self.and.iter().chain(&self.or).flatten().chain(self.not.as_deref());
        self.attributes.is_some() || below.any(Self::names_attributes)
    }

    /// Whether it asks for prices anywhere.
    pub(super) fn names_price(&self) -> bool {
        let mut below = self.and.iter().chain(&self.or).flatten().chain(self.not.as_deref());
        self.price.is_some() || below.any(Self::names_price)
    }

    /// The filter over indexed values; `BAD_USER_INPUT` when it is too large, or names by what is unique within a
    /// company without one.
    pub(super) fn filter(&self, ground: &Ground<'_>) -> Result<Filter, Fault> {
        self.filter_within(ground, &mut Budget::new())
    }

    fn filter_within(&self, ground: &Ground<'_>, budget: &mut Budget) -> Result<Filter, Fault> {
        budget.spend(self.count_values())?;
        let mut conditions = Vec::new();
        if let Some(all) = &self.and {
            conditions.extend(budget.nested(all, |one, budget| one.filter_within(ground, budget))?);
        }
        if let Some(any) = &self.or {
            let any = budget.nested(any, |one, budget| one.filter_within(ground, budget))?;
            conditions.push(Filter::Any(any));
        }
        if let Some(not) = &self.not {
            let not = budget.nested([not], |one, budget| one.filter_within(ground, budget))?;
            conditions.extend(not.into_iter().map(Filter::negated));
        }
        conditions.extend(self.names(ground)?);
        conditions.extend(self.simple_conditions(ground)?);
        Ok(Filter::All(conditions))
    }

    /// How many values are listed in its own conditions.
    fn count_values(&self) -> usize {
        let texts =
            [&self.slug, &self.external_reference, &self.sku, &self.brand, &self.tags_any, &self.tags_all];
        let attributes = self.attributes.iter().flatten();
        texts.iter().map(|list| list.as_ref().map_or(0, Vec::len)).sum::<usize>()
            + self.ids.as_ref().map_or(0, Vec::len)
            + self.status.as_ref().map_or(0, Vec::len)
            + self.categories.as_ref().map_or(0, Vec::len)
            + attributes.map(|attribute| 1 + attribute.values.len()).sum::<usize>()
    }

    /// What is unique, by which products are named.
    fn names(&self, ground: &Ground<'_>) -> Result<Vec<Filter>, Fault> {
        let mut conditions = Vec::new();
        if let Some(ids) = &self.ids {
            let known = ids.iter().filter_map(|id| id.get());
            conditions.push(Filter::Ids(known.map(|id| id.to_string()).collect()));
        }
        let named = [("slug", &self.slug), ("ref", &self.external_reference), ("sku", &self.sku)];
        for (kind, values) in named {
            let Some(values) = values else { continue };
            let company = ground.company.ok_or_else(|| {
                Fault::bad_input("filters by `slug`, `externalReference` and `sku` need `company` or `shop`")
            })?;
            let lowered = |value: &String| if kind == "slug" { value.to_lowercase() } else { value.clone() };
            let keys = values.iter().map(lowered).map(|value| product_key(kind, company, &value));
            conditions.push(Filter::Keys(keys.collect()));
        }
        Ok(conditions)
    }

    fn simple_conditions(&self, ground: &Ground<'_>) -> Result<Vec<Filter>, Fault> {
        let mut conditions = Vec::new();
        if let Some(statuses) = &self.status {
            conditions.push(Filter::one_of(STATUS, statuses.iter().map(|one| Status::from(*one).as_str())));
        }
        if let Some(brands) = &self.brand {
            conditions.push(Filter::one_of(BRAND, brands.iter().map(String::as_str)));
        }
        if let Some(tags) = &self.tags_any {
            conditions.push(Filter::one_of(TAG, tags.iter().map(String::as_str)));
        }
        if let Some(tags) = &self.tags_all {
            let each = tags.iter().map(|tag| Filter::equal(TAG, tag.as_str()));
            conditions.push(if tags.is_empty() { Filter::nothing() } else { Filter::All(each.collect()) });
        }
        if let Some(categories) = &self.categories {
            let known = categories.iter().filter_map(|id| id.get());
            let below = known.flat_map(|id| {
                ground
                    .trees
                    .iter()
                    .filter(move |tree| tree.get(&id).is_some())
                    .flat_map(move |tree| tree.subtree(id))
            });
            let below: BTreeSet<_> = below.collect();
            let left = ground.categories_left.get().checked_sub(below.len());
            ground.categories_left.set(left.ok_or_else(|| {
                Fault::bad_input(format!(
                    "`categories` stand for more than {MOST_CATEGORIES} with those below"
                ))
            })?);
            conditions.push(Filter::one_of(CATEGORY, below));
        }
        for attribute in self.attributes.iter().flatten() {
            let AttributeWhere { code, values } = attribute;
            let ways = values.iter().flat_map(|value| [value.clone(), ground.carried(code, value)]);
            let ways: BTreeSet<_> = ways.map(|value| attribute_value(code, &value)).collect();
            conditions.push(Filter::one_of(ATTRIBUTE, ways));
        }
        if let Some(beginning) = &self.name_starts_with {
            conditions.push(Filter::Field(NAME.into(), Test::Prefix(beginning.to_lowercase())));
        }
        if let Some(range) = &self.price {
            conditions.push(range.filter(ground.prices)?);
        }
        for (field, range) in [(CREATED, &self.created_at), (UPDATED, &self.updated_at)] {
            let Some(range) = range else { continue };
            conditions.push(Filter::Field(field.into(), range.test()));
        }
        Ok(conditions)
    }
}

impl TimeRange {
    /// Whether an instant lies within.
    pub(super) fn has(&self, at: Timestamp) -> bool {
        self.from.is_none_or(|from| from <= at) && self.until.is_none_or(|until| at < until)
    }

    /// As a test of an indexed instant.
    pub(super) fn test(&self) -> Test {
        Test::Range { from: self.from.map(Into::into), below: self.until.map(Into::into) }
    }
}

impl PriceRange {
    fn filter(&self, prices: Option<(Currency, &PriceView)>) -> Result<Filter, Fault> {
        let (currency, prices) = prices
            .ok_or_else(|| Fault::bad_input("a filter by price over several companies needs `currency`"))?;
        let minor = |amount: Decimal| {
            let money = Money::from_decimal(amount, currency);
            money.map(|money| money.amount_minor).map_err(|e| Fault::bad_input(format!("`price`: {e}")))
        };
        let (from, below) = (self.from.map(minor).transpose()?, self.below.map(minor).transpose()?);
        Ok(prices.within(from, below))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use chrono::DateTime;

    use super::*;
    use crate::domain::content::ContentChange;
    use crate::domain::ids::CategoryId;

    #[test]
    fn a_filter_stands_for_no_more_categories_than_a_database_takes() {
        let at = DateTime::UNIX_EPOCH;
        let mut tree = CategoryTree::new(CompanyId::new(at));
        let mut add = |parent, name: String| {
            let named = ContentChange { name: Some(name), ..ContentChange::default() };
            tree.create(CategoryId::new(at), parent, named, at).unwrap().id
        };
        let top = add(None, "top".into());
        for n in 1..100 {
            add(Some(top), format!("c{n}"));
        }
        let trees = [Arc::new(tree)];
        let asks = |count: usize| {
            let one = ProductWhere { categories: Some(vec![top.into()]), ..ProductWhere::default() };
            let filter = ProductWhere { or: Some(vec![one; count]), ..ProductWhere::default() };
            let categories_left = Cell::new(MOST_CATEGORIES);
            let ground =
                Ground { prices: None, trees: &trees, categories_left, company: None, attributes: None };
            filter.filter(&ground).is_ok()
        };
        assert!(asks(200), "two hundred times a hundred");
        assert!(!asks(201));
    }
}
