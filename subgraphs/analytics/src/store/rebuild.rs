//! Counts again what the log still holds, to the same figures, in place of those hours' rollups.
//!
//! It is one transaction, in which nobody else adds to rollups. Only events are counted that had been counted before:
//! the others are still to come, to whoever consumes them (see [`Taken`]). What the log tells is added up in tables
//! beside the others, a page of events at a time, so that memory does not grow with the log.

use std::cmp::{max, min};
use std::collections::HashSet;

use chrono::TimeDelta;
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict, Query};
use sea_orm::{ConnectionTrait, DbBackend, DeriveIden};
use serde_json::value::RawValue;
use souk_kit::clock::Timestamp;
use souk_kit::consumer::BatchConsumer;
use souk_kit::event::{Envelope, Topic};
use souk_kit::event_log::{Delivered, EventLog, Start};
use souk_kit::fault::Fault;
use souk_kit::id::EventId;
use souk_kit::sql::{Sql, Tx};

use super::fold::{self, add_to};
use super::tables::{Column, Generation, RebuiltEvent};
use super::taken::Taken;
use crate::consumers::{FoldProducts, FoldVisits, REMEMBERED};
use crate::domain::hour::Hour;
use crate::domain::rollup::Rollup;
use crate::domain::visit::{AHEAD, OLDEST};

/// Events that are read at once.
const PAGE: usize = 500;
/// How long the kit remembers the events of any consumer, less a day.
const SWEPT: TimeDelta = TimeDelta::days(29);

/// What a rebuild has done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rebuilt {
    /// The beginning of the first hour that was counted again, or that could have been.
    pub from: Timestamp,
    /// How many events were counted.
    pub events: u64,
}

/// The kit's table of consumed events.
#[derive(DeriveIden)]
enum KitConsumed {
    Table,
    Consumer,
    EventId,
}

/// Counts again. `since` is when the oldest event was written that the log is known to hold without a gap; none when it
/// has never forgotten any.
pub(crate) async fn rebuild(
    sql: &Sql,
    log: &dyn EventLog,
    since: Option<Timestamp>,
    now: Timestamp,
) -> Result<Rebuilt, Fault> {
    let tx = sql.begin().await?;
    unhurried(&tx).await?;
    fold::lock(&tx, None).await?;
    let since = max(since, fold::forgotten(&tx).await?);
    if let Some(since) = since {
        fold::forget(&tx, since).await?;
    }
    clear(&tx).await?;
    let mut counting = Counting {
        tx: &tx,
        first: None,
        events: 0,
        taken: Taken::default(),
        forgotten: fold::received(&tx).await? - REMEMBERED,
        swept: now - SWEPT,
    };
    counting.taken = Taken::by(FoldVisits::NAME, Topic::Analytics, log).await?;
    counting.read(log, Topic::Analytics).await?;
    let (visits, began) = (counting.first.take(), fold::began(&tx).await?);
    counting.taken = Taken::by(FoldProducts::NAME, Topic::Product, log).await?;
    counting.read(log, Topic::Product).await?;
    // A log without the visits that were counted tells nothing of any hour. Where none were, products are all there is.
    let first = if began.is_none() { counting.first } else { visits };
    let (events, Some(first)) = (counting.events, first) else {
        clear(&tx).await?;
        tx.commit().await?;
        return Ok(Rebuilt { from: now, events: 0 });
    };
    // One that begins later than counting did is not the one that was counted at first.
    let is_whole = match began {
        Some(began) => first <= began,
        None => fold::first_hour(&tx).await?.is_none_or(|began| Hour::of(first) <= began),
    };
    let since = if is_whole { since } else { Some(since.map_or(first, |since| max(since, first))) };
    // What was received since then has happened since then, but for clocks that are ahead.
    let from = since.map_or(Hour(i64::MIN), |since| Hour::from(since + AHEAD));
    replace(&tx, from).await?;
    clear(&tx).await?;
    tx.commit().await?;
    let oldest = first - OLDEST;
    Ok(Rebuilt { from: max(from, Hour::of(oldest)).begins(), events })
}

struct Counting<'t> {
    tx: &'t Tx,
    /// When the oldest event of the log came.
    first: Option<Timestamp>,
    events: u64,
    /// Of the consumer whose events are being read.
    taken: Taken,
    /// Visits that were received before are not remembered any more, when they have been counted.
    forgotten: Timestamp,
    /// The same of products.
    swept: Timestamp,
}

