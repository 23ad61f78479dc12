//! The port `KeyValue`: small values with a time to live, for sessions, rate limits, caches, locks and presence.
//!
//! Two embedded sides: [`in_process`] forgets at the end of the process, [`durable`] keeps what must outlive it
//! (sessions, lock-outs) in a SQLite file that several processes share. Which one a use gets is decided where
//! the process is wired. Each operation is atomic; nothing needs two of them together.
//!
//! The real side is Redis, shared by all replicas, and Redis can be away. What then happens is each use's own:
//!
//! | use | through | while Redis is away |
//! | --- | --- | --- |
//! | caches | [`Cache`] | every look-up misses, what is put is let go; an entry that could not be deleted lives on, for its time to live at most |
//! | rate limits | [`Limits`] | each process counts by itself, in buckets of the same size: `n` replicas admit up to `n` times as much |
//! | sessions, lock-outs | [`KeyValue`] itself | `UNAVAILABLE`: nobody is signed out, let in or locked out by mistake |
//! | locks, presence | [`KeyValue`] itself | `UNAVAILABLE`: nobody takes a lock, and who holds one has it no longer than its lease |
//!
//! An operation that ends in `UNAVAILABLE` may have been done: only its answer is missing.

pub mod contract;
mod durable;
mod embedded;
mod in_process;
mod operations;
mod uses;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;

use crate::fault::Fault;
pub use durable::durable;
pub use in_process::in_process;
pub use uses::{Cache, Limits};

/// A store of small values. Keys are of one use each: put the use's name in front, as in `session:`.
#[async_trait]
pub trait KeyValue: fmt::Debug + Send + Sync {
    /// The value under `key`, unless it has expired.
    async fn get(&self, key: &str) -> Result<Option<Bytes>, Fault>;

    /// Puts a value under `key` that expires after `ttl`; `None` keeps it until it is replaced.
    async fn put(&self, key: &str, value: Bytes, ttl: Option<Duration>) -> Result<(), Fault>;

    /// Puts a value only if the present one is `expected` (`None`: nothing is there). Whether it did.
    async fn compare_and_set(
        &self,
        key: &str,
        expected: Option<&[u8]>,
        value: Bytes,
        ttl: Option<Duration>,
    ) -> Result<bool, Fault>;

    /// Deletes what is under `key`. Whether there was something.
    async fn delete(&self, key: &str) -> Result<bool, Fault>;

    /// Deletes what is under `key` only if it is `expected`. Whether it did.
    async fn compare_and_delete(&self, key: &str, expected: &[u8]) -> Result<bool, Fault>;

    /// Adds to a counter and answers its new value. A counter that is not there starts at 0 and expires `ttl`
    /// after that; later additions do not prolong it. It stays within the bounds of `i64`.
    async fn add(&self, key: &str, by: i64, ttl: Option<Duration>) -> Result<i64, Fault>;

    /// Takes `tokens` out of a bucket, all or none.
    async fn take(&self, key: &str, bucket: Bucket, tokens: u32) -> Result<Taken, Fault>;

    /// Takes a lock that frees itself after `ttl`. `None` while another holds it.
    async fn lock(&self, key: &str, ttl: Duration) -> Result<Option<Lease>, Fault>;

    /// Frees a lock, unless it has passed to another. Whether it did.
    async fn unlock(&self, key: &str, lease: Lease) -> Result<bool, Fault>;
}

/// A store as its users hold it.
pub type SharedKeyValue = Arc<dyn KeyValue>;

/// A token bucket: how a rate limit allows bursts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bucket {
    /// How many tokens it holds at most, and at first.
    pub capacity: u32,
    /// How long one token takes to come back; at least a microsecond.
    pub refill: Duration,
}

/// What came of taking tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// They were there; so many are left.
    Yes {
        /// Whole tokens that remain.
        left: u32,
    },
    /// They were not, and none was taken.
    No {
        /// When as many will be there, if nobody else takes them; `None` when the bucket never holds so many.
        retry_after: Option<Duration>,
    },
}

/// A lock that is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lease {
    /// The fencing token: greater with every lease of the same key, so that a store can refuse a holder whose
    /// lease has passed to another without its notice.
    pub token: u64,
}
