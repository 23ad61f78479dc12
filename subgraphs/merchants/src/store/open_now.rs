//! Which shops are open at an instant, as a condition of one query over all time zones.
//!
//! Each zone in use has its clock read once. Zones whose clocks agree share a condition, so there are no more of
//! them than offsets on Earth. The rows say when a period opens and closes in minutes of its day; [`WallClock`] says
//! which of them have begun and not yet passed, repeated and skipped hours included. A list walks its own index
//! and looks up the few rows of each shop, so that a page costs the same however many shops are open.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime};
use chrono_tz::Tz;
use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement};
use sea_orm::{ColumnTrait, Condition, QuerySelect};
use souk_kit::clock::Timestamp;
use souk_kit::fault::Fault;
use souk_kit::permission::Visibility;
use souk_kit::sql::{Sql, Tenanted};

use super::rows::shop;
use super::rows::shop_hours::{Column, Entity, date, weekday};
use crate::domain::wall_clock::WallClock;

/// The time zones of shops, by what their clocks show.
#[derive(Debug, Clone, Default)]
pub(super) struct OpenNow(Vec<(WallClock, Vec<String>)>);

impl OpenNow {
    /// Reads the clocks of the zones in use; one query, which an index answers. Which zones are in use, over all
    /// tenants, shapes the condition and nothing that a caller sees.
    pub(super) async fn at(sql: &Sql, instant: Timestamp) -> Result<Self, Fault> {
        let zones: Vec<String> =
            shop::Entity::visible_to(&Visibility::everything_for("merchants.zones-in-use"))
                .select_only()
                .column(shop::Column::TimeZone)
                .distinct()
                .into_tuple()
                .all(sql.reader())
                .await?;
        let mut clocks: BTreeMap<(NaiveDateTime, NaiveDateTime), (WallClock, Vec<String>)> = BTreeMap::new();
        for name in zones {
            // No shop is known to be open in a zone that only a newer release knows.
            let Ok(zone) = name.parse::<Tz>() else { continue };
            let clock = WallClock::at(instant, zone);
            clocks.entry((clock.begun, clock.passed)).or_insert_with(|| (clock, Vec::new())).1.push(name);
        }
        Ok(Self(clocks.into_values().collect()))
    }

    /// Shops that state hours and are, or are not, open.
    pub(super) fn condition(&self, open: bool) -> Condition {
        let mut any = Condition::any().add(Expr::value(1).eq(0));
        for (clock, zones) in &self.0 {
            let of_zone = shop::Column::TimeZone.is_in(zones.iter().cloned());
            any = any.add(Condition::all().add(of_zone).add(is_open(*clock)));
        }
        if open { any } else { Condition::all().add(shop::Column::OpeningHours.is_not_null()).add(any.not()) }
    }
}

/// Shops that have a period going on when their clocks show `clock`.
fn is_open(clock: WallClock) -> Condition {
    let mut any = Condition::any();
    for day in clock.dates() {
        let weekly = Condition::all()
            .add(Expr::exists(going_on(weekday(day.weekday()), day, clock)))
            .add(Expr::exists(rows_of(date(day))).not());
        any = any.add(Expr::exists(going_on(date(day), day, clock))).add(weekly);
    }
    any
}

/// The shop's rows of a weekday or date whose periods, begun on `day`, are going on.
fn going_on(rows: String, day: NaiveDate, clock: WallClock) -> SelectStatement {
    rows_of(rows)
        // The mark of a closed day opens at no minute.
        .and_where(Column::Opens.gte(0))
        .and_where(Column::Opens.lte(minutes_since(day, clock.begun)))
        .and_where(Column::Closes.gt(minutes_since(day, clock.passed)))
        .to_owned()
}

/// The shop's rows of a weekday or date.
fn rows_of(day: String) -> SelectStatement {
    Query::select()
        .expr(Expr::value(1))
        .from(Entity)
        .and_where(Expr::col((Entity, Column::ShopId)).equals((shop::Entity, shop::Column::Id)))
        .and_where(Column::Day.eq(day))
        .to_owned()
}

fn minutes_since(day: NaiveDate, local: NaiveDateTime) -> i32 {
    let minutes = (local - day.and_time(NaiveTime::MIN)).num_minutes();
    // Two days apart at most.
    i32::try_from(minutes).unwrap_or(i32::MAX)
}
