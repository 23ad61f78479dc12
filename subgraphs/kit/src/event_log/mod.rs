//! The port `EventLog`: topics of records that are kept in order per key, and consumer groups that remember
//! where they are.
//!
//! The promise that everything else relies on: a record whose `append` answered is never lost, whatever is
//! killed, and a group gets every record at least once and, per key, in the order of the appends.

pub mod contract;
mod retention;
mod sqlite;

use bytes::Bytes;

use crate::clock::Timestamp;
use crate::fault::Fault;
pub use retention::retaining;
pub use sqlite::SqliteEventLog;

/// A record to append.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Where it goes: a [`Topic`](crate::event::Topic)'s name, or a consumer's dead letters.
    pub topic: String,
    /// Records of one key stay in order; the aggregate's id.
    pub key: String,
    /// The envelope in JSON.
    pub payload: Bytes,
}

/// A record as a consumer gets it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivered {
    /// Where in its topic it stands; grows, with gaps.
    pub offset: i64,
    /// The record itself.
    pub record: Record,
}

/// A durable log.
#[async_trait::async_trait]
pub trait EventLog: Send + Sync + 'static {
    /// Appends the records in their order, and answers once they are durable. All of them or, with a fault,
    /// possibly some: the caller appends again, and consumers take a record's second copy for the first.
    async fn append(&self, records: Vec<Record>) -> Result<(), Fault>;

    /// Joins the consumer group `group` for `topics`. A new group starts at the oldest record.
    async fn join(&self, group: &str, topics: &[String]) -> Result<Box<dyn Membership>, Fault>;

    /// How many records of `topics` the group has not committed yet.
    async fn lag(&self, group: &str, topics: &[String]) -> Result<u64, Fault>;

    /// The topics that have records, in the order of their names.
    async fn topics(&self) -> Result<Vec<String>, Fault>;

    /// The records of a topic behind `offset`, at most `limit`, for who looks at them and is no member of a group.
    async fn read(&self, topic: &str, offset: i64, limit: usize) -> Result<Vec<Delivered>, Fault>;

    /// Up to which offset a group has committed a topic; 0 before it has committed anything.
    async fn committed(&self, group: &str, topic: &str) -> Result<i64, Fault>;

    /// Deletes records of `topics` that were appended before `time` and that nobody needs any more; answers how
    /// many. A record is needed as long as it is the last of its key, because a new group learns from it how the
    /// aggregate is; and as long as a group that ever joined for its topic has not committed it. An engine may
    /// keep more than that.
    async fn trim(&self, topics: &[String], time: Timestamp) -> Result<u64, Fault>;
}

/// A member of a consumer group. Each topic has one member at a time that gets its records, by a lease: when a
/// member is gone, another goes on from what was committed, within [`LEASE`].
#[async_trait::async_trait]
pub trait Membership: Send {
    /// The next records after those delivered before, at most `limit`; waits until there is one. Records of one
    /// topic are in order. Records that were delivered and not committed come again after a change of members.
    async fn next(&mut self, limit: usize) -> Result<Vec<Delivered>, Fault>;

    /// The group is done with everything of `topic` up to `offset`. Fails when the lease was lost in between:
    /// another member may be at work on those records already.
    async fn commit(&mut self, topic: &str, offset: i64) -> Result<(), Fault>;

    /// Leaves at once, so that another member need not wait for the lease to end.
    async fn leave(self: Box<Self>) -> Result<(), Fault>;
}

/// How long a member may be silent before another takes its topics.
pub const LEASE: std::time::Duration = std::time::Duration::from_secs(5);
