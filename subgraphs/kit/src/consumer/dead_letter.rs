//! Dead letters: events that a consumer could not take, with the reason, until someone has them tried again.
//!
//! Trying again goes through the log too: the event is appended for the consumer that gave it up, which takes it where
//! it runs, now or when it is started. So whoever asks for it needs neither the consumer nor its store.

use std::time::Duration;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::clock::Timestamp;
use crate::event_log::{Delivered, EventLog, LARGEST_RECORD, Lease, Position, Record, Start};
use crate::fault::Fault;

/// An event that a consumer could not take.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DeadLetter {
    /// Who could not.
    pub consumer: String,
    /// Why, for people; it may tell internals and is for operators only. Its beginning, when it is long.
    pub reason: String,
    /// When it was given up.
    pub failed_at: Timestamp,
    /// Where the event came from, also when it was tried again since.
    pub topic: String,
    /// Which part of its topic it stood in.
    #[serde(default)]
    pub partition: i32,
    /// Where in that part it stood.
    pub offset: i64,
    /// The event's key. Its beginning, when it is long.
    pub key: String,
    /// The event as it stood in the log. When it was not JSON, or too large to be wrapped, a string of its beginning:
    /// the log has the rest.
    pub event: Box<RawValue>,
}

/// The headers that say where an event stood in the log.
const TOPIC: &str = "dead-letter-topic";
const PARTITION: &str = "dead-letter-partition";
const OFFSET: &str = "dead-letter-offset";
/// The header of what is tried again that says where its dead letter stood.
const LETTER: &str = "dead-letter";
/// How much of a reason is kept, in characters: what cannot be read is often quoted in it.
const REASON: usize = 2_000;
/// How much of a key is kept, in characters: it stands in the letter, and is the letter's own key.
const KEY: usize = 1_000;
/// The largest event that is kept whole, in bytes, and how much is kept of others.
const WHOLE: usize = LARGEST_RECORD - 100_000;
const BEGINNING: usize = 10_000;
/// How the topics of dead letters end.
const DEAD: &str = ".dead";
/// How many dead letters are read at once.
const AT_ONCE: usize = 100;
/// How often, and how many times, a retry that gets no dead letter looks whether another had them in its hands.
const BETWEEN_LOOKS: Duration = Duration::from_millis(300);
const LOOKS: u32 = 100;

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

/// From where in the topic of a consumer's dead letters they wait: behind what the group has committed, and behind the last
/// one that is told of where they are tried again, as clusters forget what a group that rests for long has committed.
async fn waiting_from(log: &dyn EventLog, consumer: &str) -> Result<Vec<Position>, Fault> {
    let mut places = log.committed(&retry_group(consumer), &dead_letter_topic(consumer)).await?;
    for mut end in log.positions(&retry_topic(consumer), Start::End).await? {
        end.offset -= 1;
        let last = if end.offset < 0 { None } else { log.read(&end, 1).await?.pop() };
        let Some((partition, offset)) = last.and_then(|last| letter_of(&last.record)) else { continue };
        for place in places.iter_mut().filter(|place| place.partition == partition) {
            place.offset = place.offset.max(offset + 1);
        }
    }
    Ok(places)
}

/// Which dead letter a record is that is tried again: its partition, and its place there.
fn letter_of(again: &Record) -> Option<(i32, i64)> {
    let told = std::str::from_utf8(again.headers.get(LETTER)?).ok()?;
    let (partition, offset) = told.split_once('/')?;
    Some((partition.parse().ok()?, offset.parse().ok()?))
}

/// The consumers that have, or had, dead letters.
pub async fn troubled(log: &dyn EventLog) -> Result<Vec<String>, Fault> {
    let topics = log.topics().await?.into_iter();
    Ok(topics.filter_map(|topic| topic.strip_suffix(DEAD).map(str::to_owned)).collect())
}

/// The dead letters of a consumer that wait to be tried again, some at a time.
pub struct Waiting<'l> {
    log: &'l dyn EventLog,
    /// Where to go on in each partition that may have more.
    places: Vec<Position>,
}

/// The dead letters of a consumer that wait to be tried again.
pub async fn dead_letters<'l>(log: &'l dyn EventLog, consumer: &str) -> Result<Waiting<'l>, Fault> {
    Ok(Waiting { log, places: waiting_from(log, consumer).await? })
}

impl Waiting<'_> {
    /// The next ones, from the oldest of a partition; none when these were all.
    pub async fn next(&mut self) -> Result<Vec<DeadLetter>, Fault> {
        while let Some(place) = self.places.first_mut() {
            let found = self.log.read(place, AT_ONCE).await?;
            let Some(last) = found.last() else {
                self.places.remove(0);
                continue;
            };
            place.offset = last.offset + 1;
            return found.iter().map(|one| Ok(serde_json::from_slice(&one.record.payload)?)).collect();
        }
        Ok(Vec::new())
    }
}

