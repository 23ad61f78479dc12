//! The relay: moves events from a store's outbox into the log, in order per aggregate and at least once.

use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::Notify;

use crate::clock::Timestamp;
use crate::event::Topic;
use crate::fault::Fault;

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
