//! Dead letters: events that a consumer could not take, with the reason, until someone replays them.

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::clock::Timestamp;
use crate::event_log::{Delivered, Record};
use crate::fault::Fault;

/// An event that a consumer could not take.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DeadLetter {
    /// Who could not.
    pub consumer: String,
    /// Why, for people; it may tell internals and is for operators only.
    pub reason: String,
    /// When it was given up.
    pub failed_at: Timestamp,
    /// Where the event came from.
    pub topic: String,
    /// Where in its topic it stood.
    pub offset: i64,
    /// The event's key.
    pub key: String,
    /// The event as it stood in the log; a string when it was not JSON.
    pub event: Box<RawValue>,
}

/// The topic of a consumer's dead letters.
#[must_use]
pub fn dead_letter_topic(consumer: &str) -> String {
    format!("{consumer}.dead")
}

impl DeadLetter {
    pub(super) fn new(consumer: &str, fault: &Fault, at: Timestamp, from: &Delivered) -> Result<Self, Fault> {
        let event = match serde_json::from_slice::<Box<RawValue>>(&from.record.payload) {
            Ok(event) => event,
            Err(_) => serde_json::value::to_raw_value(&String::from_utf8_lossy(&from.record.payload))?,
        };
        Ok(Self {
            consumer: consumer.to_owned(),
            reason: format!("{fault:?}"),
            failed_at: at,
            topic: from.record.topic.clone(),
            offset: from.offset,
            key: from.record.key.clone(),
            event,
        })
    }

    pub(super) fn into_record(self) -> Result<Record, Fault> {
        Ok(Record {
            topic: dead_letter_topic(&self.consumer),
            key: self.key.clone(),
            payload: serde_json::to_vec(&self)?.into(),
        })
    }

    /// The event as it was first delivered.
    pub(super) fn delivered(&self) -> Delivered {
        Delivered {
            offset: self.offset,
            record: Record {
                topic: self.topic.clone(),
                key: self.key.clone(),
                payload: Bytes::copy_from_slice(self.event.get().as_bytes()),
            },
        }
    }
}
