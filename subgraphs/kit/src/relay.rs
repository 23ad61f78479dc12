//! The relay: moves events from a store's outbox into the log, in order per aggregate and at least once.
//!
//! An event leaves the outbox only after the log has acknowledged it. A process that dies in between relays it
//! again, under the same id, and consumers take the second copy for the first.
//!
//! Several processes may relay one outbox. Each claims a batch, which nobody else gets meanwhile. Should a claim pass
//! to another while its holder is still appending, because the holder was cut off, the log gets events twice and in
//! order all the same: every claim begins at the first event of an aggregate that is not known to be in the log, and
//! goes on without gaps, so that an event's first copy never stands before that of the one before it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::clock::{Clock, Timestamp};
use crate::event::Topic;
use crate::event_log::{EventLog, Record};
use crate::fault::Fault;

/// How many events go to the log, and out of the outbox, at once.
const BATCH: usize = 500;
/// How long the relay waits when nothing tells it that something was written.
const POLL: Duration = Duration::from_secs(1);
/// How long it rests after a fault, so that a log that is away is not hammered.
const REST: Duration = Duration::from_millis(500);
/// How often the lag is measured while there is much to relay.
const MEASURED: Duration = Duration::from_secs(1);

/// An event that is written with its state and not yet known to be in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pending {
    /// By which the outbox finds it again.
    pub handle: String,
    /// Where it goes.
    pub topic: Topic,
    /// The aggregate's id: events of one key stay in order.
    pub key: String,
    /// The envelope in JSON.
    pub payload: Bytes,
    /// When it was written: the relay's lag is measured from here.
    pub written_at: Timestamp,
}

/// Where a store keeps its pending events.
#[async_trait::async_trait]
pub trait Outbox: Send + Sync {
    /// The subgraph's name, for logs and metrics.
    fn name(&self) -> &str;

    /// Told when something was written in this process, and by [`Outbox::listen`].
    fn written(&self) -> Arc<Notify>;

    /// Tells [`Outbox::written`] of what other processes write, for ever; engines that can tell do. What it misses is
    /// found by polling.
    async fn listen(&self) {
        std::future::pending::<()>().await;
    }

    /// Takes pending events that no other relay is at, at most about `limit` of them: with an event all earlier ones of
    /// its aggregate, in order. An empty batch when there are none, or others are at all of them.
    async fn claim(&self, limit: usize) -> Result<Batch, Fault>;

    /// When the oldest pending event was written; none when nothing is pending.
    async fn oldest(&self) -> Result<Option<Timestamp>, Fault>;
}

/// Events that one relay has taken. Dropped without a word they go back in time.
pub struct Batch {
    events: Vec<Pending>,
    held: Option<Box<dyn Held>>,
}

impl Batch {
    /// These events, taken by `held`.
    #[must_use]
    pub fn new(events: Vec<Pending>, held: Box<dyn Held>) -> Self {
        Self { events, held: Some(held) }
    }

    /// No events.
    #[must_use]
    pub fn empty() -> Self {
        Self { events: Vec::new(), held: None }
    }

    /// The events, those of one aggregate in order.
    #[must_use]
    pub fn events(&self) -> &[Pending] {
        &self.events
    }

    /// All of them are in the log now: they leave the outbox.
    pub async fn relayed(self) -> Result<(), Fault> {
        match self.held {
            Some(held) => held.relayed(&self.events).await,
            None => Ok(()),
        }
    }

    /// They may not all be in the log: whoever comes next takes them again.
    pub async fn kept(self) {
        if let Some(held) = self.held {
            held.kept().await;
        }
    }
}

/// What keeps other relays from the events of a batch.
#[async_trait::async_trait]
pub trait Held: Send {
    /// These are in the log now and need not be kept.
    async fn relayed(self: Box<Self>, events: &[Pending]) -> Result<(), Fault>;

    /// Lets others take them.
    async fn kept(self: Box<Self>);
}

/// Relays until `stop`: at once when something is written, and now and then otherwise. Faults are logged and tried
/// again for as long as it takes.
pub async fn run(outbox: Arc<dyn Outbox>, log: Arc<dyn EventLog>, clock: Clock, stop: CancellationToken) {
    tokio::select! {
        () = relay(outbox.as_ref(), log.as_ref(), &clock, &stop) => {}
        () = outbox.listen() => {}
    }
}

async fn relay(outbox: &dyn Outbox, log: &dyn EventLog, clock: &Clock, stop: &CancellationToken) {
    let written = outbox.written();
    loop {
        let wait = match drain_until(outbox, log, clock, stop).await {
            Ok(_) => POLL,
            Err(fault) => {
                tracing::warn!(outbox = outbox.name(), cause = ?fault, "{} cannot relay its events", outbox.name());
                REST
            }
        };
        // A permit that was left while draining makes `notified` answer at once: nothing is overlooked.
        tokio::select! {
            () = stop.cancelled() => return,
            () = written.notified() => {}
            () = tokio::time::sleep(wait) => {}
        }
    }
}

/// Relays all that is pending now and that no other relay is at; answers how many.
pub async fn drain(outbox: &dyn Outbox, log: &dyn EventLog, clock: &Clock) -> Result<usize, Fault> {
    drain_until(outbox, log, clock, &CancellationToken::new()).await
}

/// The same, but ends after the batch that it is at when `stop` is cancelled.
async fn drain_until(
    outbox: &dyn Outbox,
    log: &dyn EventLog,
    clock: &Clock,
    stop: &CancellationToken,
) -> Result<usize, Fault> {
    let mut relayed = 0;
    measure_lag(outbox, clock).await;
    let mut measured = Instant::now();
    while !stop.is_cancelled() {
        let batch = outbox.claim(BATCH).await?;
        let count = batch.events().len();
        if count == 0 {
            batch.kept().await;
            break;
        }
        if let Err(fault) = log.append(batch.events().iter().map(record).collect()).await {
            batch.kept().await;
            return Err(fault);
        }
        batch.relayed().await?;
        relayed += count;
        metrics::counter!("souk_outbox_relayed_total", "subgraph" => outbox.name().to_owned())
            .increment(u64::try_from(count).unwrap_or_default());
        if measured.elapsed() > MEASURED {
            measure_lag(outbox, clock).await;
            measured = Instant::now();
        }
    }
    if relayed > 0 {
        measure_lag(outbox, clock).await;
    }
    Ok(relayed)
}

fn record(event: &Pending) -> Record {
    Record::new(event.topic.name(), event.key.clone(), event.payload.clone())
}

/// Tells how long the oldest event has been waiting, whichever process will relay it. That it cannot be told keeps no
/// event back.
async fn measure_lag(outbox: &dyn Outbox, clock: &Clock) {
    match outbox.oldest().await {
        Ok(oldest) => {
            let lag = oldest.map_or(Duration::ZERO, |at| (clock.now() - at).to_std().unwrap_or_default());
            metrics::gauge!("souk_outbox_lag_seconds", "subgraph" => outbox.name().to_owned())
                .set(lag.as_secs_f64());
        }
        Err(fault) => {
            let name = outbox.name();
            tracing::debug!(outbox = name, cause = ?fault, "the lag of {name} cannot be measured");
        }
    }
}
