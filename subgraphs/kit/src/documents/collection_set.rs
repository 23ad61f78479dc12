//! The collections of one subgraph as a whole: their migrations, the events that wait in their documents, and what
//! is forgotten in time.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use chrono::TimeDelta;
use tokio::sync::Notify;

use super::collection::Collection;
use super::engine::{Documents, LARGEST_RELAYED};
use super::repository::Repository;
use crate::clock::{Clock, Timestamp};
use crate::event::Topic;
use crate::fault::Fault;
use crate::id::EventId;
use crate::idempotency::Running;
use crate::job::Job;
use crate::key_value::{Lease, SharedKeyValue};
use crate::migration::Migration;
use crate::relay::{Batch, Held, Outbox, Pending};
use crate::sql::IDEMPOTENCY_RETENTION;

/// The collection of refusals under idempotency keys, which have no document to stand in.
pub(super) const REFUSALS: &str = "refusals";

/// Parts a handle: document and event.
const BETWEEN: char = '\u{1f}';
/// How long a relay has a collection to itself unless it is done sooner: far longer than a batch takes, and as long as
/// others wait when its process is killed.
const HELD: Duration = Duration::from_secs(10);

/// The collections of one subgraph. Cheap to clone.
#[derive(Clone)]
pub struct CollectionSet {
    name: &'static str,
    engine: Arc<dyn Documents>,
    keep_outcomes: TimeDelta,
    running: Running,
    collections: Vec<(&'static str, Topic)>,
    leases: Option<SharedKeyValue>,
    /// Where the next claim begins to look, so that one busy collection does not keep the others waiting.
    turn: Arc<AtomicUsize>,
}

impl CollectionSet {
    /// The subgraph `name` on an engine, without collections yet.
    #[must_use]
    pub fn new(name: &'static str, engine: Arc<dyn Documents>) -> Self {
        let keep_outcomes = lasting(IDEMPOTENCY_RETENTION);
        Self {
            name,
            engine,
            keep_outcomes,
            running: Running::default(),
            collections: Vec::new(),
            leases: None,
            turn: Arc::default(),
        }
    }

    /// On an engine that several processes write: their relays share out the collections by leases in `leases`. When
    /// those are away all of them relay everything, and the log gets events more than once, in order all the same.
    #[must_use]
    pub fn sharing(self, leases: SharedKeyValue) -> Self {
        Self { leases: Some(leases), ..self }
    }

    /// Keeping outcomes of idempotency keys for another while than seven days.
    #[must_use]
    pub fn keeping_outcomes(self, keep: Duration) -> Self {
        Self { keep_outcomes: lasting(keep), ..self }
    }

    /// With one more collection.
    #[must_use]
    pub fn with<C: Collection>(mut self) -> Self {
        self.collections.push((C::NAME, C::TOPIC));
        self
    }

    /// The documents of one of them.
    #[must_use]
    pub fn repository<C: Collection>(&self) -> Repository<C> {
        Repository::new(Arc::clone(&self.engine), self.keep_outcomes, self.running.clone())
    }

    /// What makes them ready in the engine.
    #[must_use]
    pub fn migration(&self) -> Migration {
        let all = self.clone();
        Migration::new(format!("the collections of {}", self.name), move || {
            let all = all.clone();
            async move { all.prepare().await }
        })
    }

    /// Makes them ready in the engine; what a migration does.
    pub async fn prepare(&self) -> Result<(), Fault> {
        for name in self.names() {
            self.engine.prepare(name).await?;
        }
        Ok(())
    }

    /// The job that forgets outcomes after their time, every hour.
    #[must_use]
    pub fn sweeping(&self, name: &'static str, clock: &Clock) -> Job {
        let (all, clock) = (self.clone(), clock.clone());
        Job::every(Duration::from_hours(1), name, move || {
            let (all, now) = (all.clone(), clock.now());
            async move {
                for name in all.names() {
                    all.engine.forget(name, now - all.keep_outcomes).await?;
                }
                Ok(())
            }
        })
    }

    fn names(&self) -> impl Iterator<Item = &'static str> {
        self.collections.iter().map(|(name, _)| *name).chain([REFUSALS])
    }
}

fn lasting(keep: Duration) -> TimeDelta {
    TimeDelta::from_std(keep).unwrap_or(TimeDelta::MAX)
}

