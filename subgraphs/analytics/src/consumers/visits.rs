//! Counts what visitors do.

use std::time::Duration;

use async_trait::async_trait;
use chrono::TimeDelta;
use serde_json::value::RawValue;
use souk_kit::consumer::{BatchConsumer, SqlInbox};
use souk_kit::event::{Envelope, Topic};
use souk_kit::fault::Fault;
use souk_kit::job::Job;
use souk_kit::sql::{Sql, Tx};

use crate::domain::hour::Hour;
use crate::domain::measures::Happening;
use crate::domain::rollup::{Rollup, Slot};
use crate::domain::visit::Visit;
use crate::events;
use crate::store::{fold, popularity};

/// How long the ids of visits are remembered, counted by when visits were received and not by the clock: an event may
/// come again as long as its client may still send it, and the partitions of a log may be a day apart.
pub(crate) const REMEMBERED: TimeDelta = TimeDelta::hours(72);

/// Counts visits in the hour in which they happened, however late they come.
pub(crate) struct FoldVisits {
    inbox: SqlInbox,
}

impl FoldVisits {
    pub(crate) fn new(sql: &Sql) -> Self {
        Self { inbox: SqlInbox::new(sql) }
    }

    /// Adds a visit to a rollup.
    pub(crate) fn count(rollup: &mut Rollup, visit: &Visit) {
        let slot = Slot { company: visit.company, shop: visit.shop, hour: Hour::of(visit.at) };
        rollup.add(slot, &Happening::Visit(visit));
    }
}

#[async_trait]
impl BatchConsumer for FoldVisits {
    const NAME: &'static str = "analytics.fold-visits";
    const TOPICS: &'static [Topic] = &[Topic::Analytics];
    const EVENTS: &'static [&'static str] = events::VISITS;
    type Event = Box<RawValue>;

    fn inbox(&self) -> &SqlInbox {
        &self.inbox
    }

    async fn handle(&self, tx: &Tx, events: &[Envelope<Box<RawValue>>]) -> Result<(), Fault> {
        let visits: Vec<Visit> = events.iter().map(events::read).collect::<Result<_, _>>()?;
        let mut rollup = Rollup::default();
        visits.iter().for_each(|visit| Self::count(&mut rollup, visit));
        let received = || visits.iter().map(|visit| visit.received);
        fold::lock(tx, received().min().zip(received().max())).await?;
        fold::add(tx, &rollup).await
    }
}

/// The job that forgets the ids of visits that cannot come again, and who has searched by what.
pub(crate) fn forgetting(sql: &Sql) -> Job {
    let sql = sql.clone();
    Job::every(Duration::from_hours(1), "analytics.forget-visits", move || {
        let sql = sql.clone();
        async move {
            let until = fold::received_in(&sql).await? - REMEMBERED;
            SqlInbox::new(&sql).forget(FoldVisits::NAME, until).await?;
            popularity::forget_searchers(&sql).await
        }
    })
}