impl Counting<'_> {
    async fn read(&mut self, log: &dyn EventLog, topic: Topic) -> Result<(), Fault> {
        for mut from in log.positions(topic.name(), Start::Beginning).await? {
            loop {
                let found = log.read(&from, PAGE).await?;
                let Some(last) = found.last() else { break };
                from.offset = last.offset + 1;
                match topic {
                    Topic::Analytics => self.visits(&found).await?,
                    _ => self.products(&found).await?,
                }
            }
        }
        Ok(())
    }

    async fn visits(&mut self, found: &[Delivered]) -> Result<(), Fault> {
        let events = wanted(found, FoldVisits::EVENTS);
        let consumed = self.consumed(FoldVisits::NAME, events.iter().map(|(_, event)| event.id)).await?;
        let mut counted = Vec::new();
        for (at, event) in events {
            // What cannot be read is among the dead letters.
            let Ok(visit) = crate::events::read(&event) else { continue };
            self.first = Some(self.first.map_or(visit.received, |first| min(first, visit.received)));
            let is_old = visit.received < self.forgotten;
            if consumed.contains(&event.id) || (is_old && self.taken.has(at, event.id)) {
                counted.push((event.id, visit));
            }
        }
        let new = self.once(counted.iter().map(|(id, _)| *id)).await?;
        let mut rollup = Rollup::default();
        for (_, visit) in take_once(counted, new) {
            FoldVisits::count(&mut rollup, &visit);
        }
        add_to(self.tx, Generation::Rebuilt, &rollup).await
    }

    async fn products(&mut self, found: &[Delivered]) -> Result<(), Fault> {
        let events = wanted(found, FoldProducts::EVENTS);
        let consumed = self.consumed(FoldProducts::NAME, events.iter().map(|(_, event)| event.id)).await?;
        let mut counted = Vec::new();
        for (at, event) in events {
            let Ok(event) = FoldProducts::read(event) else { continue };
            self.first = Some(self.first.map_or(event.time, |first| min(first, event.time)));
            let is_old = event.time < self.swept;
            if consumed.contains(&event.id) || (is_old && self.taken.has(at, event.id)) {
                counted.push((event.id, event));
            }
        }
        let new = self.once(counted.iter().map(|(id, _)| *id)).await?;
        let events: Vec<_> = take_once(counted, new).into_iter().map(|(_, event)| event).collect();
        let rollup = FoldProducts::fold(self.tx, &events).await?;
        add_to(self.tx, Generation::Rebuilt, &rollup).await
    }

    /// Those of `ids` that `consumer` has consumed and remembers.
    async fn consumed(
        &self,
        consumer: &str,
        ids: impl Iterator<Item = EventId>,
    ) -> Result<HashSet<EventId>, Fault> {
        let query = Query::select()
            .column(KitConsumed::EventId)
            .from(KitConsumed::Table)
            .and_where(Expr::col(KitConsumed::Consumer).eq(consumer))
            .and_where(Expr::col(KitConsumed::EventId).is_in(ids))
            .to_owned();
        let rows = self.tx.query_all(&query).await?;
        rows.iter().map(|row| Ok(row.try_get("", "event_id")?)).collect()
    }

    /// Those of `ids` that this rebuild has not met before.
    async fn once(&mut self, ids: impl Iterator<Item = EventId>) -> Result<HashSet<EventId>, Fault> {
        let mut note = Query::insert();
        note.into_table(RebuiltEvent::Table)
            .columns([RebuiltEvent::EventId])
            .on_conflict(OnConflict::column(RebuiltEvent::EventId).do_nothing().to_owned())
            .returning_col(RebuiltEvent::EventId);
        let mut any = false;
        for id in ids {
            note.values_panic([id.into()]);
            any = true;
        }
        if !any {
            return Ok(HashSet::new());
        }
        let rows = self.tx.query_all(&note).await?;
        let new: HashSet<EventId> =
            rows.iter().map(|row| Ok(row.try_get("", "event_id")?)).collect::<Result<_, Fault>>()?;
        self.events += u64::try_from(new.len()).unwrap_or_default();
        Ok(new)
    }
}

/// The events among the records that are of the wanted kinds, and where they stand.
fn wanted<'f>(found: &'f [Delivered], kinds: &[&str]) -> Vec<(&'f Delivered, Envelope<Box<RawValue>>)> {
    let events = found.iter().filter_map(|at| Some((at, serde_json::from_slice(&at.record.payload).ok()?)));
    events.filter(|(_, event): &(_, Envelope<_>)| kinds.contains(&event.kind.as_str())).collect()
}

/// Lets statements take their time: each is over all that is counted again, or waits until others have written.
async fn unhurried(tx: &Tx) -> Result<(), Fault> {
    if tx.get_database_backend() == DbBackend::Postgres {
        tx.execute_unprepared("SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0").await?;
    }
    Ok(())
}

/// The first copy of each event that is new.
fn take_once<T>(events: Vec<(EventId, T)>, mut new: HashSet<EventId>) -> Vec<(EventId, T)> {
    events.into_iter().filter(|(id, _)| new.remove(id)).collect()
}

/// Puts what was rebuilt in the place of the rollups from `from` on.
async fn replace(tx: &Tx, from: Hour) -> Result<(), Fault> {
    let (live, rebuilt) = (Generation::Live.tables(), Generation::Rebuilt.tables());
    let place = [Column::Company, Column::Measure, Column::Hour, Column::Shop];
    let tables = [
        (live.counts, rebuilt.counts, vec![Column::Value]),
        (live.sketches, rebuilt.sketches, vec![Column::State]),
        (live.tallies, rebuilt.tallies, vec![Column::Item, Column::Value]),
    ];
    for (live, rebuilt, figures) in tables {
        let columns: Vec<Column> = place.into_iter().chain(figures).collect();
        let delete = Query::delete()
            .from_table(live.clone())
            .and_where(Expr::col(Column::Hour).gte(from.0))
            .to_owned();
        tx.execute(&delete).await?;
        let select = Query::select()
            .columns(columns.clone())
            .from(rebuilt)
            .and_where(Expr::col(Column::Hour).gte(from.0))
            .to_owned();
        let mut insert = Query::insert();
        insert.into_table(live).columns(columns);
        insert.select_from(select).map_err(|error| Fault::broken(error.to_string()))?;
        tx.execute(&insert).await?;
    }
    Ok(())
}

/// Empties the tables of a rebuild.
async fn clear(tx: &Tx) -> Result<(), Fault> {
    let rebuilt = Generation::Rebuilt.tables();
    for table in [rebuilt.counts, rebuilt.sketches, rebuilt.tallies] {
        tx.execute(&Query::delete().from_table(table).to_owned()).await?;
    }
    tx.execute(&Query::delete().from_table(RebuiltEvent::Table).to_owned()).await?;
    Ok(())
}
