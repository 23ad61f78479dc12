//! Keyset paging for sea-orm queries: a page starts after the sort keys of the last row seen.

use sea_orm::sea_query::{ColumnType, Value};
use sea_orm::{ColumnTrait, Condition, EntityTrait, Order, QueryFilter, QueryOrder, QuerySelect, Select};
use serde_json::Value as Json;

use crate::clock::Timestamp;
use crate::fault::Fault;
use crate::page::{Cursor, Page, SortDirection};

/// One column that a list is ordered by. It must not be null: null compares with nothing.
#[derive(Debug, Clone)]
pub struct SortKey<C> {
    /// The column.
    pub column: C,
    /// Upwards or downwards.
    pub order: Order,
}

impl<C> SortKey<C> {
    /// Upwards.
    pub fn asc(column: C) -> Self {
        Self { column, order: Order::Asc }
    }

    /// Downwards.
    pub fn desc(column: C) -> Self {
        Self { column, order: Order::Desc }
    }

    /// As the client wants it.
    pub fn towards(direction: SortDirection, column: C) -> Self {
        match direction {
            SortDirection::Asc => Self::asc(column),
            SortDirection::Desc => Self::desc(column),
        }
    }
}

/// Cuts a page out of a query.
pub trait Keyset<E: EntityTrait>: Sized {
    /// Orders by `keys`, of which the last must be unique, starts after the page's cursor, and fetches one row
    /// more than the page holds. `BAD_USER_INPUT` when the cursor is of another shape.
    fn page(self, page: &Page, keys: &[SortKey<E::Column>]) -> Result<Self, Fault>;
}

impl<E: EntityTrait> Keyset<E> for Select<E> {
    fn page(self, page: &Page, keys: &[SortKey<E::Column>]) -> Result<Self, Fault> {
        let mut select = self;
        if let Some(cursor) = &page.from {
            select = select.filter(after(cursor, keys, page.backward)?);
        }
        for key in keys {
            select = select.order_by(key.column, turned(&key.order, page.backward));
        }
        Ok(select.limit(u64::try_from(page.fetch()).unwrap_or(u64::MAX)))
    }
}

/// `(a, b) > (x, y)` written out, because directions may differ: `a > x OR (a = x AND b > y)`.
fn after<C: ColumnTrait>(cursor: &Cursor, keys: &[SortKey<C>], backward: bool) -> Result<Condition, Fault> {
    let foreign = || Fault::bad_input("this cursor does not belong to this list");
    if cursor.0.len() != keys.len() {
        return Err(foreign());
    }
    let mut values = Vec::with_capacity(keys.len());
    for (key, json) in keys.iter().zip(&cursor.0) {
        values.push(sql_value(key.column, json).ok_or_else(foreign)?);
    }
    let mut any = Condition::any();
    for (depth, (key, value)) in keys.iter().zip(&values).enumerate() {
        let mut all = Condition::all();
        for (earlier, equal) in keys.iter().zip(&values).take(depth) {
            all = all.add(earlier.column.eq(equal.clone()));
        }
        let beyond = match turned(&key.order, backward) {
            Order::Desc => key.column.lt(value.clone()),
            _ => key.column.gt(value.clone()),
        };
        any = any.add(all.add(beyond));
    }
    // Implied by the rest, but only this lets the database seek in an index on the first key.
    let bound = keys.first().zip(values.first()).map(|(key, value)| match turned(&key.order, backward) {
        Order::Desc => key.column.lte(value.clone()),
        _ => key.column.gte(value.clone()),
    });
    Ok(Condition::all().add_option(bound).add(any))
}

fn turned(order: &Order, backward: bool) -> Order {
    match (order, backward) {
        (Order::Asc, true) => Order::Desc,
        (Order::Desc, true) => Order::Asc,
        (order, _) => order.clone(),
    }
}

/// A cursor's value as the column's type; none when it is of another one: some engines compare those as they like,
/// others refuse to. A time that is compared as text must be written as the column's are.
fn sql_value<C: ColumnTrait>(column: C, json: &Json) -> Option<Value> {
    match (column.def().get_column_type(), json) {
        (
            ColumnType::DateTime | ColumnType::Timestamp | ColumnType::TimestampWithTimeZone,
            Json::String(text),
        ) => text.parse::<Timestamp>().ok().map(Value::from),
        (
            ColumnType::TinyInteger | ColumnType::SmallInteger | ColumnType::Integer | ColumnType::BigInteger,
            Json::Number(number),
        ) => number.as_i64().map(Value::from),
        (ColumnType::Boolean, Json::Bool(yes)) => Some((*yes).into()),
        (ColumnType::Char(_) | ColumnType::String(_) | ColumnType::Text, Json::String(text)) => {
            Some(text.clone().into())
        }
        _ => None,
    }
}
