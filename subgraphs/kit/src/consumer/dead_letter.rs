//! Dead letters: events that a consumer could not take, with the reason, until someone has them tried again.
//!
//! Trying again goes through the log too: the event is appended for the consumer that gave it up, which takes it where
//! it runs, now or when it is started. So whoever asks for it needs neither the consumer nor its store.

use std::time::Duration;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::clock::Timestamp;
use crate::event_log::{Delivered, EventLog, Record};
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

/// How the topics of dead letters end.
const DEAD: &str = ".dead";
/// How many dead letters are read at once.
const AT_ONCE: usize = 100;
/// How long a retry waits for a dead letter before it takes the rest for done: another may have them in its hands.
const PATIENCE: Duration = Duration::from_millis(300);

/// The topic of a consumer's dead letters.
#[must_use]
pub fn dead_letter_topic(consumer: &str) -> String {
    format!("{consumer}{DEAD}")
}

/// The topic of the events that a consumer is to try again.
#[must_use]
pub fn retry_topic(consumer: &str) -> String {
    format!("{consumer}.retry")
}

/// The group that has dead letters tried again: what it has committed is no dead letter any more.
fn retry_group(consumer: &str) -> String {
    format!("{consumer}.replay")
}

/// The consumers that have, or had, dead letters.
pub async fn troubled(log: &dyn EventLog) -> Result<Vec<String>, Fault> {
    let topics = log.topics().await?.into_iter();
    Ok(topics.filter_map(|topic| topic.strip_suffix(DEAD).map(str::to_owned)).collect())
}

/// The dead letters of a consumer that stand behind `after` and wait to be tried again, from the oldest; each with its
/// offset. No more than some at once: the last one's offset leads to the next. From the beginning with 0.
pub async fn dead_letters(
    log: &dyn EventLog,
    consumer: &str,
    after: i64,
) -> Result<Vec<(i64, DeadLetter)>, Fault> {
    let topic = dead_letter_topic(consumer);
    let done = log.committed(&retry_group(consumer), &topic).await?;
    let found = log.read(&topic, after.max(done), AT_ONCE).await?;
    found.iter().map(|one| Ok((one.offset, serde_json::from_slice(&one.record.payload)?))).collect()
}

/// Has a consumer try those dead letters again that there are now: after what caused them was mended. Answers how many.
/// What fails again is a dead letter again. One that this breaks off at may be tried twice, and takes effect once.
pub async fn retry(log: &dyn EventLog, consumer: &str) -> Result<u64, Fault> {
    let (group, topic) = (retry_group(consumer), dead_letter_topic(consumer));
    let mut waiting = log.lag(&group, std::slice::from_ref(&topic)).await?;
    let mut member = log.join(&group, std::slice::from_ref(&topic)).await?;
    let mut retried = 0;
    while waiting > 0 {
        let limit = usize::try_from(waiting).unwrap_or(AT_ONCE).min(AT_ONCE);
        let Ok(letters) = tokio::time::timeout(PATIENCE, member.next(limit)).await else { break };
        let letters = letters?;
        let again = letters.iter().map(|found| {
            let letter: DeadLetter = serde_json::from_slice(&found.record.payload)?;
            Ok(Record { topic: retry_topic(consumer), ..letter.record() })
        });
        log.append(again.collect::<Result<_, Fault>>()?).await?;
        if let Some(last) = letters.last() {
            member.commit(&topic, last.offset).await?;
        }
        let count = u64::try_from(letters.len()).unwrap_or(u64::MAX);
        (retried, waiting) = (retried + count, waiting.saturating_sub(count));
    }
    member.leave().await?;
    Ok(retried)
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

    /// The event as it was delivered.
    fn record(&self) -> Record {
        let payload = Bytes::copy_from_slice(self.event.get().as_bytes());
        Record { topic: self.topic.clone(), key: self.key.clone(), payload }
    }
}
