//! Which products a search finds beside its words.

use async_graphql::{Enum, InputObject};
use souk_kit::budget::Budget;
use souk_kit::fault::Fault;
use souk_kit::id::SoughtId;
use souk_kit::money::{Currency, Decimal, Money};

use crate::domain::ids::{CategoryKind, ProductKind};
use crate::index::document;
use crate::index::query::{Filter, Range};

/// Which products. All conditions given must hold. A condition that is left out or null does not filter. An empty list
/// of values, of `ids` or of `OR` passes nothing; an empty `AND`, or an empty list of `attributes`, does not filter.
///
/// A condition that stands at the top, or alone in the top `AND`, is the selection of its facet and does not narrow the
/// facet's own counts.
#[derive(Debug, Clone, Default, InputObject)]
pub(crate) struct ProductSearchWhere {
    /// All of these hold; an empty list does not filter.
    #[graphql(name = "AND")]
    and: Option<Vec<ProductSearchWhere>>,
    /// One of these holds; an empty list passes nothing.
    #[graphql(name = "OR")]
    or: Option<Vec<ProductSearchWhere>>,
    /// Is one of these.
    ids: Option<Vec<SoughtId<ProductKind>>>,
    /// Stands in one of these categories or below.
    categories: Option<Vec<SoughtId<CategoryKind>>>,
    /// Is of one of these brands.
    brand: Option<Vec<String>>,
    /// Has one of these tags.
    tags: Option<Vec<String>>,
    /// Has, of each attribute listed, one of the values listed.
    attributes: Option<Vec<SearchAttributeWhere>>,
    /// Its price in the search's currency and shop lies within; without a price it does not.
    price: Option<SearchPriceRange>,
    /// Its mean rating is so many stars at least, 0 to 5; without ratings it is not.
    rating_at_least: Option<Decimal>,
    /// Can be had, or not.
    availability: Option<Vec<ProductAvailability>>,
}

/// An attribute and the values that pass.
#[derive(Debug, Clone, InputObject)]
pub(crate) struct SearchAttributeWhere {
    /// The attribute's code.
    code: String,
    /// One of these values.
    values: Vec<String>,
}

/// A range of prices in the search's currency.
#[derive(Debug, Clone, InputObject)]
pub(crate) struct SearchPriceRange {
    /// The lowest that lies within. Omitted or null: any that is low.
    from: Option<Decimal>,
    /// The lowest that lies beyond. Omitted or null: any that is high.
    below: Option<Decimal>,
}

/// Whether a product can be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub(crate) enum ProductAvailability {
    /// One variant at least can be bought now.
    InStock,
    /// None can.
    OutOfStock,
    /// Nothing is known of its stock.
    Unknown,
}

impl From<ProductAvailability> for document::Availability {
    fn from(availability: ProductAvailability) -> Self {
        match availability {
            ProductAvailability::InStock => Self::InStock,
            ProductAvailability::OutOfStock => Self::OutOfStock,
            ProductAvailability::Unknown => Self::Unknown,
        }
    }
}

impl ProductSearchWhere {
    /// As the index takes it, with prices in `currency`.
    pub(super) fn filter(self, currency: Option<Currency>) -> Result<Filter, Fault> {
        self.within(currency, &mut Budget::new())
    }

    fn within(self, currency: Option<Currency>, budget: &mut Budget) -> Result<Filter, Fault> {
        let mut all = Vec::new();
        if let Some(parts) = self.and {
            all.extend(budget.nested(parts, |part, budget| part.within(currency, budget))?);
        }
        if let Some(parts) = self.or {
            all.push(Filter::Or(budget.nested(parts, |part, budget| part.within(currency, budget))?));
        }
        if let Some(ids) = self.ids {
            budget.spend(ids.len())?;
            all.push(Filter::Product(ids.into_iter().filter_map(SoughtId::get).collect()));
        }
        if let Some(ids) = self.categories {
            budget.spend(ids.len())?;
            let known = ids.into_iter().filter_map(SoughtId::get);
            all.push(Filter::Category(known.map(|id| id.to_string()).collect()));
        }
        if let Some(brands) = self.brand {
            budget.spend(brands.len())?;
            all.push(Filter::Brand(brands));
        }
        if let Some(tags) = self.tags {
            budget.spend(tags.len())?;
            all.push(Filter::Tag(tags));
        }
        for SearchAttributeWhere { code, values } in self.attributes.into_iter().flatten() {
            budget.spend(1 + values.len())?;
            all.push(Filter::Attribute { code, values });
        }
        if let Some(range) = self.price {
            budget.spend(1)?;
            all.push(Filter::Price(range.within(currency)?));
        }
        if let Some(stars) = self.rating_at_least {
            budget.spend(1)?;
            all.push(Filter::RatingAtLeast(hundredths(stars)?));
        }
        if let Some(availability) = self.availability {
            budget.spend(availability.len())?;
            all.push(Filter::Availability(availability.into_iter().map(Into::into).collect()));
        }
        let only = all.len() == 1;
        Ok(all.pop_if(|_| only).unwrap_or(Filter::And(all)))
    }
}

impl SearchPriceRange {
    /// As the index takes it; a price between two minor units is the next one above.
    pub(super) fn within(&self, currency: Option<Currency>) -> Result<Range, Fault> {
        let currency = currency.ok_or_else(no_currency)?;
        let minor = |amount: Option<Decimal>| {
            let minor = |amount| Money::from_decimal(amount, currency).map(|money| money.amount_minor);
            amount.map(minor).transpose().map_err(|error| Fault::bad_input(format!("a price: {error}")))
        };
        Ok(Range { at_least: minor(self.from)?, below: minor(self.below)? })
    }
}

pub(super) fn no_currency() -> Fault {
    Fault::bad_input("filters, sorts and facets by price over several companies need `currency`")
}

fn hundredths(stars: Decimal) -> Result<u16, Fault> {
    let wrong = || Fault::bad_input("`ratingAtLeast` is 0 to 5 stars");
    let (units, scale) = stars.parts();
    let scale = 10_i128.checked_pow(scale).ok_or_else(wrong)?;
    let hundredths = units.checked_mul(100).ok_or_else(wrong)?.div_euclid(scale);
    u16::try_from(hundredths).ok().filter(|hundredths| *hundredths <= 500).ok_or_else(wrong)
}
