//! Which shops are open at an instant, as a condition of one query over all time zones.
//!
//! Each zone's clock is read once. Zones whose clocks agree share a condition, so there are no more of them than
//! offsets in use. The rows say when a period opens and closes in minutes of its day; [`WallClock`] says which
//! of them have begun and not yet passed, repeated and skipped hours included. Tested against the domain.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime};
use chrono_tz::Tz;
use sea_orm::sea_query::{Alias, Expr, ExprTrait, Query, SelectStatement};
use sea_orm::{ColumnTrait, Condition, QuerySelect};
use souk_kit::clock::Timestamp;
use souk_kit::fault::Fault;
use souk_kit::permission::Visibility;
use souk_kit::sql::{PartOf, Sql};

use super::rows::shop;
use super::rows::shop_hours::{Column, Entity, date, weekday};
use crate::domain::wall_clock::WallClock;

/// The zones of all shops that state hours, by what their clocks show.
#[derive(Debug, Clone, Default)]
pub(super) struct OpenNow(Vec<(WallClock, Vec<String>)>);

impl OpenNow {
    /// Reads the clocks of the zones in use; one query.
    pub(super) async fn at(sql: &Sql, scope: &Visibility, instant: Timestamp) -> Result<Self, Fault> {
        let zones: Vec<String> = Entity::visible_to(scope)
            .select_only()
            .column(Column::TimeZone)
            .distinct()
            .into_tuple()
            .all(sql.reader())
            .await?;
        Ok(Self::in_zones(zones, instant))
    }

    fn in_zones(zones: Vec<String>, instant: Timestamp) -> Self {
        let mut clocks: BTreeMap<(NaiveDateTime, NaiveDateTime), (WallClock, Vec<String>)> = BTreeMap::new();
        for name in zones {
            // A zone that this release does not know (a newer one wrote it) has no shop that is known to be open.
            let Ok(zone) = name.parse::<Tz>() else { continue };
            let clock = WallClock::at(instant, zone);
            clocks.entry((clock.begun, clock.passed)).or_insert_with(|| (clock, Vec::new())).1.push(name);
        }
        Self(clocks.into_values().collect())
    }

    /// Shops that state hours and are, or are not, open.
    pub(super) fn condition(&self, open: bool) -> Condition {
        let shops = Query::select().column(Column::ShopId).from(Entity).cond_where(self.periods()).to_owned();
        if open {
            Condition::all().add(shop::Column::Id.in_subquery(shops))
        } else {
            Condition::all()
                .add(shop::Column::OpeningHours.is_not_null())
                .add(shop::Column::Id.not_in_subquery(shops))
        }
    }

    /// Periods that are going on.
    fn periods(&self) -> Condition {
        let mut any = Condition::any().add(Expr::value(1).eq(0));
        for (clock, zones) in &self.0 {
            let mut going_on = Condition::any();
            for day in clock.dates() {
                let of_date = Column::Day.eq(date(day));
                let of_weekday = Condition::all()
                    .add(Column::Day.eq(weekday(day.weekday())))
                    .add(Expr::exists(exception_on(day)).not());
                going_on = going_on.add(
                    Condition::all()
                        .add(Condition::any().add(of_date).add(of_weekday))
                        .add(Column::Opens.lte(minutes_since(day, clock.begun)))
                        .add(Column::Closes.gt(minutes_since(day, clock.passed)))
                        // The mark of a closed day opens at no minute.
                        .add(Column::Opens.gte(0)),
                );
            }
            any = any.add(Condition::all().add(Column::TimeZone.is_in(zones.iter().cloned())).add(going_on));
        }
        any
    }
}

/// The rows that replace the weekly ones of the same shop on `day`.
fn exception_on(day: NaiveDate) -> SelectStatement {
    let exception = || Alias::new("exception");
    Query::select()
        .expr(Expr::value(1))
        .from_as(Entity, exception())
        .and_where(Expr::col((exception(), Column::ShopId)).equals((Entity, Column::ShopId)))
        .and_where(Expr::col((exception(), Column::Day)).eq(date(day)))
        .to_owned()
}

fn minutes_since(day: NaiveDate, local: NaiveDateTime) -> i32 {
    let minutes = (local - day.and_time(NaiveTime::MIN)).num_minutes();
    // Two days apart at most.
    i32::try_from(minutes).unwrap_or(i32::MAX)
}
