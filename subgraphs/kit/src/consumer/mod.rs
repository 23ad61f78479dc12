//! Consumers: code that does something because an event happened, once per event whatever is killed.
//!
//! The runner delivers at least once; the [`Inbox`] makes that once: it records the event's id in the
//! transaction in which the effect is written, and a second delivery finds it there.

mod batch;
mod busy;
mod dead_letter;
mod inbox;
mod runner;

use serde::de::DeserializeOwned;

use crate::event::{Envelope, Topic};
use crate::fault::Fault;

pub use batch::BatchConsumer;
pub use dead_letter::{DeadLetter, Waiting, dead_letter_topic, dead_letters, retry, retry_topic, troubled};
pub use inbox::{Inbox, SqlInbox, Unrecorded};
pub use runner::Runner;

/// Does something because of events. One file each, and one line in its subgraph's list.
///
/// ```text
/// /// Gives back the stock that a cancelled order held.
/// #[async_trait]
/// impl Consumer for ReleaseStock {
///     const NAME: &'static str = "inventory.release-stock";
///     const TOPICS: &'static [Topic] = &[Topic::Order];
///     const EVENTS: &'static [&'static str] = &["order.cancelled"];
///     type Event = OrderCancelled;
///     type Inbox = SqlInbox;
///     fn inbox(&self) -> &SqlInbox { &self.inbox }
///     async fn handle(&self, tx: &Tx, event: &Envelope<OrderCancelled>) -> Result<(), Fault> {
///         Allocations::within(tx).release(&event.scope(), event.data.order_id).await
///     }
/// }
/// ```
#[async_trait::async_trait]
pub trait Consumer: Send + Sync + 'static {
    /// Names the offset and the dead letters: never change it.
    const NAME: &'static str;
    /// Where its events travel.
    const TOPICS: &'static [Topic];
    /// The types that it wants; it passes over all others.
    const EVENTS: &'static [&'static str];
    /// The data, with only the fields that it reads: a type of its own, not the producer's.
    type Event: DeserializeOwned + Send + Sync;
    /// Where it remembers what it has done.
    type Inbox: Inbox;

    /// Where it remembers what it has done.
    fn inbox(&self) -> &Self::Inbox;

    /// Does it. The event's id is recorded in `tx` already; the runner commits. Transient faults are tried again
    /// until they pass, others put the event among the dead letters.
    async fn handle(
        &self,
        tx: &<Self::Inbox as Inbox>::Tx,
        event: &Envelope<Self::Event>,
    ) -> Result<(), Fault>;
}
