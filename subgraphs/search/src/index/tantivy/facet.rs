//! Counts the values of a facet over the products of a segment.

use std::collections::BTreeMap;

use ::tantivy::columnar::{Column, StrColumn};
use ::tantivy::{DocId, SegmentReader};
use std::ops::Bound;

use super::price::Prices;
use super::schema::numbers;
use crate::index::answer::{FacetCounts, FacetValue};
use crate::index::plan::fields::{Keyword, Number, SEPARATOR};
use crate::index::plan::{Plan, PriceContext};
use crate::index::query::{Facet, LARGEST_FACET, Range};

pub(super) enum Tally {
    Keyword { column: Option<StrColumn>, first: u64, prefix: usize, counts: Vec<u64> },
    Rating { column: Column<i64>, counts: [u64; 4] },
    Price { prices: Option<Box<Prices>>, ranges: Vec<Range>, counts: Vec<u64>, bounds: Option<(i64, i64)> },
}

/// What was counted in some segments.
#[derive(Debug, Clone, Default)]
pub(super) struct Counted {
    values: BTreeMap<String, u64>,
    bounds: Option<(i64, i64)>,
}

impl Tally {
    pub(super) fn of(facet: &Facet, segment: &SegmentReader, plan: &Plan) -> ::tantivy::Result<Self> {
        match facet {
            Facet::Category => Self::keyword(segment, Keyword::Categories, ""),
            Facet::Brand => Self::keyword(segment, Keyword::Brand, ""),
            Facet::Tag => Self::keyword(segment, Keyword::Tags, ""),
            Facet::Availability => Self::keyword(segment, Keyword::Availability, ""),
            Facet::Attribute(code) => {
                Self::keyword(segment, Keyword::Attributes, &format!("{code}{SEPARATOR}"))
            }
            Facet::Rating => {
                let column = numbers(segment, Number::Rating.name())?;
                Ok(Self::Rating { column, counts: [0; 4] })
            }
            Facet::Price(ranges) => Self::price(segment, ranges, plan.price.as_ref()),
        }
    }

    /// Values that begin with `prefix`, which is left out of what they are called.
    fn keyword(segment: &SegmentReader, keyword: Keyword, prefix: &str) -> ::tantivy::Result<Self> {
        let column = segment.fast_fields().str(keyword.name())?;
        let (mut first, mut end) = (0, 0);
        if let Some(column) = &column {
            let terms = u64::try_from(column.num_terms()).unwrap_or(u64::MAX);
            end = terms;
            if !prefix.is_empty() {
                let past = format!("{prefix}{}", char::MAX);
                let bounds = (Bound::Included(prefix), Bound::Excluded(past.as_str()));
                let (from, until) = column.dictionary().term_bounds_to_ord(bounds.0, bounds.1)?;
                let ordinal = |bound: Bound<u64>, unbounded| match bound {
                    Bound::Included(ordinal) | Bound::Excluded(ordinal) => ordinal.min(terms),
                    Bound::Unbounded => unbounded,
                };
                (first, end) = (ordinal(from, 0), ordinal(until, terms));
            }
        }
        let length = usize::try_from(end.saturating_sub(first)).unwrap_or_default();
        Ok(Self::Keyword { column, first, prefix: prefix.len(), counts: vec![0; length] })
    }

    fn price(
        segment: &SegmentReader,
        ranges: &[Range],
        context: Option<&PriceContext>,
    ) -> ::tantivy::Result<Self> {
        let prices = match context {
            Some(context) => Prices::of(segment, context)?,
            None => None,
        };
        Ok(Self::Price {
            prices: prices.map(Box::new),
            ranges: ranges.to_vec(),
            counts: vec![0; ranges.len()],
            bounds: None,
        })
    }

    pub(super) fn count(&mut self, document: DocId) {
        match self {
            Self::Keyword { column: None, .. } => {}
            Self::Keyword { column: Some(column), first, counts, .. } => {
                for ordinal in column.term_ords(document) {
                    let place = ordinal.checked_sub(*first).and_then(|place| usize::try_from(place).ok());
                    if let Some(count) = place.and_then(|place| counts.get_mut(place)) {
                        *count += 1;
                    }
                }
            }
            Self::Rating { column, counts } => {
                if let Some(rating) = column.first(document) {
                    for (stars, count) in (1..).zip(counts) {
                        *count += u64::from(rating >= stars * 100);
                    }
                }
            }
            Self::Price { prices, ranges, counts, bounds } => {
                let Some(price) = prices.as_ref().and_then(|prices| prices.of_document(document)) else {
                    return;
                };
                for (range, count) in ranges.iter().zip(counts) {
                    *count += u64::from(range.contains(price));
                }
                *bounds =
                    Some(bounds.map_or((price, price), |(low, high)| (low.min(price), high.max(price))));
            }
        }
    }

    pub(super) fn counted(self) -> Counted {
        let mut counted = Counted::default();
        match self {
            Self::Keyword { column: None, .. } => {}
            Self::Keyword { column: Some(column), first, prefix, counts } => {
                let mut value = String::new();
                for (ordinal, count) in (first..).zip(counts).filter(|(_, count)| *count > 0) {
                    // What cannot be read has no name to be counted under; the store's checksums watch over that.
                    if column.ord_to_str(ordinal, &mut value).unwrap_or_default() {
                        let name = value.get(prefix..).unwrap_or_default();
                        counted.values.insert(name.to_owned(), count);
                    }
                }
            }
            Self::Rating { counts, .. } => {
                counted.values = (1..).zip(counts).map(|(stars, count)| (stars.to_string(), count)).collect();
            }
            Self::Price { counts, bounds, .. } => {
                counted.values = (0..).zip(counts).map(|(range, count)| (range.to_string(), count)).collect();
                counted.bounds = bounds;
            }
        }
        counted
    }
}

impl Counted {
    pub(super) fn add(&mut self, other: Self) {
        for (value, count) in other.values {
            *self.values.entry(value).or_default() += count;
        }
        self.bounds = match (self.bounds, other.bounds) {
            (Some((low, high)), Some((lower, higher))) => Some((low.min(lower), high.max(higher))),
            (one, other) => one.or(other),
        };
    }

    pub(super) fn answer(mut self, facet: &Facet) -> FacetCounts {
        let mut fixed = |values: &mut dyn Iterator<Item = String>| -> Vec<FacetValue> {
            values
                .map(|value| FacetValue { count: self.values.remove(&value).unwrap_or_default(), value })
                .collect()
        };
        let values = match facet {
            Facet::Rating => fixed(&mut [4, 3, 2, 1].map(|stars: u8| stars.to_string()).into_iter()),
            Facet::Price(ranges) => fixed(&mut (0..ranges.len()).map(|range| range.to_string())),
            Facet::Category | Facet::Brand | Facet::Tag | Facet::Attribute(_) | Facet::Availability => {
                let values = self.values.into_iter().map(|(value, count)| FacetValue { value, count });
                let mut values: Vec<_> = values.collect();
                values.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.value.cmp(&b.value)));
                values.truncate(LARGEST_FACET);
                values
            }
        };
        FacetCounts { facet: facet.clone(), values, price_bounds: self.bounds }
    }
}
