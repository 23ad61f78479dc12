//! `Worker`: what a domain does beside answering, as a value that a process can run: it keeps stores in form, relays
//! events, consumes them, and does jobs now and then.
//!
//! A subgraph has one of its own, which runs wherever the subgraph does. What must not run in every replica that
//! answers, such as the indexer of search, is a worker by itself: `souk worker NAME`.

mod background;
mod probes;

use std::fmt;
use std::sync::Arc;

use crate::check::Check;
use crate::clock::Clock;
use crate::consumer::{BatchConsumer, Consumer, Runner, dead_letter_topic, retry_topic};
use crate::event::Topic;
use crate::event_log::EventLog;
use crate::fault::Fault;
use crate::job::Job;
use crate::migration::Migration;
use crate::ports::Ports;
use crate::relay::{self, Outbox};
pub use probes::router;

/// What a domain does beside answering. Cheap to clone; clones share everything.
#[derive(Clone)]
pub struct Worker {
    name: &'static str,
    migrations: Vec<Migration>,
    outboxes: Vec<Arc<dyn Outbox>>,
    consumers: Vec<Runner>,
    jobs: Vec<Job>,
    checks: Vec<Check>,
    engines: Vec<Check>,
    events: Arc<dyn EventLog>,
    clock: Clock,
}

impl Worker {
    /// The worker `name`, which does nothing yet.
    #[must_use]
    pub fn new(name: &'static str, ports: &Ports) -> Self {
        let events = Arc::clone(&ports.events);
        let worker = Self {
            name,
            migrations: Vec::new(),
            outboxes: Vec::new(),
            consumers: Vec::new(),
            jobs: Vec::new(),
            checks: Vec::new(),
            engines: ports.engines.clone(),
            events: Arc::clone(&ports.events),
            clock: ports.clock.clone(),
        };
        worker.check("the event log", move || {
            let events = Arc::clone(&events);
            async move { events.ready().await }
        })
    }

    /// Keeps a store, which this brings to the form that this version knows.
    #[must_use]
    pub fn migration(mut self, migration: Migration) -> Self {
        self.migrations.push(migration);
        self
    }

    /// Relays the events that the domain writes.
    #[must_use]
    pub fn outbox(mut self, outbox: impl Outbox + 'static) -> Self {
        self.outboxes.push(Arc::new(outbox));
        self
    }

    /// Does something because of events.
    #[must_use]
    pub fn consumer(mut self, consumer: impl Consumer) -> Self {
        self.consumers.push(Runner::new(consumer, Arc::clone(&self.events), self.clock.clone()));
        self
    }

    /// Does something because of events, of many at once.
    #[must_use]
    pub fn batch_consumer(mut self, consumer: impl BatchConsumer) -> Self {
        self.consumers.push(Runner::together(consumer, Arc::clone(&self.events), self.clock.clone()));
        self
    }

    /// Does something now and then.
    #[must_use]
    pub fn job(mut self, job: Job) -> Self {
        self.jobs.push(job);
        self
    }

    /// Is not ready while `ask` fails.
    #[must_use]
    pub fn check<F>(mut self, what: &'static str, ask: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<(), Fault>> + Send + 'static,
    {
        self.checks.push(Check::new(what, ask));
        self
    }

    /// What it is called on the command line, in logs and in metrics.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The consumers, for replaying their dead letters.
    #[must_use]
    pub fn consumers(&self) -> &[Runner] {
        &self.consumers
    }

    /// The jobs.
    #[must_use]
    pub fn jobs(&self) -> &[Job] {
        &self.jobs
    }

    /// Brings its stores to the form that this version knows: to be called before it runs.
    pub async fn migrate(&self) -> Result<(), Fault> {
        for migration in &self.migrations {
            tracing::debug!(worker = self.name, "migrating {}", migration.store());
            migration.apply().await?;
        }
        self.events.prepare(&self.topics()).await
    }

    /// The topics of the log, and those beside them in which consumers leave dead letters and find them again.
    fn topics(&self) -> Vec<String> {
        let events = Topic::ALL.iter().map(|topic| topic.name().to_owned());
        let own = self.consumers.iter().map(Runner::name);
        events.chain(own.flat_map(|name| [dead_letter_topic(name), retry_topic(name)])).collect()
    }

    /// Relays all that is pending now; answers how many events. For tests, and before a process ends.
    pub async fn relay_pending(&self) -> Result<usize, Fault> {
        let mut relayed = 0;
        for outbox in &self.outboxes {
            relayed += relay::drain(outbox.as_ref(), self.events.as_ref(), &self.clock).await?;
        }
        Ok(relayed)
    }

    /// Which engines of the process are not there. Uses of each go on without it, or say that they cannot.
    pub async fn goes_without(&self) -> Vec<&'static str> {
        Check::failing(&self.engines).await.into_iter().map(|(what, _)| what).collect()
    }

    /// What it needs and is not there: all of it, by name. Without any it is ready.
    pub async fn missing(&self) -> Vec<&'static str> {
        let failing = Check::failing(&self.checks).await;
        for (what, fault) in &failing {
            tracing::warn!(worker = self.name, cause = ?fault, "{} is not ready: {what}", self.name);
        }
        failing.into_iter().map(|(what, _)| what).collect()
    }
}

impl fmt::Debug for Worker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Worker")
            .field("name", &self.name)
            .field("migrations", &self.migrations)
            .field("consumers", &self.consumers)
            .field("jobs", &self.jobs)
            .finish_non_exhaustive()
    }
}
