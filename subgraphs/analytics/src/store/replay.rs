//! From where a consumer that counts may take the log again: not from before what its store remembers to have counted.
//!
//! A store that was emptied, or put back to an earlier copy, knows by itself how far it has counted.

use std::cmp::{max, min};

use chrono::TimeDelta;
use sea_orm::ConnectionTrait;
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use souk_kit::clock::Timestamp;
use souk_kit::consumer::BatchConsumer;
use souk_kit::fault::Fault;
use souk_kit::sql::Sql;

use super::fold;
use super::rebuild::SWEPT;
use super::tables::{Column, HourCount, KitConsumed};
use crate::consumers::{FoldProducts, FoldShops, FoldVisits, Folding, REMEMBERED};

/// How much later the log may say that it got a visit than the visit says that it was received: an append takes a
/// moment, and clocks differ.
const APPENDED: TimeDelta = TimeDelta::minutes(1);

/// Whether `consumer` counts, so that only what it remembers may come again.
pub(crate) fn counts(consumer: &str) -> bool {
    [FoldVisits::NAME, FoldProducts::NAME, FoldShops::NAME].contains(&consumer)
}

/// What was appended to the log before counts twice when `consumer` takes it again; none when it has counted nothing, or
/// counts nothing at all.
pub(crate) async fn earliest(sql: &Sql, consumer: &str, now: Timestamp) -> Result<Option<Timestamp>, Fault> {
    if consumer == FoldVisits::NAME {
        return of_visits(sql, now).await;
    }
    let measures = match consumer {
        FoldProducts::NAME => FoldProducts::MEASURES,
        FoldShops::NAME => FoldShops::MEASURES,
        _ => return Ok(None),
    };
    if !has_counted(sql, measures).await? {
        return Ok(None);
    }
    // Without any, all that it has counted was swept.
    let last = last_consumed(sql, consumer).await?.unwrap_or(now);
    Ok(Some(swept(now, last)))
}

/// The same for visits, which are remembered by when the last one was received.
async fn of_visits(sql: &Sql, now: Timestamp) -> Result<Option<Timestamp>, Fault> {
    let last = fold::received_in(sql).await?;
    if last == Timestamp::default() {
        return Ok(None);
    }
    Ok(Some(max(last - REMEMBERED + APPENDED, swept(now, last))))
}

/// Nothing of what was consumed since then was swept, the last of which was at `last`.
fn swept(now: Timestamp, last: Timestamp) -> Timestamp {
    min(now - SWEPT, last + APPENDED)
}

async fn has_counted(sql: &Sql, measures: &[&str]) -> Result<bool, Fault> {
    let query = Query::select()
        .column(Column::Hour)
        .from(HourCount::Table)
        .and_where(Expr::col(Column::Measure).is_in(measures.iter().copied()))
        .limit(1)
        .to_owned();
    Ok(sql.reader().query_one(&query).await?.is_some())
}

async fn last_consumed(sql: &Sql, consumer: &str) -> Result<Option<Timestamp>, Fault> {
    let query = Query::select()
        .expr_as(Expr::col(KitConsumed::ConsumedAt).max(), "last")
        .from(KitConsumed::Table)
        .and_where(Expr::col(KitConsumed::Consumer).eq(consumer))
        .to_owned();
    let row = sql.reader().query_one(&query).await?;
    let micros: Option<i64> = row.map_or(Ok(None), |row| row.try_get("", "last"))?;
    Ok(micros.and_then(Timestamp::from_timestamp_micros))
}
