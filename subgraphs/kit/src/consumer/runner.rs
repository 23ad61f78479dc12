//! The runner: reads the log for one consumer, tries again what may pass, buries what will not, and commits.

use std::convert::Infallible;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use serde::Deserialize;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use super::batch::Together;
use super::busy::Busy;
use super::dead_letter::{DeadLetter, retry_topic};
use super::{BatchConsumer, Consumer, Inbox};
use crate::clock::{Clock, Timestamp};
use crate::event::Envelope;
use crate::event_log::{Delivered, EventLog, Lease};
use crate::fault::{Code, Fault};
use crate::trace;

/// How many events are taken between two commits of the offset.
const BATCH: usize = 100;
/// Between the first try and the second; it doubles from there.
const FIRST_WAIT: Duration = Duration::from_millis(50);
/// The longest wait between two tries.
const LONGEST_WAIT: Duration = Duration::from_secs(5);
/// How often an event is tried that takes longer than a store's limits let it: it may be the store that is slow, and an
/// event that always takes so long must not hold up the others for ever.
const TRIES_AT_LIMIT: u32 = 5;
/// How often the lag is counted at most while there is much to take, as counting costs as much as the lag is long; and
/// how often while nothing comes, as others may take it.
const LAG_MEASURED: Duration = Duration::from_secs(1);
const LAG_MEASURED_IDLE: Duration = Duration::from_secs(10);

/// Runs one consumer.
#[derive(Clone)]
pub struct Runner {
    consumer: Arc<dyn Take>,
    log: Arc<dyn EventLog>,
    clock: Clock,
}

/// A consumer of whatever type.
#[async_trait::async_trait]
pub(super) trait Take: Send + Sync {
    fn name(&self) -> &'static str;
    fn topics(&self) -> Vec<String>;
    async fn take(&self, payload: &[u8], now: Timestamp) -> Result<Taken, Fault>;

    /// Takes them all in one transaction; without an answer they are to be taken one by one.
    async fn take_together(&self, _: &[Delivered], _: Timestamp) -> Option<Result<(), Fault>> {
        None
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Taken {
    Done,
    Before,
    NotWanted,
}

/// What became of an event in a member's hands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// It took effect, or is among the dead letters, or was not wanted.
    Done,
    /// The process ends first.
    Stopped,
    /// Another member has its partition.
    Lost,
}

/// As much of an envelope as says whether a consumer wants it.
#[derive(Deserialize)]
pub(super) struct Kind<'e> {
    #[serde(rename = "type", borrow)]
    pub(super) kind: std::borrow::Cow<'e, str>,
}

#[async_trait::async_trait]
impl<C: Consumer> Take for C {
    fn name(&self) -> &'static str {
        C::NAME
    }

    fn topics(&self) -> Vec<String> {
        let told = C::TOPICS.iter().map(|topic| topic.name().to_owned());
        told.chain([retry_topic(C::NAME)]).collect()
    }

    async fn take(&self, payload: &[u8], now: Timestamp) -> Result<Taken, Fault> {
        let kind: Kind<'_> = serde_json::from_slice(payload)?;
        if !C::EVENTS.contains(&kind.kind.as_ref()) {
            return Ok(Taken::NotWanted);
        }
        let event: Envelope<C::Event> = serde_json::from_slice(payload)?;
        let span = tracing::info_span!("consumer", consumer = C::NAME, event.id = %event.id, request.id = event.correlation);
        let span = trace::continued(span, event.traceparent.as_deref(), event.tracestate.as_deref());
        let effect = async {
            let Some(tx) = self.inbox().begin(C::NAME, event.id, now).await? else {
                return Ok(Taken::Before);
            };
            self.handle(&tx, &event).await?;
            self.inbox().commit(tx).await?;
            Ok(Taken::Done)
        };
        effect.instrument(span).await
    }
}

