//! What a consumer has taken of a topic, when it was so long ago that its store remembers no single event of it.

use std::collections::{HashMap, HashSet};

use serde::Deserialize;
use souk_kit::consumer::{dead_letters, retry_topic};
use souk_kit::event::Topic;
use souk_kit::event_log::{Delivered, EventLog};
use souk_kit::fault::Fault;
use souk_kit::id::EventId;

/// Events that are read at once.
const PAGE: usize = 500;

/// What a consumer has taken: all that it has gone past, but for its dead letters and what is to be tried again.
#[derive(Debug, Default)]
pub(super) struct Taken {
    /// Where it goes on, by partition.
    until: HashMap<i32, i64>,
    /// What it has gone past and may still be to come.
    waiting: HashSet<EventId>,
}

#[derive(Deserialize)]
struct Known {
    id: EventId,
}

impl Taken {
    /// What `consumer` has taken of `topic`.
    pub(super) async fn by(consumer: &str, topic: Topic, log: &dyn EventLog) -> Result<Self, Fault> {
        let mut taken = Self::default();
        for place in log.committed(consumer, topic.name()).await? {
            taken.until.insert(place.partition, place.offset);
        }
        // Dead letters first: one that somebody has tried again meanwhile is found behind them.
        let mut letters = dead_letters(log, consumer).await?;
        loop {
            let some = letters.next().await?;
            if some.is_empty() {
                break;
            }
            some.iter().for_each(|letter| taken.wait_for(letter.event.get().as_bytes()));
        }
        for mut from in log.committed(consumer, &retry_topic(consumer)).await? {
            loop {
                let found = log.read(&from, PAGE).await?;
                let Some(last) = found.last() else { break };
                from.offset = last.offset + 1;
                found.iter().for_each(|again| taken.wait_for(&again.record.payload));
            }
        }
        Ok(taken)
    }

    /// What has no id cannot be taken at all.
    fn wait_for(&mut self, event: &[u8]) {
        self.waiting.extend(serde_json::from_slice(event).map(|Known { id }| id));
    }

    /// Whether it has taken the event `id` that stands at `at`.
    pub(super) fn has(&self, at: &Delivered, id: EventId) -> bool {
        let is_past = self.until.get(&at.partition).is_some_and(|until| at.offset < *until);
        is_past && !self.waiting.contains(&id)
    }
}
