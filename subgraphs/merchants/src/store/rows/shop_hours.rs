//! When shops are open, a period per row: an index over the shops' rows, rewritten with them.

use chrono::{NaiveDate, Weekday};
use sea_orm::entity::prelude::*;
use souk_kit::id::ShopId;

use crate::domain::opening_hours::Period;
use crate::domain::shop::Shop;

/// Marks a date on which a shop is closed all day: no period opens at this minute.
const CLOSED: i32 = -1;

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "shop_hours")]
pub(in crate::store) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(in crate::store) shop_id: ShopId,
    /// A weekday (`mon`) or, where an exception holds, a date (`2026-12-25`).
    #[sea_orm(primary_key, auto_increment = false)]
    pub(in crate::store) day: String,
    /// Minutes from the midnight on which the day begins; -1 on a day without any period.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(in crate::store) opens: i32,
    /// Minutes from that same midnight; over 1440 when it closes on the next day.
    pub(in crate::store) closes: i32,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub(in crate::store) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// All rows of one shop.
pub(in crate::store) fn rows_of(shop: &Shop) -> Vec<Model> {
    let row = |day: String, opens: i32, closes: i32| Model { shop_id: shop.id, day, opens, closes };
    let open = |day: String, period: &Period| {
        row(day, i32::from(period.opens.minutes()), i32::from(period.closes_after_midnight()))
    };
    let Some(hours) = &shop.opening_hours else { return Vec::new() };
    let weekly = hours.weekly().iter().map(|weekly| open(weekday(weekly.day), &weekly.period));
    let exceptions = hours.exceptions().iter().flat_map(|exception| {
        let closed = exception.periods.is_empty().then(|| row(date(exception.date), CLOSED, CLOSED));
        closed.into_iter().chain(exception.periods.iter().map(|period| open(date(exception.date), period)))
    });
    weekly.chain(exceptions).collect()
}

/// How a weekday is written in `day`.
pub(in crate::store) fn weekday(day: Weekday) -> String {
    day.to_string().to_ascii_lowercase()
}

/// How a date is written in `day`.
pub(in crate::store) fn date(date: NaiveDate) -> String {
    date.format("%Y-%m-%d").to_string()
}
