//! The order of hits, as numbers that are compared within a segment.

use ::tantivy::columnar::{Column, StrColumn};
use ::tantivy::{DocId, SegmentReader};
use std::ops::Bound;
use uuid::Uuid;

use super::price::Prices;
use super::schema::{ID_HIGH, ID_LOW, numbers};
use crate::index::document::ProductId;
use crate::index::plan::fields::{Keyword, Number};
use crate::index::plan::{Order, OrderValue, Plan, Position};

/// Where a hit stands: the lesser stands before the greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Rank {
    lacks_value: bool,
    value: u64,
    unpopular: u64,
    id: u128,
}

const LAST: Rank = Rank { lacks_value: true, value: u64::MAX, unpopular: u64::MAX, id: u128::MAX };

/// Ranks the products of a segment.
pub(super) struct Ranking {
    order: Order,
    values: Values,
    popularity: Option<Column<i64>>,
    id_high: Column<u64>,
    id_low: Column<u64>,
}

enum Values {
    Score,
    Number(Column<i64>),
    Price(Option<Box<Prices>>),
    Name(Option<StrColumn>),
}

impl Ranking {
    pub(super) fn of(segment: &SegmentReader, plan: &Plan) -> ::tantivy::Result<Self> {
        let columns = segment.fast_fields();
        let number = |number: Number| numbers(segment, number.name()).map(Values::Number);
        let values = match plan.order {
            Order::Score => Values::Score,
            Order::Price(_) => Values::Price(match &plan.price {
                Some(context) => Prices::of(segment, context)?.map(Box::new),
                None => None,
            }),
            Order::Newest => number(Number::Created)?,
            Order::Popularity => number(Number::Popularity)?,
            Order::Rating => number(Number::Rating)?,
            Order::Name(_) => Values::Name(columns.str(Keyword::SortName.name())?),
        };
        let popularity = match plan.order {
            Order::Score => Some(numbers(segment, Number::Popularity.name())?),
            _ => None,
        };
        Ok(Self {
            order: plan.order,
            values,
            popularity,
            id_high: columns.u64(ID_HIGH)?,
            id_low: columns.u64(ID_LOW)?,
        })
    }

    pub(super) fn rank(&self, document: DocId, score: f32) -> Rank {
        let value = match &self.values {
            Values::Score => Some(by_score(score)),
            Values::Number(column) => column.first(document).map(by_number),
            Values::Price(prices) => {
                prices.as_ref().and_then(|prices| prices.of_document(document)).map(by_number)
            }
            Values::Name(names) => names.as_ref().and_then(|names| names.term_ords(document).next()),
        };
        let popularity = self.popularity.as_ref().and_then(|column| column.first(document));
        let high = self.id_high.first(document).unwrap_or_default();
        let low = self.id_low.first(document).unwrap_or_default();
        let id = u128::from(high) << 64 | u128::from(low);
        self.ranked(value, popularity.unwrap_or_default(), id)
    }

    fn ranked(&self, value: Option<u64>, popularity: i64, id: u128) -> Rank {
        let value = value.map(|value| if self.order.is_ascending() { value } else { !value });
        let unpopular = if self.popularity.is_some() { !by_number(popularity) } else { 0 };
        Rank { lacks_value: value.is_none(), value: value.unwrap_or_default(), unpopular, id }
    }

    /// The rank of the last hit that is not wanted any more; none when all are.
    pub(super) fn bound(&self, after: &Position) -> ::tantivy::Result<Option<Rank>> {
        let id = after.id.uuid().as_u128();
        let value = match (&after.value, &self.values) {
            (OrderValue::Score(score), Values::Score) => Some(by_score(*score)),
            (OrderValue::Number(number), Values::Number(_) | Values::Price(_)) => number.map(by_number),
            (OrderValue::Text(text), Values::Name(Some(names))) => {
                let dictionary = names.dictionary();
                match dictionary.term_ord(text)? {
                    Some(ordinal) => Some(ordinal),
                    None => return self.bound_between(dictionary, text),
                }
            }
            (OrderValue::Text(_), Values::Name(None)) => None,
            _ => return Ok(Some(LAST)),
        };
        Ok(Some(self.ranked(value, after.popularity, id)))
    }

    /// The bound by a name that the segment does not have.
    fn bound_between(
        &self,
        dictionary: &::tantivy::columnar::Dictionary,
        text: &str,
    ) -> ::tantivy::Result<Option<Rank>> {
        let (next, _) = dictionary.term_bounds_to_ord(Bound::Included(text), Bound::Unbounded)?;
        let next = match next {
            Bound::Included(next) => next,
            Bound::Excluded(before) => before.saturating_add(1),
            Bound::Unbounded => 0,
        };
        let terms = u64::try_from(dictionary.num_terms()).unwrap_or(u64::MAX);
        let next = next.min(terms);
        // The names from `next` on come after the text, those below it before.
        let last_before =
            if self.order.is_ascending() { next.checked_sub(1) } else { (next < terms).then_some(next) };
        Ok(last_before.map(|ordinal| Rank {
            id: u128::MAX,
            unpopular: u64::MAX,
            ..self.ranked(Some(ordinal), 0, 0)
        }))
    }

    /// Where a hit of this rank stands.
    pub(super) fn position(&self, rank: Rank) -> ::tantivy::Result<Position> {
        let value =
            (!rank.lacks_value).then_some(if self.order.is_ascending() { rank.value } else { !rank.value });
        let value = match &self.values {
            Values::Score => OrderValue::Score(score_of(value.unwrap_or_default())),
            Values::Number(_) | Values::Price(_) => OrderValue::Number(value.map(number_of)),
            Values::Name(names) => {
                let mut text = String::new();
                if let (Some(names), Some(ordinal)) = (names, value) {
                    names.ord_to_str(ordinal, &mut text)?;
                }
                OrderValue::Text(text)
            }
        };
        let popularity = if self.popularity.is_some() { number_of(!rank.unpopular) } else { 0 };
        let id = ProductId::from_uuid(Uuid::from_u128(rank.id));
        Ok(Position { value, popularity, id })
    }
}

/// Which of two hits of different segments stands first.
pub(super) fn compare(order: Order, left: &Position, right: &Position) -> std::cmp::Ordering {
    use std::cmp::Ordering;
    let directed = |ordering: Ordering| if order.is_ascending() { ordering } else { ordering.reverse() };
    let by_value = match (&left.value, &right.value) {
        (OrderValue::Score(left), OrderValue::Score(right)) => right.total_cmp(left),
        (OrderValue::Number(Some(left)), OrderValue::Number(Some(right))) => directed(left.cmp(right)),
        (OrderValue::Number(left), OrderValue::Number(right)) => left.is_none().cmp(&right.is_none()),
        (OrderValue::Text(left), OrderValue::Text(right)) => directed(left.cmp(right)),
        _ => Ordering::Equal,
    };
    by_value.then(right.popularity.cmp(&left.popularity)).then(left.id.cmp(&right.id))
}

/// A score, never negative, as a number that grows with it.
fn by_score(score: f32) -> u64 {
    u64::from(score.max(0.0).to_bits())
}

fn score_of(value: u64) -> f32 {
    f32::from_bits(u32::try_from(value).unwrap_or_default())
}

fn by_number(number: i64) -> u64 {
    number.cast_unsigned() ^ (1 << 63)
}

fn number_of(value: u64) -> i64 {
    (value ^ (1 << 63)).cast_signed()
}