impl std::fmt::Debug for Waiting<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Waiting").field("places", &self.places).finish_non_exhaustive()
    }
}

/// Has a consumer try those dead letters again that there are now: after what caused them was mended. Answers how many.
/// What fails again is a dead letter again, for another time, and what is not [whole](DeadLetter::is_whole) stays one.
/// One that this breaks off at may be tried twice, and takes effect once; one that stays may then stand there twice.
pub async fn retry(log: &dyn EventLog, consumer: &str) -> Result<u64, Fault> {
    let now = Now::of(log, consumer).await?;
    if now.is_done().await? {
        return Ok(0);
    }
    let mut member = log.join(&now.group, std::slice::from_ref(&now.topic)).await?;
    let mut retried = 0;
    while let Some(mut letters) = now.next(member.next(AT_ONCE)).await? {
        letters.retain(|letter| now.has(letter));
        let Some(last) = letters.last() else { continue };
        let (mut stays, mut again) = (Vec::new(), Vec::new());
        for found in &letters {
            let letter: DeadLetter = serde_json::from_slice(&found.record.payload)?;
            if letter.is_whole() {
                again.push(letter.retried(found));
            } else {
                // Behind the others, as what is committed is no dead letter any more.
                stays.push(found.record.clone());
            }
        }
        let count = u64::try_from(again.len()).unwrap_or(u64::MAX);
        // One that is tried again hides all before it, so that those that stay have to be in the log by then.
        for some in [stays, again] {
            if !some.is_empty() {
                log.append(some).await?;
            }
        }
        if member.commit(&last.position()).await? == Lease::Held {
            retried += count;
        }
    }
    member.leave().await?;
    Ok(retried)
}

/// The dead letters of a consumer that there were at a time: those that come later may be the same ones.
struct Now<'l> {
    log: &'l dyn EventLog,
    consumer: &'l str,
    group: String,
    topic: String,
    /// The first one of each partition, and behind the last one.
    begins: Vec<Position>,
    ends: Vec<Position>,
}

impl<'l> Now<'l> {
    async fn of(log: &'l dyn EventLog, consumer: &'l str) -> Result<Self, Fault> {
        let (group, topic) = (retry_group(consumer), dead_letter_topic(consumer));
        let begins = waiting_from(log, consumer).await?;
        let ends = log.positions(&topic, Start::End).await?;
        Ok(Self { log, consumer, group, topic, begins, ends })
    }

    fn has(&self, letter: &Delivered) -> bool {
        let is_here = |place: &&Position| place.partition == letter.partition;
        self.begins.iter().filter(is_here).all(|begin| begin.offset <= letter.offset)
            && self.ends.iter().filter(is_here).any(|end| letter.offset < end.offset)
    }

    /// Whether somebody has had all of them tried again.
    async fn is_done(&self) -> Result<bool, Fault> {
        let done = waiting_from(self.log, self.consumer).await?;
        let is_done = |end: &Position| {
            done.iter().any(|done| done.partition == end.partition && done.offset >= end.offset)
        };
        Ok(self.ends.iter().all(is_done))
    }

    /// What `next` answers; none when all are done, which another may have done meanwhile.
    async fn next(
        &self,
        next: impl Future<Output = Result<Vec<Delivered>, Fault>>,
    ) -> Result<Option<Vec<Delivered>>, Fault> {
        let mut next = std::pin::pin!(next);
        for _ in 0..LOOKS {
            if self.is_done().await? {
                return Ok(None);
            }
            if let Ok(letters) = tokio::time::timeout(BETWEEN_LOOKS, &mut next).await {
                return letters.map(Some);
            }
        }
        Err(Fault::broken(format!("another holds {}", self.topic)).transient())
    }
}

