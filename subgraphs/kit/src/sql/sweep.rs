//! Deletes what the kit's tables need no longer: a job of every relational subgraph.

use std::time::Duration;

use chrono::TimeDelta;
use sea_orm::ConnectionTrait;
use sea_orm::sea_query::{Expr, ExprTrait, IntoIden, Query};

use super::database::Sql;
use super::migration::{KitConsumed, KitIdempotency};
use crate::clock::{Clock, Timestamp};
use crate::fault::Fault;
use crate::job::Job;

/// How long the ids of consumed events are kept: far longer than a delivery can be late.
const CONSUMED_KEPT: TimeDelta = TimeDelta::days(30);

/// The job that sweeps `sql` every hour.
#[must_use]
pub fn sweeping(name: &'static str, sql: &Sql, clock: &Clock) -> Job {
    let (sql, clock) = (sql.clone(), clock.clone());
    Job::every(Duration::from_hours(1), name, move || {
        let (sql, clock) = (sql.clone(), clock.clone());
        async move { sweep(&sql, clock.now()).await.map(drop) }
    })
}

/// Deletes idempotency outcomes that have expired and ids of events that were consumed long ago; answers how
/// many.
pub async fn sweep(sql: &Sql, now: Timestamp) -> Result<u64, Fault> {
    let outcomes = delete_until(sql, KitIdempotency::Table, KitIdempotency::ExpiresAt, now).await?;
    let consumed =
        delete_until(sql, KitConsumed::Table, KitConsumed::ConsumedAt, now - CONSUMED_KEPT).await?;
    Ok(outcomes + consumed)
}

async fn delete_until(
    sql: &Sql,
    table: impl IntoIden,
    time: impl IntoIden,
    until: Timestamp,
) -> Result<u64, Fault> {
    let delete = Query::delete()
        .from_table(table.into_iden())
        .and_where(Expr::col(time.into_iden()).lte(until.timestamp_micros()))
        .to_owned();
    let tx = sql.begin().await?;
    let deleted = tx.execute(&delete).await?.rows_affected();
    tx.commit().await?;
    Ok(deleted)
}
