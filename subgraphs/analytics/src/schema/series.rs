//! Figures over time: a point for each hour or day.

use std::ops::Range;

use async_graphql::{Context, Enum, SimpleObject};
use chrono_tz::Tz;
use serde_json::json;
use souk_kit::clock::Timestamp;
use souk_kit::context::ContextExt;
use souk_kit::fault::Fault;
use souk_kit::page::{Connection, Cursor, PageArgs};

use super::figures::AnalyticsFigures;
use crate::domain::calendar::{Interval, stretches};
use crate::domain::hour::Hour;
use crate::store::reports::{Asked, Counts, Reports};

/// How long the points of a series are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub(crate) enum AnalyticsInterval {
    /// An hour.
    Hour,
    /// A day by the clocks of the company's time zone: 23 or 25 hours when they are changed. Where those differ from UTC
    /// by no whole hours, a day begins with the first hour of UTC that begins in it.
    Day,
}

/// The figures of an hour or day.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct AnalyticsPoint {
    /// When it begins.
    from: Timestamp,
    /// When it ends.
    until: Timestamp,
    /// What happened in between.
    figures: AnalyticsFigures,
}

pub(super) async fn points(
    ctx: &Context<'_>,
    asked: &Asked,
    zone: Tz,
    interval: AnalyticsInterval,
    page: &PageArgs,
) -> Result<Connection<AnalyticsPoint>, Fault> {
    let (interval, order) = match interval {
        AnalyticsInterval::Hour => (Interval::Hour, "hour:asc"),
        AnalyticsInterval::Day => (Interval::Day, "day:asc"),
    };
    let all = stretches(asked.hours.clone(), zone, interval);
    let count = u64::try_from(all.len()).unwrap_or_default();
    let cursor = |one: &Range<Hour>| Cursor(vec![json!(one.start.0)]);
    let slice = page.page(order)?.of_whole(all, cursor)?;
    let counts = match (slice.rows.first(), slice.rows.last()) {
        (Some(first), Some(last)) => {
            let asked = Asked { hours: first.start..last.end, ..asked.clone() };
            ctx.store::<Reports>()?.counts(&asked).await?
        }
        _ => Counts::new(),
    };
    let point = |hours: Range<Hour>| {
        let within = counts.range(hours.clone()).map(|(_, counts)| counts);
        let asked = Asked { hours: hours.clone(), ..asked.clone() };
        AnalyticsPoint {
            from: hours.start.begins(),
            until: hours.end.begins(),
            figures: AnalyticsFigures::sum(within, asked),
        }
    };
    Ok(slice.connection(cursor, point, move || Box::pin(async move { Ok(count) })))
}
