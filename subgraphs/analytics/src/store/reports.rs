//! Figures as they are asked for: summed over hours and over the shops that the caller may see.

use std::collections::BTreeMap;
use std::ops::Range;

use sea_orm::sea_query::{Expr, ExprTrait, Query, SimpleExpr};
use sea_orm::{ColumnTrait, FromQueryResult, Order, QueryFilter, QueryOrder, QuerySelect, Select};
use serde_json::json;
use souk_kit::fault::Fault;
use souk_kit::id::{CompanyId, ShopId};
use souk_kit::page::{Cursor, Page, Slice};
use souk_kit::permission::Visibility;
use souk_kit::sql::{Sql, Tenanted};

use super::popularity;
use super::rows::{count, sketch, tally};
use super::tables::{Column, HourTally, ProductOwner};
use crate::domain::hour::Hour;
use crate::domain::measures::{product_clicks, product_views, visitors};
use crate::domain::sketch::Sketch;

/// Hours whose sketches are read at once: each may be 4 KiB for each shop.
const SKETCHED: i64 = 7 * 24;
/// The measures whose items are products.
const BY_PRODUCT: [&str; 2] = [product_views::MEASURE.name, product_clicks::MEASURE.name];

/// Of what figures are asked.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) scope: Visibility,
    pub(crate) company: CompanyId,
    pub(crate) shops: Shops,
    pub(crate) hours: Range<Hour>,
}

/// Of which shops of the company.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shops {
    /// All, and what happened in none.
    All,
    One(ShopId),
    /// What was named is no shop.
    None,
}

/// An item and how much there is of it.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub(crate) struct Amount {
    pub(crate) item: String,
    pub(crate) amount: i64,
}

impl Amount {
    /// Its place in a list with the largest first.
    pub(crate) fn cursor(&self) -> Cursor {
        Cursor(vec![json!(self.amount), json!(self.item)])
    }
}

#[derive(FromQueryResult)]
struct Counted {
    measure: String,
    hour: i64,
    amount: i64,
}

#[derive(FromQueryResult)]
struct State {
    state: Vec<u8>,
}

/// The rollups of a database. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Reports(Sql);

/// What is counted, by hour and measure.
pub(crate) type Counts = BTreeMap<Hour, BTreeMap<String, i64>>;

impl Reports {
    pub(crate) fn new(sql: Sql) -> Self {
        Self(sql)
    }

    /// What is counted in each hour that has anything.
    pub(crate) async fn counts(&self, asked: &Asked) -> Result<Counts, Fault> {
        let rows = within(count::Entity::visible_to(&asked.scope), asked)
            .select_only()
            .column(count::Column::Measure)
            .column(count::Column::Hour)
            .expr_as(total(Expr::col(count::Column::Value)), "amount")
            .group_by(count::Column::Measure)
            .group_by(count::Column::Hour)
            .into_model::<Counted>()
            .all(self.0.reader())
            .await?;
        let mut counts = Counts::new();
        for Counted { measure, hour, amount } in rows {
            counts.entry(Hour(hour)).or_default().insert(measure, amount);
        }
        Ok(counts)
    }

    /// The different visitors of all hours together.
    pub(crate) async fn visitors(&self, asked: &Asked) -> Result<Sketch, Fault> {
        let mut all = Sketch::default();
        let mut from = asked.hours.start;
        while from < asked.hours.end {
            let until = asked.hours.end.min(Hour(from.0 + SKETCHED));
            let some = Asked { hours: from..until, ..asked.clone() };
            let rows = within(sketch::Entity::visible_to(&some.scope), &some)
                .filter(sketch::Column::Measure.eq(visitors::MEASURE.name))
                .select_only()
                .column(sketch::Column::State)
                .into_model::<State>()
                .all(self.0.reader())
                .await?;
            for State { state } in rows {
                all.merge(&Sketch::decode(&state)?);
            }
            from = until;
        }
        Ok(all)
    }

    /// The items of a measure, those with the most first; of products only the company's own.
    pub(crate) async fn top(
        &self,
        asked: &Asked,
        measure: &str,
        page: &Page,
    ) -> Result<Slice<Amount>, Fault> {
        let select = items(asked, &[measure]);
        self.page(select, Expr::col(tally::Column::Value), page).await
    }

    /// The company's products by how popular they were at the end of the hours that are asked: see
    /// [`decay`](crate::domain::decay).
    pub(crate) async fn trending(&self, asked: &Asked, page: &Page) -> Result<Slice<Amount>, Fault> {
        let reference = Hour(asked.hours.end.0 - 1);
        let select = items(&trend(asked), &BY_PRODUCT);
        self.page(select, popularity::score(reference), page).await
    }

    /// How many items there are of a measure.
    pub(crate) async fn count_items(&self, asked: &Asked, measure: &str) -> Result<u64, Fault> {
        self.count_of(items(asked, &[measure])).await
    }

