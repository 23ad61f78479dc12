//! Counts again what the log still holds, to the same figures, in place of those hours' rollups.
//!
//! It is one transaction, in which nobody else adds to rollups. Only events are counted that had been counted before:
//! the others are still to come, to whoever consumes them (see [`Taken`]). What the log tells is added up in tables
//! beside the others, a page of events at a time, so that memory does not grow with the log.

use std::cmp::{max, min};
use std::collections::{BTreeMap, HashSet};

use chrono::TimeDelta;
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict, Query};
use sea_orm::{ConnectionTrait, DbBackend};
use serde_json::value::RawValue;
use souk_kit::clock::{Clock, Timestamp};
use souk_kit::consumer::BatchConsumer;
use souk_kit::event::{Envelope, Topic};
use souk_kit::event_log::{Delivered, EventLog, Position, Start};
use souk_kit::fault::Fault;
use souk_kit::id::EventId;
use souk_kit::sql::{Sql, Tx};

use super::fold::{self, add_to};
use super::retention;
use super::tables::{Column, Generation, KitConsumed, RebuiltEvent};
use super::taken::Taken;
use crate::consumers::{FoldProducts, FoldShops, FoldVisits, Folding, REMEMBERED};
use crate::domain::hour::Hour;
use crate::domain::rollup::Rollup;
use crate::domain::visit::{AHEAD, OLDEST};

/// Events that are read at once.
const PAGE: usize = 500;
/// How long the kit remembers the events of any consumer, less a day.
pub(super) const SWEPT: TimeDelta = TimeDelta::days(29);

/// What a rebuild has done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rebuilt {
    /// The beginning of the first hour that was counted again, or that could have been.
    pub from: Timestamp,
    /// How many events were counted.
    pub events: u64,
}