impl DeadLetter {
    /// Whether it has the event, so that this can be tried again. Of what was no JSON, which will never be an event, and of
    /// what was too large to be wrapped, it has the beginning.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        // An event is an object, and a beginning a string.
        !self.event.get().starts_with('"')
    }

    pub(super) fn new(consumer: &str, fault: &Fault, at: Timestamp, from: &Delivered) -> Result<Self, Fault> {
        let payload = &from.record.payload;
        let whole = serde_json::from_slice::<Box<RawValue>>(payload).ok();
        let event = match whole.filter(|_| payload.len() <= WHOLE) {
            Some(event) => event,
            None => {
                let beginning = payload.get(..BEGINNING).unwrap_or(payload);
                serde_json::value::to_raw_value(&String::from_utf8_lossy(beginning))?
            }
        };
        let Position { topic, partition, offset } = origin(from);
        Ok(Self {
            consumer: consumer.to_owned(),
            reason: format!("{fault:?}").chars().take(REASON).collect(),
            failed_at: at,
            topic,
            partition,
            offset,
            key: from.record.key.chars().take(KEY).collect(),
            event,
        })
    }

    /// The letter itself is the payload; the headers say the most important of it to who cannot read that.
    pub(super) fn into_record(self) -> Result<Record, Fault> {
        let said = [
            ("dead-letter-consumer", self.consumer.clone()),
            ("dead-letter-reason", self.reason.clone()),
            ("dead-letter-time", self.failed_at.to_rfc3339()),
        ];
        let said = said.into_iter().map(|(name, value)| (name.to_owned(), value.into()));
        Ok(Record {
            headers: said.chain(self.origin_headers()).collect(),
            ..Record::new(dead_letter_topic(&self.consumer), self.key.clone(), serde_json::to_vec(&self)?)
        })
    }

    /// The event as it was delivered, for the consumer to try again; it says where it stood first, and where this dead
    /// letter `stood`.
    fn retried(&self, stood: &Delivered) -> Record {
        let payload = Bytes::copy_from_slice(self.event.get().as_bytes());
        let letter = format!("{}/{}", stood.partition, stood.offset);
        Record {
            headers: self.origin_headers().into_iter().chain([(LETTER.to_owned(), letter.into())]).collect(),
            ..Record::new(retry_topic(&self.consumer), self.key.clone(), payload)
        }
    }

    fn origin_headers(&self) -> [(String, Bytes); 3] {
        [
            (TOPIC.to_owned(), self.topic.clone().into()),
            (PARTITION.to_owned(), self.partition.to_string().into()),
            (OFFSET.to_owned(), self.offset.to_string().into()),
        ]
    }
}

/// Where an event stood first: what is tried again says so in its headers.
fn origin(from: &Delivered) -> Position {
    let said = |name| std::str::from_utf8(from.record.headers.get(name)?).ok();
    let told = || {
        let (partition, offset) = (said(PARTITION)?.parse().ok()?, said(OFFSET)?.parse().ok()?);
        Some(Position { topic: said(TOPIC)?.to_owned(), partition, offset })
    };
    told().unwrap_or_else(|| from.position())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn buried(payload: Vec<u8>, fault: &Fault) -> (DeadLetter, Record) {
        buried_of("k", payload, fault)
    }

    fn buried_of(key: &str, payload: Vec<u8>, fault: &Fault) -> (DeadLetter, Record) {
        let record = Record::new("product.events", key, payload);
        let from = Delivered { partition: 0, offset: 7, record };
        let letter = DeadLetter::new("catalog.learn", fault, Timestamp::UNIX_EPOCH, &from).unwrap();
        (letter.clone(), letter.into_record().unwrap())
    }

    #[test]
    fn whatever_cannot_be_taken_fits_into_the_log_as_a_dead_letter() {
        let quoting = Fault::broken("seven".repeat(1_000_000));
        let text = serde_json::to_vec(&"7".repeat(LARGEST_RECORD - 3)).unwrap();
        let escaped = serde_json::to_vec(&"\"".repeat(LARGEST_RECORD / 2 - 2)).unwrap();
        for payload in
            [text, escaped, vec![1; LARGEST_RECORD - 1], vec![0xff; LARGEST_RECORD - 1], Vec::new()]
        {
            let (letter, record) = buried(payload, &quoting);
            record.check_size().unwrap();
            assert!(letter.reason.contains("sevenseven"));
            assert_eq!((letter.topic.as_str(), letter.offset), ("product.events", 7));
        }
        let payload = serde_json::to_vec(&vec!["é"; 100_000]).unwrap();
        for key in ["é".repeat(3_000_000), "\u{1}".repeat(LARGEST_RECORD - payload.len())] {
            let (letter, record) = buried_of(&key, payload.clone(), &quoting);
            record.check_size().unwrap();
            assert!(letter.is_whole() && key.starts_with(&letter.key) && record.key == letter.key);
            assert_eq!(letter.key.chars().count(), KEY);
        }
    }

    #[test]
    fn an_event_is_kept_whole_and_of_what_is_none_the_beginning() {
        let whole = serde_json::to_vec(&vec![7; 500_000]).unwrap();
        let (letter, _) = buried(whole.clone(), &Fault::forbidden());
        assert_eq!((letter.event.get().as_bytes(), letter.is_whole()), (&*whole, true));
        let (letter, _) = buried(vec![b'a'; 50_000], &Fault::forbidden());
        assert_eq!(letter.event.get(), serde_json::to_string(&"a".repeat(BEGINNING)).unwrap());
        assert!(!letter.is_whole());
        let large = serde_json::json!({ "id": "7".repeat(WHOLE) }).to_string();
        assert!(!buried(large.into_bytes(), &Fault::forbidden()).0.is_whole());
    }
}
