//! Since when the log is known to hold every event. It forgets by a retention that may have been another one before, and
//! what it has forgotten stays forgotten.

use std::cmp::max;

use chrono::TimeDelta;
use sea_orm::ConnectionTrait;
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use souk_kit::clock::Timestamp;
use souk_kit::fault::Fault;
use souk_kit::sql::{Sql, Tx};

use super::fold;
use super::tables::Progress;

/// Notes how long the log keeps every event now, for rebuilds that come when it is another time; none when it forgets
/// nothing.
pub(crate) async fn note(sql: &Sql, kept: Option<TimeDelta>, now: Timestamp) -> Result<(), Fault> {
    let tx = sql.begin().await?;
    fold::lock(&tx, None).await?;
    whole_since(&tx, kept, now).await?;
    tx.commit().await?;
    Ok(())
}

/// The time since when the log holds every event; none when it has never forgotten any. Notes that, and how long it keeps
/// them now. The caller has [locked](fold::lock) the rollups.
pub(super) async fn whole_since(
    tx: &Tx,
    kept: Option<TimeDelta>,
    now: Timestamp,
) -> Result<Option<Timestamp>, Fault> {
    let noted = Query::select()
        .columns([Progress::Forgotten, Progress::Kept])
        .from(Progress::Table)
        .and_where(Expr::col(Progress::Id).eq(1))
        .to_owned();
    let (forgotten, before): (i64, i64) = match tx.query_one(&noted).await? {
        Some(row) => (row.try_get("", "forgotten")?, row.try_get("", "kept")?),
        None => (0, 0),
    };
    let kept = kept.and_then(|kept| kept.num_microseconds()).unwrap_or_default();
    // Whoever makes the log forget may have gone by what was noted last until a moment ago.
    let shortest = [kept, before].into_iter().filter(|kept| *kept > 0).min();
    let until = shortest.map_or(0, |kept| now.timestamp_micros().saturating_sub(kept));
    let forgotten = max(forgotten, until);
    let note = Query::update()
        .table(Progress::Table)
        .value(Progress::Forgotten, forgotten)
        .value(Progress::Kept, kept)
        .and_where(Expr::col(Progress::Id).eq(1))
        .to_owned();
    tx.execute(&note).await?;
    Ok(Timestamp::from_timestamp_micros(forgotten).filter(|_| forgotten > 0))
}
