//! The port over anything that can change one entry atomically.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;

use super::operations::{self, Change, Entry};
use super::{Bucket, KeyValue, Lease, Taken};
use crate::clock::Clock;
use crate::fault::Fault;

/// Changes one entry atomically.
#[async_trait]
pub(super) trait Atomic: fmt::Debug + Send + Sync {
    /// Hands the entry under `key`, unless it expired by `now` (microseconds since 1970), to `decide` and leaves
    /// what that answers.
    async fn update<T: Send>(
        &self,
        key: &str,
        now: i64,
        decide: impl for<'e> FnOnce(Option<Entry<'e>>) -> (Change, T) + Send,
    ) -> Result<T, Fault>;

    /// The value under `key`, unless it expired by `now`.
    async fn read(&self, key: &str, now: i64) -> Result<Option<Bytes>, Fault>;
}

/// An embedded store with its clock.
#[derive(Debug)]
pub(super) struct Embedded<S> {
    pub(super) store: S,
    pub(super) clock: Clock,
}

#[async_trait]
impl<S: Atomic> KeyValue for Embedded<S> {
    async fn get(&self, key: &str) -> Result<Option<Bytes>, Fault> {
        self.store.read(key, self.clock.now().timestamp_micros()).await
    }

    async fn put(&self, key: &str, value: Bytes, ttl: Option<Duration>) -> Result<(), Fault> {
        let now = self.clock.now();
        let change = Change::Put { value: value.to_vec(), until: operations::expiry(now, ttl) };
        self.store.update(key, now.timestamp_micros(), |_| (change, ())).await
    }

    async fn compare_and_set(
        &self,
        key: &str,
        expected: Option<&[u8]>,
        value: Bytes,
        ttl: Option<Duration>,
    ) -> Result<bool, Fault> {
        let now = self.clock.now();
        let until = operations::expiry(now, ttl);
        self.store
            .update(key, now.timestamp_micros(), |entry| {
                if entry.map(|entry| entry.value) == expected {
                    (Change::Put { value: value.to_vec(), until }, true)
                } else {
                    (Change::Keep, false)
                }
            })
            .await
    }

    async fn delete(&self, key: &str) -> Result<bool, Fault> {
        let now = self.clock.now().timestamp_micros();
        self.store.update(key, now, |entry| (Change::Delete, entry.is_some())).await
    }

    async fn compare_and_delete(&self, key: &str, expected: &[u8]) -> Result<bool, Fault> {
        let now = self.clock.now().timestamp_micros();
        self.store
            .update(key, now, |entry| match entry {
                Some(entry) if entry.value == expected => (Change::Delete, true),
                _ => (Change::Keep, false),
            })
            .await
    }

    async fn add(&self, key: &str, by: i64, ttl: Option<Duration>) -> Result<i64, Fault> {
        let now = self.clock.now();
        let until = operations::expiry(now, ttl);
        self.store.update(key, now.timestamp_micros(), |entry| operations::add(entry, by, until)).await
    }

    async fn take(&self, key: &str, bucket: Bucket, tokens: u32) -> Result<Taken, Fault> {
        let now = self.clock.now();
        let take = |entry: Option<Entry<'_>>| operations::take(entry, now, bucket, tokens);
        self.store.update(key, now.timestamp_micros(), take).await
    }

    async fn lock(&self, key: &str, ttl: Duration) -> Result<Option<Lease>, Fault> {
        let now = self.clock.now();
        self.store.update(key, now.timestamp_micros(), |entry| operations::lock(entry, now, ttl)).await
    }

    async fn unlock(&self, key: &str, lease: Lease) -> Result<bool, Fault> {
        let now = self.clock.now();
        self.store.update(key, now.timestamp_micros(), |entry| operations::unlock(entry, now, lease)).await
    }
}
