//! The collections of one subgraph as a whole: their migrations, the events that wait in their documents, and what
//! is forgotten in time.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use tokio::sync::Notify;

use super::collection::Collection;
use super::engine::Documents;
use super::repository::Repository;
use crate::clock::Clock;
use crate::event::Topic;
use crate::fault::Fault;
use crate::id::EventId;
use crate::idempotency::Running;
use crate::job::Job;
use crate::migration::Migration;
use crate::relay::{Outbox, Pending};
use crate::sql::IDEMPOTENCY_RETENTION;

/// The collection of refusals under idempotency keys, which have no document to stand in.
pub(super) const REFUSALS: &str = "refusals";

/// Parts a handle: collection, document and event.
const BETWEEN: char = '\u{1f}';

/// The collections of one subgraph. Cheap to clone.
#[derive(Clone)]
pub struct CollectionSet {
    name: &'static str,
    engine: Arc<dyn Documents>,
    keep_outcomes: TimeDelta,
    running: Running,
    collections: Vec<(&'static str, Topic)>,
}

impl CollectionSet {
    /// The subgraph `name` on an engine, without collections yet.
    #[must_use]
    pub fn new(name: &'static str, engine: Arc<dyn Documents>) -> Self {
        let keep_outcomes = lasting(IDEMPOTENCY_RETENTION);
        Self { name, engine, keep_outcomes, running: Running::default(), collections: Vec::new() }
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

#[async_trait::async_trait]
impl Outbox for CollectionSet {
    fn name(&self) -> &str {
        self.name
    }

    fn written(&self) -> Arc<Notify> {
        self.engine.written()
    }

    async fn pending(&self, limit: usize) -> Result<Vec<Pending>, Fault> {
        let mut found = Vec::new();
        for (collection, topic) in &self.collections {
            for document in self.engine.pending(collection, limit).await? {
                for event in document.events {
                    found.push(Pending {
                        handle: format!("{collection}{BETWEEN}{}{BETWEEN}{}", document.id, event.id),
                        topic: *topic,
                        key: event.subject.clone(),
                        payload: serde_json::to_vec(&event)?.into(),
                        written_at: event.time,
                    });
                }
            }
        }
        Ok(found)
    }

    async fn relayed(&self, events: &[Pending]) -> Result<(), Fault> {
        let mut by_document: BTreeMap<(&str, &str), Vec<EventId>> = BTreeMap::new();
        for event in events {
            let mut parts = event.handle.split(BETWEEN);
            let (Some(collection), Some(document), Some(id)) = (parts.next(), parts.next(), parts.next())
            else {
                continue;
            };
            let id = id.parse().map_err(Fault::internal)?;
            by_document.entry((collection, document)).or_default().push(id);
        }
        for (name, _) in &self.collections {
            let own = by_document.iter().filter(|((collection, _), _)| collection == name);
            let own: Vec<_> = own.map(|((_, id), events)| ((*id).to_owned(), events.clone())).collect();
            self.engine.acknowledge_each(name, &own).await?;
        }
        Ok(())
    }
}
