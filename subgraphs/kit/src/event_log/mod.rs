//! The port `EventLog`: topics of records that are kept in order per key, and consumer groups that remember
//! where they are.
//!
//! The promise that everything else relies on: a record whose `append` answered is never lost, whatever is
//! killed, and a group gets every record at least once and, per key, in the order of the appends.

pub mod contract;
mod retention;
mod sqlite;

use std::collections::BTreeMap;

use bytes::Bytes;

use crate::clock::Timestamp;
use crate::fault::Fault;
pub use retention::retaining;
pub use sqlite::SqliteEventLog;

/// The most bytes of one record, its key and headers counted along. What a store tells stays far below
/// ([`LARGEST_STATE`](crate::documents::LARGEST_STATE)), so that what is wrapped around it has room.
pub const LARGEST_RECORD: usize = 8_000_000;

/// The bytes of payloads and keys after which a log ends an answer, so that who reads holds one more record at most.
pub const LARGEST_BATCH: usize = 8_000_000;

/// What travels beside a record's payload, by name.
pub type Headers = BTreeMap<String, Bytes>;

/// A record to append.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Where it goes: a [`Topic`](crate::event::Topic)'s name, or a consumer's dead letters.
    pub topic: String,
    /// Records of one key stay in order; the aggregate's id.
    pub key: String,
    /// What an engine may look at without reading the payload. The attributes of an event's envelope are not among
    /// them: an engine that keeps those apart puts them back into the payload.
    pub headers: Headers,
    /// The envelope in JSON.
    pub payload: Bytes,
}

impl Record {
    /// A record without headers.
    #[must_use]
    pub fn new(topic: impl Into<String>, key: impl Into<String>, payload: impl Into<Bytes>) -> Self {
        Self { topic: topic.into(), key: key.into(), headers: Headers::new(), payload: payload.into() }
    }

    /// Refuses a record that no engine takes.
    ///
    /// # Errors
    /// `LIMIT_EXCEEDED` above [`LARGEST_RECORD`].
    pub fn check_size(&self) -> Result<(), Fault> {
        let headers: usize = self.headers.iter().map(|(name, value)| name.len() + value.len()).sum();
        let size = self.payload.len() + self.key.len() + headers;
        if size <= LARGEST_RECORD {
            return Ok(());
        }
        let text =
            format!("a record of {size} bytes is too large for the event log: {LARGEST_RECORD} at most");
        Err(Fault::limit(text))
    }
}

/// A record as a consumer gets it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivered {
    /// Which part of its topic it stands in: all records of a key stand in the same.
    pub partition: i32,
    /// Where in its partition it stands; grows, with gaps.
    pub offset: i64,
    /// The record itself.
    pub record: Record,
}

impl Delivered {
    /// Where it stands.
    #[must_use]
    pub fn position(&self) -> Position {
        Position { topic: self.record.topic.clone(), partition: self.partition, offset: self.offset }
    }
}

/// A place in the log.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The topic.
    pub topic: String,
    /// Which part of it, from 0.
    pub partition: i32,
    /// Where in that part, from 0.
    pub offset: i64,
}

/// From where to read a topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// The oldest record that is still there.
    Beginning,
    /// The first record that was appended at that time or later.
    At(Timestamp),
    /// Behind the newest record: what is still to come.
    End,
}

/// Whether a member still has the partition that it is at work on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Lease {
    /// It has.
    Held,
    /// Another member may be at work on the same records already: leave the rest of the batch to it.
    Lost,
}

/// A durable log.
#[async_trait::async_trait]
pub trait EventLog: Send + Sync + 'static {
    /// Appends the records in their order, and answers once they are durable. All of them or, with a fault,
    /// possibly some: the caller appends again, and consumers take a record's second copy for the first. None when one
    /// is larger than [`LARGEST_RECORD`].
    async fn append(&self, records: Vec<Record>) -> Result<(), Fault>;

    /// Joins the consumer group `group` for `topics`. A new group starts at the oldest record.
    async fn join(&self, group: &str, topics: &[String]) -> Result<Box<dyn Membership>, Fault>;

    /// How many records of `topics` the group has not committed yet; an engine may count records along that it has
    /// forgotten since.
    async fn lag(&self, group: &str, topics: &[String]) -> Result<u64, Fault>;

    /// The topics that have records, in the order of their names.
    async fn topics(&self) -> Result<Vec<String>, Fault>;

    /// For each partition of a topic, where to read from; none for a topic that is not there.
    async fn positions(&self, topic: &str, start: Start) -> Result<Vec<Position>, Fault>;

    /// The records of a partition from `from` on, at most `limit` and not beyond [`LARGEST_BATCH`], for who looks at them
    /// and is no member of a group. None when there is none now.
    async fn read(&self, from: &Position, limit: usize) -> Result<Vec<Delivered>, Fault>;

    /// For each partition of a topic, where a group goes on; at offset 0 before it has committed anything.
    async fn committed(&self, group: &str, topic: &str) -> Result<Vec<Position>, Fault>;

    /// Has a group go on from these positions. Refused with `BAD_USER_INPUT` while members of it are at work.
    async fn reset(&self, group: &str, positions: &[Position]) -> Result<(), Fault>;

    /// Deletes records of `topics` that were appended before `time` and that nobody needs any more; answers how
    /// many. A record is needed as long as it is the last of its key, because a new group learns from it how the
    /// aggregate is; and as long as a group that ever joined for its topic has not committed it. An engine may
    /// keep more than that, and one that forgets by itself answers 0.
    async fn trim(&self, topics: &[String], time: Timestamp) -> Result<u64, Fault>;

    /// Makes topics that are not there, on an engine that does not make them by itself: to be called before anything is
    /// appended. Any number of processes may do so at once.
    async fn prepare(&self, _topics: &[String]) -> Result<(), Fault> {
        Ok(())
    }

    /// Whether it answers.
    async fn ready(&self) -> Result<(), Fault>;
}

/// A member of a consumer group. Each partition has one member at a time that gets its records, by a lease: when a
/// member is gone or silent, another goes on from what was committed. A member is silent when it neither asks, nor
/// commits, nor renews for some seconds, how many is the engine's; at least [`LEASE`].
#[async_trait::async_trait]
pub trait Membership: Send {
    /// The next records after those delivered before, at most `limit` and not beyond [`LARGEST_BATCH`]; waits until there
    /// is one. Those of one answer stand in one partition, in order. Records that were delivered and not committed come
    /// again after a change of members.
    async fn next(&mut self, limit: usize) -> Result<Vec<Delivered>, Fault>;

    /// The group is done with everything of `done`'s partition up to that place. Changes nothing when the lease was
    /// lost in between.
    async fn commit(&mut self, done: &Position) -> Result<Lease, Fault>;

    /// Still at work on records of `at`'s partition.
    async fn renew(&mut self, at: &Position) -> Result<Lease, Fault>;

    /// Leaves at once, so that another member need not wait for the lease to end.
    async fn leave(self: Box<Self>) -> Result<(), Fault>;
}

/// How long a member may be silent at least before another takes its partitions.
pub const LEASE: std::time::Duration = std::time::Duration::from_secs(5);