    /// How many products [`Reports::trending`] tells of.
    pub(crate) async fn count_trending(&self, asked: &Asked) -> Result<u64, Fault> {
        self.count_of(items(&trend(asked), &BY_PRODUCT)).await
    }

    /// How much there is of some items of a measure; of all without any.
    pub(crate) async fn amounts(
        &self,
        asked: &Asked,
        measure: &str,
        of: Option<Vec<String>>,
    ) -> Result<BTreeMap<String, i64>, Fault> {
        let mut select = items(asked, &[measure]);
        if let Some(of) = of {
            select = select.filter(tally::Column::Item.is_in(of));
        }
        let rows = select
            .select_only()
            .column(tally::Column::Item)
            .expr_as(total(Expr::col(tally::Column::Value)), "amount")
            .group_by(tally::Column::Item)
            .into_model::<Amount>()
            .all(self.0.reader())
            .await?;
        Ok(rows.into_iter().map(|Amount { item, amount }| (item, amount)).collect())
    }

    async fn count_of(&self, select: Select<tally::Entity>) -> Result<u64, Fault> {
        let count = select
            .select_only()
            .expr_as(Expr::col(tally::Column::Item).count_distinct(), "count")
            .into_tuple::<i64>()
            .one(self.0.reader())
            .await?;
        Ok(count.and_then(|count| u64::try_from(count).ok()).unwrap_or_default())
    }

    async fn page(
        &self,
        select: Select<tally::Entity>,
        value: SimpleExpr,
        page: &Page,
    ) -> Result<Slice<Amount>, Fault> {
        let (more, fewer) = if page.backward { (Order::Asc, Order::Desc) } else { (Order::Desc, Order::Asc) };
        let mut select = select
            .select_only()
            .column(tally::Column::Item)
            .expr_as(total(value.clone()), "amount")
            .group_by(tally::Column::Item)
            .order_by(total(value.clone()), more)
            .order_by(tally::Column::Item, fewer)
            .limit(u64::try_from(page.fetch()).unwrap_or(u64::MAX));
        if let Some(Cursor(parts)) = &page.from {
            let (amount, item) = match parts.as_slice() {
                [amount, item] => (amount.as_i64(), item.as_str()),
                _ => (None, None),
            };
            let (Some(amount), Some(item)) = (amount, item) else {
                return Err(Fault::bad_input("this cursor does not belong to this list"));
            };
            let (sum, items) = (total(value), Expr::col(tally::Column::Item));
            let same = sum.clone().eq(amount);
            let beyond = if page.backward {
                sum.gt(amount).or(same.and(items.lt(item)))
            } else {
                sum.lt(amount).or(same.and(items.gt(item)))
            };
            select = select.having(beyond);
        }
        Ok(page.slice(select.into_model::<Amount>().all(self.0.reader()).await?))
    }
}

/// The sum as a whole number: Postgres sums to decimals otherwise.
pub(super) fn total(value: impl Into<SimpleExpr>) -> SimpleExpr {
    value.into().sum().cast_as("bigint")
}

/// The rows of what is asked.
fn within<E: Tenanted>(select: Select<E>, asked: &Asked) -> Select<E> {
    let hours = asked.hours.start.0..asked.hours.end.0;
    let hour = || Expr::col(Column::Hour);
    let mut select = select
        .filter(Expr::col(Column::Company).eq(asked.company))
        .filter(hour().gte(hours.start))
        .filter(hour().lt(hours.end));
    match asked.shops {
        Shops::All => {}
        Shops::One(shop) => select = select.filter(Expr::col(Column::Shop).eq(shop)),
        Shops::None => select = select.filter(Expr::val(1).eq(0)),
    }
    select
}

fn items(asked: &Asked, measures: &[&str]) -> Select<tally::Entity> {
    let select = within(tally::Entity::visible_to(&asked.scope), asked)
        .filter(tally::Column::Measure.is_in(measures.iter().copied()));
    if measures.iter().any(|measure| BY_PRODUCT.contains(measure)) {
        return select.filter(is_own_product(asked.company));
    }
    select
}

/// Whether the item is a product of the company's, deleted ones included. Visitors name what they like: what is another's
/// or nobody's, or is not told of yet, is counted and not shown.
fn is_own_product(company: CompanyId) -> SimpleExpr {
    let own = Query::select()
        .expr(Expr::val(1))
        .from(ProductOwner::Table)
        .and_where(popularity::owned((HourTally::Table, Column::Item)))
        .and_where(Expr::col((ProductOwner::Table, ProductOwner::Company)).eq(company))
        .to_owned();
    Expr::exists(own)
}

/// The week before the end of what is asked.
fn trend(asked: &Asked) -> Asked {
    let end = asked.hours.end;
    let start = popularity::oldest(Hour(end.0 - 1));
    Asked { hours: start..end, ..asked.clone() }
}