impl Runner {
    /// The runner of `consumer`, reading `log`.
    pub fn new<C: Consumer>(consumer: C, log: Arc<dyn EventLog>, clock: Clock) -> Self {
        Self { consumer: Arc::new(consumer), log, clock }
    }

    /// The runner of a consumer that takes many events at once.
    pub fn together<C: BatchConsumer>(consumer: C, log: Arc<dyn EventLog>, clock: Clock) -> Self {
        Self { consumer: Arc::new(Together(consumer)), log, clock }
    }

    /// The consumer's name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.consumer.name()
    }

    /// The topics that it reads, that of events to be tried again among them.
    #[must_use]
    pub fn topics(&self) -> Vec<String> {
        self.consumer.topics()
    }

    /// Consumes until `stop`. Faults of the log are logged and tried again for as long as it takes.
    pub async fn run(&self, stop: CancellationToken) {
        while !stop.is_cancelled() {
            let Err(fault) = self.run_once(&stop).await else { return };
            tracing::warn!(consumer = self.name(), cause = ?fault, "{} lost the log and joins again", self.name());
            sleep_or_stop(FIRST_WAIT, &stop).await;
        }
    }

    /// One membership: until `stop`, or a fault of the log.
    async fn run_once(&self, stop: &CancellationToken) -> Result<(), Fault> {
        let mut member = self.log.join(self.name(), &self.consumer.topics()).await?;
        let mut measured: Option<Instant> = None;
        loop {
            let batch = tokio::select! {
                () = stop.cancelled() => return member.leave().await,
                batch = member.next(BATCH) => batch?,
                never = self.measure_lag_while_idle() => match never {},
            };
            let mut busy = Busy::new(&mut *member);
            self.take_all(&mut busy, &batch, stop).await?;
            let Some(last) = batch.last().filter(|_| measured.is_none_or(|at| at.elapsed() > LAG_MEASURED))
            else {
                continue;
            };
            let ((), _) = busy.with(&last.position(), self.measure_lag()).await?;
            measured = Some(Instant::now());
        }
    }

    /// Takes all of them at once, when the consumer does so; otherwise, and when there is a fault in it, they are to be
    /// taken one by one, which finds the one that is at fault.
    async fn take_together(&self, batch: &[Delivered]) -> bool {
        let take = self.consumer.take_together(batch, self.clock.now());
        match AssertUnwindSafe(take).catch_unwind().await {
            Ok(None) => false,
            Ok(Some(Ok(()))) => {
                batch.iter().for_each(|_| self.count("done"));
                true
            }
            Ok(Some(Err(fault))) => {
                tracing::info!(
                    consumer = self.name(), cause = ?fault,
                    "{} takes {} events one by one", self.name(), batch.len(),
                );
                false
            }
            Err(_panic) => false,
        }
    }

    /// Takes the events of one partition in their order, and commits those that it took.
    async fn take_all(
        &self,
        busy: &mut Busy<'_>,
        batch: &[Delivered],
        stop: &CancellationToken,
    ) -> Result<(), Fault> {
        let Some(first) = batch.first() else { return Ok(()) };
        let (together, lease) = busy.with(&first.position(), self.take_together(batch)).await?;
        if lease == Lease::Lost {
            return Ok(());
        }
        let mut done = batch.last().filter(|_| together);
        for delivered in batch.iter().filter(|_| !together) {
            if stop.is_cancelled() {
                break;
            }
            match self.take(busy, delivered, stop).await? {
                Outcome::Done => done = Some(delivered),
                Outcome::Stopped => break,
                Outcome::Lost => return Ok(()),
            }
        }
        let Some(last) = done else { return Ok(()) };
        if busy.commit(&last.position()).await? == Lease::Lost {
            tracing::info!(
                consumer = self.name(),
                "{} lost a partition of {}: what it did there last comes to another again, and changes nothing",
                self.name(),
                last.record.topic,
            );
        }
        Ok(())
    }

    /// Takes one event, however often that needs trying.
    async fn take(
        &self,
        busy: &mut Busy<'_>,
        delivered: &Delivered,
        stop: &CancellationToken,
    ) -> Result<Outcome, Fault> {
        let position = delivered.position();
        let mut wait = FIRST_WAIT;
        let mut at_limit = 0;
        loop {
            let (taken, lease) = busy.with(&position, self.attempt(delivered)).await?;
            let fault = match taken {
                Ok(taken) => {
                    self.count(if taken == Taken::Done { "done" } else { "skipped" });
                    return Ok(if lease == Lease::Lost { Outcome::Lost } else { Outcome::Done });
                }
                Err(_) if lease == Lease::Lost => return Ok(Outcome::Lost),
                Err(fault) => fault,
            };
            at_limit += u32::from(fault.code() == Code::LimitExceeded);
            if !fault.is_transient() || at_limit >= TRIES_AT_LIMIT {
                let (buried, lease) = busy.with(&position, self.bury(delivered, &fault)).await?;
                buried?;
                return Ok(if lease == Lease::Lost { Outcome::Lost } else { Outcome::Done });
            }
            self.count("retried");
            tracing::info!(
                consumer = self.name(), offset = delivered.offset, cause = ?fault,
                "{} tries the event at {} again in {wait:?}", self.name(), delivered.offset,
            );
            let resting = async {
                sleep_or_stop(wait, stop).await;
                if wait >= LAG_MEASURED && !stop.is_cancelled() {
                    self.measure_lag().await;
                }
            };
            let ((), lease) = busy.with(&position, resting).await?;
            if stop.is_cancelled() {
                return Ok(Outcome::Stopped);
            }
            if lease == Lease::Lost {
                return Ok(Outcome::Lost);
            }
            wait = (wait * 2).min(LONGEST_WAIT);
        }
    }

    /// One try. A panic is a fault that will not pass.
    async fn attempt(&self, delivered: &Delivered) -> Result<Taken, Fault> {
        let take = self.consumer.take(&delivered.record.payload, self.clock.now());
        AssertUnwindSafe(take)
            .catch_unwind()
            .await
            .unwrap_or_else(|_| Err(Fault::broken("the consumer panicked")))
    }

    async fn bury(&self, delivered: &Delivered, fault: &Fault) -> Result<(), Fault> {
        self.count("dead");
        tracing::error!(
            consumer = self.name(), offset = delivered.offset, cause = ?fault,
            "{} cannot take the event at {}; it is among the dead letters", self.name(), delivered.offset,
        );
        let letter = DeadLetter::new(self.name(), fault, self.clock.now(), delivered)?;
        self.log.append(vec![letter.into_record()?]).await
    }

    fn count(&self, outcome: &'static str) {
        metrics::counter!("souk_consumer_events_total", "consumer" => self.name(), "outcome" => outcome)
            .increment(1);
    }

    /// Tells how far the consumer is behind. That it cannot be told keeps no event back.
    async fn measure_lag(&self) {
        match self.log.lag(self.name(), &self.consumer.topics()).await {
            #[expect(clippy::cast_precision_loss, reason = "a gauge is a float, and no lag is that long")]
            Ok(lag) => metrics::gauge!("souk_consumer_lag_events", "consumer" => self.name()).set(lag as f64),
            Err(fault) => {
                tracing::debug!(consumer = self.name(), cause = ?fault, "the lag cannot be measured");
            }
        }
    }

    async fn measure_lag_while_idle(&self) -> Infallible {
        loop {
            tokio::time::sleep(LAG_MEASURED_IDLE).await;
            self.measure_lag().await;
        }
    }
}

impl std::fmt::Debug for Runner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Runner({})", self.name())
    }
}

async fn sleep_or_stop(wait: Duration, stop: &CancellationToken) {
    tokio::select! {
        () = stop.cancelled() => {}
        () = tokio::time::sleep(wait) => {}
    }
}
