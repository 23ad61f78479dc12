//! The relay: moves events from a store's outbox into the log, in order per aggregate and at least once.
//!
//! An event leaves the outbox only after the log has acknowledged it. A process that dies in between relays it
//! again, under the same id, and consumers take the second copy for the first.

use std::sync::Arc;
use std::time::Duration;

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

    /// Told when something was written in this process.
    fn written(&self) -> Arc<Notify>;

    /// The oldest pending events, those of one aggregate in order.
    async fn pending(&self, limit: usize) -> Result<Vec<Pending>, Fault>;

    /// These are in the log now and need not be kept.
    async fn relayed(&self, events: &[Pending]) -> Result<(), Fault>;
}

/// Relays until `stop`: at once when something is written here, and now and then otherwise. Faults are logged
/// and tried again for as long as it takes.
pub async fn run(outbox: Arc<dyn Outbox>, log: Arc<dyn EventLog>, clock: Clock, stop: CancellationToken) {
    let written = outbox.written();
    loop {
        let wait = match drain(outbox.as_ref(), log.as_ref(), &clock).await {
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

/// Relays all that is pending now; answers how many.
pub async fn drain(outbox: &dyn Outbox, log: &dyn EventLog, clock: &Clock) -> Result<usize, Fault> {
    let mut relayed = 0;
    loop {
        let events = outbox.pending(BATCH).await?;
        let oldest = events.iter().map(|event| event.written_at).min();
        measure_lag(outbox.name(), oldest, clock);
        if events.is_empty() {
            return Ok(relayed);
        }
        let records = events
            .iter()
            .map(|event| Record::new(event.topic.name(), event.key.clone(), event.payload.clone()))
            .collect();
        log.append(records).await?;
        outbox.relayed(&events).await?;
        relayed += events.len();
        metrics::counter!("souk_outbox_relayed_total", "subgraph" => outbox.name().to_owned())
            .increment(u64::try_from(events.len()).unwrap_or_default());
    }
}

fn measure_lag(name: &str, oldest: Option<Timestamp>, clock: &Clock) {
    let lag = oldest.map_or(Duration::ZERO, |at| (clock.now() - at).to_std().unwrap_or_default());
    metrics::gauge!("souk_outbox_lag_seconds", "subgraph" => name.to_owned()).set(lag.as_secs_f64());
}
