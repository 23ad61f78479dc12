//! Consumers that take many events in one transaction, where an event by itself is worth less than its commit.

use serde::de::DeserializeOwned;

use super::retry_topic;
use super::runner::{Kind, Take, Taken};
use super::{Inbox, SqlInbox};
use crate::clock::Timestamp;
use crate::event::{Envelope, Topic};
use crate::event_log::Delivered;
use crate::fault::Fault;
use crate::id::EventId;
use crate::sql::Tx;

/// Does something because of events, of many at once. It is a [`Consumer`](super::Consumer) otherwise: each event takes
/// effect once, transient faults are tried again, and an event that cannot be taken goes to the dead letters alone.
#[async_trait::async_trait]
pub trait BatchConsumer: Send + Sync + 'static {
    /// Names the offset and the dead letters: never change it.
    const NAME: &'static str;
    /// Where its events travel.
    const TOPICS: &'static [Topic];
    /// The types that it wants; it passes over all others.
    const EVENTS: &'static [&'static str];
    /// The data, with only the fields that it reads.
    type Event: DeserializeOwned + Send + Sync;

    /// Where it remembers what it has done.
    fn inbox(&self) -> &SqlInbox;

    /// Does it for all of `events`, which are never none, in the order of the log. Their ids are recorded in `tx`
    /// already; the runner commits. After a fault the same events come again, in transactions of their own.
    async fn handle(&self, tx: &Tx, events: &[Envelope<Self::Event>]) -> Result<(), Fault>;
}

/// A [`BatchConsumer`] as the runner sees it.
pub(super) struct Together<C>(pub(super) C);

#[async_trait::async_trait]
impl<C: BatchConsumer> Take for Together<C> {
    fn name(&self) -> &'static str {
        C::NAME
    }

    fn topics(&self) -> Vec<String> {
        let told = C::TOPICS.iter().map(|topic| topic.name().to_owned());
        told.chain([retry_topic(C::NAME)]).collect()
    }

    async fn take(&self, payload: &[u8], now: Timestamp) -> Result<Taken, Fault> {
        let events = wanted::<C>(payload)?.into_iter().collect();
        take(&self.0, events, now).await
    }

    async fn take_together(&self, batch: &[Delivered], now: Timestamp) -> Option<Result<(), Fault>> {
        let events = batch.iter().filter_map(|delivered| wanted::<C>(&delivered.record.payload).transpose());
        Some(match events.collect() {
            Ok(events) => take(&self.0, events, now).await.map(|_taken| ()),
            Err(fault) => Err(fault),
        })
    }
}

/// The event, when the consumer wants it.
fn wanted<C: BatchConsumer>(payload: &[u8]) -> Result<Option<Envelope<C::Event>>, Fault> {
    let kind: Kind<'_> = serde_json::from_slice(payload)?;
    if !C::EVENTS.contains(&kind.kind.as_ref()) {
        return Ok(None);
    }
    Ok(Some(serde_json::from_slice(payload)?))
}

async fn take<C: BatchConsumer>(
    consumer: &C,
    mut events: Vec<Envelope<C::Event>>,
    now: Timestamp,
) -> Result<Taken, Fault> {
    if events.is_empty() {
        return Ok(Taken::NotWanted);
    }
    let ids: Vec<EventId> = events.iter().map(|event| event.id).collect();
    let (tx, mut new) = consumer.inbox().begin_many(C::NAME, &ids, now).await?;
    // Of two copies in one batch, the first takes effect.
    events.retain(|event| new.remove(&event.id));
    if events.is_empty() {
        return Ok(Taken::Before);
    }
    consumer.handle(&tx, &events).await?;
    consumer.inbox().commit(tx).await?;
    Ok(Taken::Done)
}
