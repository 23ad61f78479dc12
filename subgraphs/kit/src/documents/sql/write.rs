//! Writing a document with its indexed values and unique keys, all in one transaction.

use sea_orm::ConnectionTrait;
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict, Query as Statement, SimpleExpr};

use super::super::collection::Index;
use super::super::engine::{Outcome, Record, Write};
use super::index;
use super::tables::{Column, Tables};
use crate::clock::Timestamp;
use crate::event::AnyEnvelope;
use crate::fault::Fault;
use crate::id::EventId;
use crate::sql::{Sql, Tx};

/// Documents of one transaction of [`forget`].
const FORGOTTEN_AT_ONCE: u64 = 200;

pub(super) async fn insert(sql: &Sql, tables: &Tables, record: &Record) -> Result<Write, Fault> {
    let tx = sql.begin().await?;
    let insert = Statement::insert()
        .into_table(tables.documents.clone())
        .columns(COLUMNS)
        .values_panic(values(record)?)
        .on_conflict(OnConflict::column(Column::Id).do_nothing().to_owned())
        .to_owned();
    if tx.execute(&insert).await?.rows_affected() == 0 {
        tx.rollback().await?;
        return Ok(Write::Stale);
    }
    finish(tx, tables, record, &Index::default()).await
}

pub(super) async fn replace(
    sql: &Sql,
    tables: &Tables,
    record: &Record,
    expected: i64,
) -> Result<Write, Fault> {
    let tx = sql.begin().await?;
    let update = Statement::update()
        .table(tables.documents.clone())
        .values(COLUMNS.into_iter().zip(values(record)?))
        .and_where(Expr::col(Column::Id).eq(record.id.as_str()))
        .and_where(Expr::col(Column::Version).eq(expected))
        .to_owned();
    if tx.execute(&update).await?.rows_affected() == 0 {
        tx.rollback().await?;
        return Ok(Write::Stale);
    }
    let old = index::read(&tx, tables, &record.id).await?;
    finish(tx, tables, record, &old).await
}

/// Writes the index over the old one, and commits; or takes all back when another document holds a key.
async fn finish(tx: Tx, tables: &Tables, record: &Record, old: &Index) -> Result<Write, Fault> {
    if let Some(key) = index::change(&tx, tables, &record.id, old, &record.index).await? {
        tx.rollback().await?;
        return Ok(Write::Taken(key));
    }
    tx.commit().await?;
    Ok(Write::Done)
}

pub(super) async fn acknowledge(
    sql: &Sql,
    tables: &Tables,
    id: &str,
    events: &[EventId],
) -> Result<(), Fault> {
    let tx = sql.begin().await?;
    let select = super::query::record(tables).and_where(Expr::col(Column::Id).eq(id)).to_owned();
    let Some(mut record) = tx.query_one(&select).await?.as_ref().map(super::record).transpose()? else {
        tx.rollback().await?;
        return Ok(());
    };
    record.pending.retain(|event| !events.contains(&event.id));
    if record.tombstone && record.pending.is_empty() && record.outcomes.is_empty() {
        remove(&tx, tables, id).await?;
    } else {
        let update = Statement::update()
            .table(tables.documents.clone())
            .value(Column::Pending, serde_json::to_string(&record.pending)?)
            .value(Column::PendingSince, pending_since(&record.pending))
            .and_where(Expr::col(Column::Id).eq(id))
            .to_owned();
        tx.execute(&update).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Drops outcomes from before `time`, some documents per transaction, so that writers need not wait long.
pub(super) async fn forget(sql: &Sql, tables: &Tables, time: Timestamp) -> Result<u64, Fault> {
    let mut touched = 0;
    loop {
        let tx = sql.begin().await?;
        let due = super::query::record(tables)
            .and_where(Expr::col(Column::OutcomesSince).lt(time.timestamp_micros()))
            .limit(FORGOTTEN_AT_ONCE)
            .to_owned();
        let due = tx.query_all(&due).await?;
        if due.is_empty() {
            tx.rollback().await?;
            return Ok(touched);
        }
        for row in &due {
            forget_of(&tx, tables, super::record(row)?, time).await?;
            touched += 1;
        }
        tx.commit().await?;
    }
}

async fn forget_of(tx: &Tx, tables: &Tables, record: Record, time: Timestamp) -> Result<(), Fault> {
    let (gone, kept): (Vec<_>, Vec<_>) = record.outcomes.into_iter().partition(|outcome| outcome.at < time);
    if record.tombstone && record.pending.is_empty() && kept.is_empty() {
        return remove(tx, tables, &record.id).await;
    }
    let keys: Vec<_> = gone.into_iter().map(|outcome| outcome.key).collect();
    index::drop_keys(tx, tables, &record.id, &keys).await?;
    let update = Statement::update()
        .table(tables.documents.clone())
        .value(Column::Outcomes, serde_json::to_string(&kept)?)
        .value(Column::OutcomesSince, outcomes_since(&kept))
        .and_where(Expr::col(Column::Id).eq(record.id.as_str()))
        .to_owned();
    tx.execute(&update).await?;
    Ok(())
}

async fn remove(tx: &Tx, tables: &Tables, id: &str) -> Result<(), Fault> {
    for (table, column) in [
        (&tables.values, Column::Document),
        (&tables.keys, Column::Document),
        (&tables.documents, Column::Id),
    ] {
        let delete =
            Statement::delete().from_table(table.clone()).and_where(Expr::col(column).eq(id)).to_owned();
        tx.execute(&delete).await?;
    }
    Ok(())
}

const COLUMNS: [Column; 10] = [
    Column::Id,
    Column::Version,
    Column::SchemaVersion,
    Column::Company,
    Column::State,
    Column::Tombstone,
    Column::Pending,
    Column::PendingSince,
    Column::Outcomes,
    Column::OutcomesSince,
];

/// In the order of [`COLUMNS`].
fn values(record: &Record) -> Result<[SimpleExpr; 10], Fault> {
    Ok([
        record.id.as_str().into(),
        record.version.into(),
        i64::from(record.schema_version).into(),
        Expr::val(record.company.map(|company| company.to_string())),
        record.state.as_str().into(),
        record.tombstone.into(),
        serde_json::to_string(&record.pending)?.into(),
        Expr::val(pending_since(&record.pending)),
        serde_json::to_string(&record.outcomes)?.into(),
        Expr::val(outcomes_since(&record.outcomes)),
    ])
}

fn outcomes_since(outcomes: &[Outcome]) -> Option<i64> {
    outcomes.iter().map(|outcome| outcome.at.timestamp_micros()).min()
}

fn pending_since(pending: &[AnyEnvelope]) -> Option<i64> {
    pending.first().map(|event| event.time.timestamp_micros())
}
