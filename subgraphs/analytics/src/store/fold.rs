//! Adds rollups to those that are stored.

use sea_orm::ConnectionTrait;
use sea_orm::sea_query::{
    Alias, DynIden, Expr, ExprTrait, InsertStatement, IntoIden, OnConflict, Query, SimpleExpr, Value,
};
use souk_kit::clock::Timestamp;
use souk_kit::fault::Fault;
use souk_kit::id::ShopId;
use souk_kit::sql::{Sql, Tx};

use super::tables::{
    Column, Generation, HourCount, HourSketch, HourTally, Progress, RebuiltCount, RebuiltSketch, RebuiltTally,
};
use crate::domain::hour::Hour;
use crate::domain::rollup::{Rollup, Slot};
use crate::domain::sketch::Sketch;

/// Rows of one statement; each has six values at most.
const ROWS: usize = 500;

/// The tables of rollups.
pub(super) struct Tables {
    pub(super) counts: DynIden,
    pub(super) sketches: DynIden,
    pub(super) tallies: DynIden,
}

impl Generation {
    pub(super) fn tables(self) -> Tables {
        match self {
            Self::Live => Tables {
                counts: HourCount::Table.into_iden(),
                sketches: HourSketch::Table.into_iden(),
                tallies: HourTally::Table.into_iden(),
            },
            Self::Rebuilt => Tables {
                counts: RebuiltCount::Table.into_iden(),
                sketches: RebuiltSketch::Table.into_iden(),
                tallies: RebuiltTally::Table.into_iden(),
            },
        }
    }
}

/// Waits until nobody else writes rollups, and notes that visits were counted that were received between two times.
pub(crate) async fn lock(tx: &Tx, received: Option<(Timestamp, Timestamp)>) -> Result<(), Fault> {
    let mut note = Query::update();
    note.table(Progress::Table).and_where(Expr::col(Progress::Id).eq(1));
    match received {
        // A row that is written is locked, whatever is written.
        None => note.value(Progress::Received, Expr::col(Progress::Received)),
        Some((first, last)) => {
            let (first, last) = (first.timestamp_micros(), last.timestamp_micros());
            // The larger of two numbers has another name on each engine.
            let later = Expr::case(Expr::col(Progress::Received).lt(last), last);
            let is_first = Expr::col(Progress::Began).eq(0).or(Expr::col(Progress::Began).gt(first));
            let earlier = Expr::case(is_first, first);
            note.value(Progress::Received, later.finally(Expr::col(Progress::Received)))
                .value(Progress::Began, earlier.finally(Expr::col(Progress::Began)))
        }
    };
    tx.execute(&note).await?;
    Ok(())
}

/// When the first visit was received that was counted; none before there was one.
pub(super) async fn began(on: &impl ConnectionTrait) -> Result<Option<Timestamp>, Fault> {
    let query = Query::select().column(Progress::Began).from(Progress::Table).to_owned();
    let row = on.query_one(&query).await?;
    let micros: i64 = row.map_or(Ok(0), |row| row.try_get("", "began"))?;
    Ok(Timestamp::from_timestamp_micros(micros).filter(|_| micros > 0))
}

/// The first hour in which anything was counted.
pub(super) async fn first_hour(on: &impl ConnectionTrait) -> Result<Option<Hour>, Fault> {
    let query =
        Query::select().expr_as(Expr::col(Column::Hour).min(), "first").from(HourCount::Table).to_owned();
    let row = on.query_one(&query).await?;
    Ok(row.map_or(Ok(None), |row| row.try_get("", "first"))?.map(Hour))
}

/// When the latest visit was received that is counted; the beginning of time before the first one.
pub(crate) async fn received(on: &impl ConnectionTrait) -> Result<Timestamp, Fault> {
    let query = Query::select().column(Progress::Received).from(Progress::Table).to_owned();
    let row = on.query_one(&query).await?;
    let micros = row.map_or(Ok(0), |row| row.try_get("", "received"))?;
    Ok(Timestamp::from_timestamp_micros(micros).unwrap_or_default())
}

