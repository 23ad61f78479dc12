//! Facets: how many of the found products have which value.

use async_graphql::{Enum, InputObject, Object, SimpleObject};
use souk_kit::fault::Fault;
use souk_kit::money::{Currency, Money};

use super::product_search_where::{SearchPriceRange, no_currency};
use super::references::Category;
use crate::domain::ids::CategoryId;
use crate::index::answer::FacetCounts;
use crate::index::query::{Facet, Range};

/// Most facets of one search.
const MOST_FACETS: usize = 20;

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub(crate) enum SearchFacetField {
    /// Categories, each with all that stands below it.
    Category,
    /// Brands.
    Brand,
    /// Tags.
    Tag,
    /// The values of the attribute that is named.
    Attribute,
    /// How many have 4, 3, 2, and 1 stars or more.
    Rating,
    /// Whether it can be had.
    Availability,
    /// How many cost how much, and the lowest and highest price.
    Price,
}

/// A facet to count.
#[derive(Debug, Clone, InputObject)]
pub(crate) struct SearchFacetInput {
    /// What is counted.
    field: SearchFacetField,
    /// The code of the attribute; for ATTRIBUTE, which needs it, alone.
    attribute: Option<String>,
    /// The ranges of prices to count, at most 100; for PRICE alone. Omitted or null: only the lowest and the highest
    /// price are told.
    ranges: Option<Vec<SearchPriceRange>>,
}

/// The counts of one facet. They follow everything that was searched for but the facet's own selection, so that one
/// more of its values can be chosen.
#[derive(Debug, Clone)]
pub(crate) struct SearchFacet {
    counts: FacetCounts,
    currency: Option<Currency>,
}

/// How many of the found products have a value.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct SearchFacetValue {
    /// The value: of a category its id, of a rating the stars, of availability `IN_STOCK`, `OUT_OF_STOCK` or `UNKNOWN`, of a
    /// price the place of its range among those asked for, from 0.
    value: String,
    /// How many products.
    count: i64,
    /// The category; null for other facets.
    category: Option<Category>,
}

impl SearchFacetInput {
    fn facet(self, currency: Option<Currency>) -> Result<Facet, Fault> {
        let only = |given: bool, what: &str| match given {
            true => Err(Fault::bad_input(format!("`{what}` does not belong to this facet"))),
            false => Ok(()),
        };
        only(self.attribute.is_some() && self.field != SearchFacetField::Attribute, "attribute")?;
        only(self.ranges.is_some() && self.field != SearchFacetField::Price, "ranges")?;
        Ok(match self.field {
            SearchFacetField::Category => Facet::Category,
            SearchFacetField::Brand => Facet::Brand,
            SearchFacetField::Tag => Facet::Tag,
            SearchFacetField::Attribute => {
                let code = self.attribute.filter(|code| !code.is_empty());
                Facet::Attribute(code.ok_or_else(|| Fault::bad_input("a facet of an attribute names it"))?)
            }
            SearchFacetField::Rating => Facet::Rating,
            SearchFacetField::Availability => Facet::Availability,
            SearchFacetField::Price => {
                currency.ok_or_else(no_currency)?;
                let ranges = self.ranges.unwrap_or_default();
                let ranges: Result<Vec<Range>, Fault> =
                    ranges.iter().map(|range| range.within(currency)).collect();
                Facet::Price(ranges?)
            }
        })
    }
}

/// The facets as the index takes them.
pub(super) fn facets(
    asked: Option<Vec<SearchFacetInput>>,
    currency: Option<Currency>,
) -> Result<Vec<Facet>, Fault> {
    let asked = asked.unwrap_or_default();
    if asked.len() > MOST_FACETS {
        return Err(Fault::bad_input(format!("a search counts at most {MOST_FACETS} facets")));
    }
    asked.into_iter().map(|facet| facet.facet(currency)).collect()
}

impl SearchFacet {
    pub(super) fn new(counts: FacetCounts, currency: Option<Currency>) -> Self {
        Self { counts, currency }
    }

    fn bound(&self, bound: impl Fn((i64, i64)) -> i64) -> Option<Money> {
        let currency = self.currency?;
        self.counts.price_bounds.map(|bounds| Money { amount_minor: bound(bounds), currency })
    }
}

#[Object]
impl SearchFacet {
    /// What was counted.
    async fn field(&self) -> SearchFacetField {
        match self.counts.facet {
            Facet::Category => SearchFacetField::Category,
            Facet::Brand => SearchFacetField::Brand,
            Facet::Tag => SearchFacetField::Tag,
            Facet::Attribute(_) => SearchFacetField::Attribute,
            Facet::Rating => SearchFacetField::Rating,
            Facet::Availability => SearchFacetField::Availability,
            Facet::Price(_) => SearchFacetField::Price,
        }
    }

    /// The code of the attribute that was counted; null for other facets.
    async fn attribute(&self) -> Option<&str> {
        match &self.counts.facet {
            Facet::Attribute(code) => Some(code),
            Facet::Category
            | Facet::Brand
            | Facet::Tag
            | Facet::Rating
            | Facet::Availability
            | Facet::Price(_) => None,
        }
    }

    /// The values, most frequent first, at most 100; of ratings and prices in their own order, zeros included.
    async fn values(&self) -> Vec<SearchFacetValue> {
        let is_category = self.counts.facet == Facet::Category;
        let is_word = self.counts.facet == Facet::Availability;
        let values = self.counts.values.iter().map(|found| SearchFacetValue {
            value: if is_word { found.value.to_uppercase() } else { found.value.clone() },
            count: i64::try_from(found.count).unwrap_or(i64::MAX),
            category: if is_category {
                found.value.parse::<CategoryId>().ok().map(Category::from)
            } else {
                None
            },
        });
        values.collect()
    }

    /// The lowest price; null for other facets, and when nothing found has a price.
    async fn lowest(&self) -> Option<Money> {
        self.bound(|(lowest, _)| lowest)
    }

    /// The highest price; null for other facets, and when nothing found has a price.
    async fn highest(&self) -> Option<Money> {
        self.bound(|(_, highest)| highest)
    }
}