impl CollectionSet {
    /// About `limit` events of one collection, or as many as are [`LARGEST_RELAYED`]: those of a document in order. An
    /// append that takes too long is given up as a whole, so a batch that never fits into that time would never leave.
    async fn pending(
        &self,
        (collection, topic): (&'static str, Topic),
        limit: usize,
    ) -> Result<Vec<Pending>, Fault> {
        let (mut found, mut bytes) = (Vec::new(), 0);
        for document in self.engine.pending(collection, limit).await? {
            for event in document.events {
                if found.len() >= limit || bytes >= LARGEST_RELAYED {
                    return Ok(found);
                }
                let payload = Bytes::from(serde_json::to_vec(&event)?);
                bytes += payload.len();
                found.push(Pending {
                    handle: format!("{}{BETWEEN}{}", document.id, event.id),
                    topic,
                    key: event.subject.clone(),
                    payload,
                    written_at: event.time,
                });
            }
        }
        Ok(found)
    }

    /// Keeps other relays from a collection; none when one of them is at it.
    async fn hold(&self, collection: &'static str) -> Option<HeldCollection> {
        let held = |lease| HeldCollection { engine: Arc::clone(&self.engine), collection, lease };
        let Some(leases) = &self.leases else { return Some(held(None)) };
        let key = format!("relay:{}:{collection}", self.name);
        match leases.lock(&key, HELD).await {
            Ok(Some(lease)) => Some(held(Some((Arc::clone(leases), key, lease)))),
            Ok(None) => None,
            Err(fault) => {
                tracing::debug!(collection, cause = ?fault, "relaying {collection} without a lease");
                Some(held(None))
            }
        }
    }
}

#[async_trait::async_trait]
impl Outbox for CollectionSet {
    fn name(&self) -> &str {
        self.name
    }

    fn written(&self) -> Arc<Notify> {
        self.engine.written()
    }

    async fn claim(&self, limit: usize) -> Result<Batch, Fault> {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed) % self.collections.len().max(1);
        let (before, from) = self.collections.split_at(turn);
        for collection in from.iter().chain(before) {
            // Most have nothing to relay, and looking costs less than a lease.
            if self.pending(*collection, 1).await?.is_empty() {
                continue;
            }
            let Some(held) = self.hold(collection.0).await else { continue };
            // Anew: another may have relayed them before this one held the collection.
            let found = match self.pending(*collection, limit).await {
                Ok(found) => found,
                Err(fault) => {
                    Box::new(held).kept().await;
                    return Err(fault);
                }
            };
            if found.is_empty() {
                Box::new(held).kept().await;
                continue;
            }
            return Ok(Batch::new(found, Box::new(held)));
        }
        Ok(Batch::empty())
    }

    async fn oldest(&self) -> Result<Option<Timestamp>, Fault> {
        let mut oldest: Option<Timestamp> = None;
        for collection in &self.collections {
            let first = self.pending(*collection, 1).await?.first().map(|event| event.written_at);
            oldest = oldest.into_iter().chain(first).min();
        }
        Ok(oldest)
    }
}

/// One collection that no other relay is at.
struct HeldCollection {
    engine: Arc<dyn Documents>,
    collection: &'static str,
    lease: Option<(SharedKeyValue, String, Lease)>,
}

#[async_trait::async_trait]
impl Held for HeldCollection {
    async fn relayed(self: Box<Self>, events: &[Pending]) -> Result<(), Fault> {
        let outcome = self.acknowledge(events).await;
        self.kept().await;
        outcome
    }

    async fn kept(self: Box<Self>) {
        if let Some((leases, key, lease)) = self.lease
            && let Err(fault) = leases.unlock(&key, lease).await
        {
            tracing::debug!(key, cause = ?fault, "a lease will end by itself");
        }
    }
}

impl HeldCollection {
    async fn acknowledge(&self, events: &[Pending]) -> Result<(), Fault> {
        let mut by_document: BTreeMap<&str, Vec<EventId>> = BTreeMap::new();
        for event in events {
            if let Some((document, id)) = event.handle.split_once(BETWEEN) {
                by_document.entry(document).or_default().push(id.parse().map_err(Fault::internal)?);
            }
        }
        let relayed: Vec<_> = by_document.into_iter().map(|(id, events)| (id.to_owned(), events)).collect();
        self.engine.acknowledge_each(self.collection, &relayed).await
    }
}