/// Counts again. `kept` is how long the log keeps every event now; none when it forgets nothing.
pub(crate) async fn rebuild(
    sql: &Sql,
    log: &dyn EventLog,
    kept: Option<TimeDelta>,
    clock: &Clock,
) -> Result<Rebuilt, Fault> {
    let tx = sql.begin().await?;
    unhurried(&tx).await?;
    fold::lock(&tx, None).await?;
    clear(&tx).await?;
    let forgotten = fold::received(&tx).await? - REMEMBERED;
    let mut counting = Counting { tx: &tx, log, events: 0, forgotten, swept: clock.now() - SWEPT };
    let visits = counting.visits().await?;
    let told = [counting.told::<FoldProducts>().await?, counting.told::<FoldShops>().await?];
    let events = counting.events;
    // Only now: the log goes on forgetting while it is read.
    let now = clock.now();
    let since = retention::whole_since(&tx, kept, now).await?;
    let began = fold::began(&tx).await?;
    // A log without the visits that were counted tells nothing of any hour. Where none were, what other domains have told
    // is all there is.
    let first = if began.is_none() { told.into_iter().flatten().min() } else { visits };
    let Some(first) = first else {
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
    log: &'t dyn EventLog,
    events: u64,
    /// Visits that were received before are not remembered any more, when they have been counted.
    forgotten: Timestamp,
    /// The same of what other domains have told.
    swept: Timestamp,
}

impl Counting<'_> {
    /// Counts visits; answers when the oldest one of the log was received.
    async fn visits(&mut self) -> Result<Option<Timestamp>, Fault> {
        let mut first: Option<Timestamp> = None;
        let taken = Taken::by(FoldVisits::NAME, Topic::Analytics, self.log).await?;
        let mut pages = Pages::of(self.log, Topic::Analytics).await?;
        while let Some(found) = pages.next().await? {
            let events = wanted(&found, FoldVisits::EVENTS);
            let consumed = self.consumed(FoldVisits::NAME, events.iter().map(|(_, event)| event.id)).await?;
            let mut counted = Vec::new();
            for (at, event) in events {
                // What cannot be read is among the dead letters.
                let Ok(visit) = crate::events::read(&event) else { continue };
                first = Some(first.map_or(visit.received, |first| min(first, visit.received)));
                let is_old = visit.received < self.forgotten;
                if consumed.contains(&event.id) || (is_old && taken.has(at, event.id)) {
                    counted.push((event.id, visit));
                }
            }
            let mut rollup = Rollup::default();
            for visit in self.once(counted).await? {
                FoldVisits::count(&mut rollup, &visit);
            }
            add_to(self.tx, Generation::Rebuilt, &rollup).await?;
        }
        Ok(first)
    }

    /// Counts what another domain has told; answers when the oldest event of it in the log happened.
    async fn told<F: Folding>(&mut self) -> Result<Option<Timestamp>, Fault> {
        let mut first: Option<Timestamp> = None;
        for topic in F::TOPICS {
            let taken = Taken::by(F::NAME, *topic, self.log).await?;
            let mut pages = Pages::of(self.log, *topic).await?;
            while let Some(found) = pages.next().await? {
                let events = wanted(&found, F::EVENTS);
                let consumed = self.consumed(F::NAME, events.iter().map(|(_, event)| event.id)).await?;
                let mut counted = Vec::new();
                for (at, event) in events {
                    let Ok(data) = serde_json::from_str::<F::Event>(event.data.get()) else { continue };
                    first = Some(first.map_or(event.time, |first| min(first, event.time)));
                    let is_old = event.time < self.swept;
                    if consumed.contains(&event.id) || (is_old && taken.has(at, event.id)) {
                        counted.push((event.id, event.map(|_| data)));
                    }
                }
                let rollup = F::fold(self.tx, &self.once(counted).await?).await?;
                add_to(self.tx, Generation::Rebuilt, &rollup).await?;
            }
        }
        Ok(first)
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

    /// Those of `events` that this rebuild has not met before.
    async fn once<T>(&mut self, events: Vec<(EventId, T)>) -> Result<Vec<T>, Fault> {
        if events.is_empty() {
            return Ok(Vec::new());
        }
        let mut note = Query::insert();
        note.into_table(RebuiltEvent::Table)
            .columns([RebuiltEvent::EventId])
            .on_conflict(OnConflict::column(RebuiltEvent::EventId).do_nothing().to_owned())
            .returning_col(RebuiltEvent::EventId);
        for (id, _) in &events {
            note.values_panic([(*id).into()]);
        }
        let rows = self.tx.query_all(&note).await?;
        let mut new: HashSet<EventId> =
            rows.iter().map(|row| Ok(row.try_get("", "event_id")?)).collect::<Result<_, Fault>>()?;
        self.events += u64::try_from(new.len()).unwrap_or_default();
        // The first copy of each.
        Ok(events.into_iter().filter(|(id, _)| new.remove(id)).map(|(_, event)| event).collect())
    }
}

/// The records of a topic from its beginning to where it ends now, a few at a time. What comes later has not been counted,
/// as nobody counts meanwhile: a topic that grows as fast as it is read has an end nonetheless.
struct Pages<'l> {
    log: &'l dyn EventLog,
    /// Where each partition goes on that has more.
    left: Vec<Position>,
    /// Behind which record of each partition that is, by the partition.
    ends: BTreeMap<i32, i64>,
}

impl<'l> Pages<'l> {
    async fn of(log: &'l dyn EventLog, topic: Topic) -> Result<Self, Fault> {
        let ends = log.positions(topic.name(), Start::End).await?;
        let ends = ends.into_iter().map(|end| (end.partition, end.offset)).collect();
        Ok(Self { log, left: log.positions(topic.name(), Start::Beginning).await?, ends })
    }

    /// The next ones of one partition; none when that was all.
    async fn next(&mut self) -> Result<Option<Vec<Delivered>>, Fault> {
        while let Some(from) = self.left.last_mut() {
            let end = self.ends.get(&from.partition).copied().unwrap_or_default();
            let found = if from.offset < end { self.log.read(from, PAGE).await? } else { Vec::new() };
            if let Some(last) = found.last() {
                from.offset = last.offset + 1;
                return Ok(Some(found));
            }
            self.left.pop();
        }
        Ok(None)
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