/// The same for who only reads.
pub(crate) async fn received_in(sql: &Sql) -> Result<Timestamp, Fault> {
    received(sql.reader()).await
}

/// Adds `rollup` to the stored ones. The caller has [`lock`]ed them.
pub(crate) async fn add(tx: &Tx, rollup: &Rollup) -> Result<(), Fault> {
    add_to(tx, Generation::Live, rollup).await
}

pub(super) async fn add_to(tx: &Tx, generation: Generation, rollup: &Rollup) -> Result<(), Fault> {
    let tables = generation.tables();
    let counts: Vec<_> = rollup.counts.iter().collect();
    for counts in counts.chunks(ROWS) {
        let mut insert = adding(&tables.counts, &[]);
        for ((slot, measure), value) in counts {
            insert.values_panic(row(slot, measure).into_iter().chain([(**value).into()]));
        }
        tx.execute(&insert).await?;
    }
    let tallies: Vec<_> = rollup.tallies.iter().collect();
    for tallies in tallies.chunks(ROWS) {
        let mut insert = adding(&tables.tallies, &[Column::Item]);
        for ((slot, measure, item), value) in tallies {
            let figure = [item.as_str().into(), (**value).into()];
            insert.values_panic(row(slot, measure).into_iter().chain(figure));
        }
        tx.execute(&insert).await?;
    }
    for ((slot, measure), sketch) in &rollup.sketches {
        merge(tx, &tables.sketches, slot, measure, sketch).await?;
    }
    Ok(())
}

const PLACE: [Column; 4] = [Column::Company, Column::Measure, Column::Hour, Column::Shop];

fn row(slot: &Slot, measure: &str) -> Vec<SimpleExpr> {
    vec![
        slot.company.into_value(),
        measure.into_value(),
        slot.hour.0.into_value(),
        shop(slot.shop).into_value(),
    ]
    .into_iter()
    .map(SimpleExpr::Value)
    .collect()
}

trait IntoValue {
    fn into_value(self) -> Value;
}

impl<V: Into<Value>> IntoValue for V {
    fn into_value(self) -> Value {
        self.into()
    }
}

fn shop(shop: Option<ShopId>) -> String {
    shop.map(|shop| shop.to_string()).unwrap_or_default()
}

/// Inserts figures, or adds them to those that are there.
fn adding(table: &DynIden, more: &[Column]) -> InsertStatement {
    let key: Vec<Column> = PLACE.iter().chain(more).copied().collect();
    let sum =
        Expr::col((table.clone(), Column::Value)).add(Expr::col((Alias::new("excluded"), Column::Value)));
    let mut conflict = OnConflict::columns(key.clone());
    conflict.value(Column::Value, sum);
    let mut insert = Query::insert();
    insert.into_table(table.clone()).columns(key.into_iter().chain([Column::Value])).on_conflict(conflict);
    insert
}

async fn merge(tx: &Tx, table: &DynIden, slot: &Slot, measure: &str, sketch: &Sketch) -> Result<(), Fault> {
    let here = || {
        Expr::col(Column::Company)
            .eq(slot.company)
            .and(Expr::col(Column::Measure).eq(measure))
            .and(Expr::col(Column::Hour).eq(slot.hour.0))
            .and(Expr::col(Column::Shop).eq(shop(slot.shop)))
    };
    let stored = Query::select().column(Column::State).from(table.clone()).and_where(here()).to_owned();
    let mut merged = sketch.clone();
    let found = tx.query_one(&stored).await?;
    if let Some(found) = &found {
        let state: Vec<u8> = found.try_get("", "state")?;
        merged.merge(&Sketch::decode(&state)?);
    }
    let state = Value::Bytes(Some(merged.encode()));
    if found.is_some() {
        let update =
            Query::update().table(table.clone()).value(Column::State, state).and_where(here()).to_owned();
        tx.execute(&update).await?;
    } else {
        let insert = Query::insert()
            .into_table(table.clone())
            .columns(PLACE.into_iter().chain([Column::State]))
            .values_panic(row(slot, measure).into_iter().chain([state.into()]))
            .to_owned();
        tx.execute(&insert).await?;
    }
    Ok(())
}
