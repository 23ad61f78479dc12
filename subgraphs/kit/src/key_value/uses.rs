//! What uses do while the shared store is away: a cache misses, a rate limit counts by itself.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use tokio::time::Instant;

use super::{Bucket, SharedKeyValue, Taken, in_process};
use crate::clock::Clock;
use crate::fault::Fault;

/// How long a store that was away is not asked again, so that nobody waits for it with each request.
const PAUSE: Duration = Duration::from_secs(1);

/// Values that can be had again at a cost. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Cache(Pausing);

impl Cache {
    /// A cache in `store`.
    #[must_use]
    pub fn new(store: SharedKeyValue) -> Self {
        Self(Pausing::new(store, "caches"))
    }

    /// The value under `key`; nothing while the store is away.
    pub async fn get(&self, key: &str) -> Option<Bytes> {
        self.0.heard(self.0.store()?.get(key).await).flatten()
    }

    /// Keeps a value for `ttl`, if it can.
    pub async fn put(&self, key: &str, value: Bytes, ttl: Duration) {
        if let Some(store) = self.0.store() {
            // What is not kept is made again.
            let _ = self.0.heard(store.put(key, value, Some(ttl)).await);
        }
    }

    /// Lets a value go. While the store is away it stays, for the rest of its time to live at most: whether it went.
    pub async fn delete(&self, key: &str) -> bool {
        match self.0.store() {
            Some(store) => self.0.heard(store.delete(key).await).is_some(),
            None => false,
        }
    }
}

/// Rate limits: of all replicas together, or of each by itself while the shared store is away. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Limits {
    shared: Pausing,
    own: SharedKeyValue,
}

impl Limits {
    /// Limits that replicas share in `store`.
    #[must_use]
    pub fn new(store: SharedKeyValue, clock: Clock) -> Self {
        Self { shared: Pausing::new(store, "rate limits"), own: in_process(clock) }
    }

    /// Takes `tokens` out of the bucket under `key`, all or none.
    ///
    /// # Errors
    /// None that an engine's absence causes.
    pub async fn take(&self, key: &str, bucket: Bucket, tokens: u32) -> Result<Taken, Fault> {
        let taken = match self.shared.store() {
            Some(store) => self.shared.heard(store.take(key, bucket, tokens).await),
            None => None,
        };
        match taken {
            Some(taken) => Ok(taken),
            None => self.own.take(key, bucket, tokens).await,
        }
    }
}

/// A store that is left alone for a while after it did not answer.
#[derive(Debug, Clone)]
struct Pausing {
    store: SharedKeyValue,
    /// For the log: what goes on without it.
    used_for: &'static str,
    paused_until: Arc<Mutex<Option<Instant>>>,
}

impl Pausing {
    fn new(store: SharedKeyValue, used_for: &'static str) -> Self {
        Self { store, used_for, paused_until: Arc::default() }
    }

    /// The store, unless it did not answer a moment ago. Behind a pause one may ask it, and all others go on without
    /// it for another one: it may hang.
    fn store(&self) -> Option<&SharedKeyValue> {
        let (mut paused_until, now) = (self.paused_until(), Instant::now());
        if let Some(until) = paused_until.as_mut() {
            if now < *until {
                return None;
            }
            *until = now + PAUSE;
        }
        Some(&self.store)
    }

    /// What the store answered, if it did.
    fn heard<T>(&self, answer: Result<T, Fault>) -> Option<T> {
        let mut paused_until = self.paused_until();
        match answer {
            Ok(answer) => {
                if paused_until.take().is_some() {
                    tracing::info!(used_for = self.used_for, "the store of {} is there again", self.used_for);
                }
                Some(answer)
            }
            Err(fault) => {
                if paused_until.is_none() {
                    tracing::warn!(cause = ?fault, "{} go on without their store: {fault:?}", self.used_for);
                }
                *paused_until = Some(Instant::now() + PAUSE);
                None
            }
        }
    }

    fn paused_until(&self) -> MutexGuard<'_, Option<Instant>> {
        self.paused_until.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

    use async_trait::async_trait;

    use super::*;
    use crate::clock::Timestamp;
    use crate::key_value::{KeyValue, Lease};

    /// A store in this process that can be away, and counts how often it is asked.
    #[derive(Debug)]
    struct Fickle {
        store: SharedKeyValue,
        away: AtomicBool,
        asked: AtomicU32,
    }

    impl Fickle {
        fn new() -> Arc<Self> {
            let store = in_process(Clock::fixed(Timestamp::UNIX_EPOCH));
            Arc::new(Self { store, away: AtomicBool::default(), asked: AtomicU32::default() })
        }

        fn there(&self) -> Result<&SharedKeyValue, Fault> {
            self.asked.fetch_add(1, Ordering::Relaxed);
            match self.away.load(Ordering::Relaxed) {
                true => Err(Fault::unavailable("away", std::io::Error::other("refused"))),
                false => Ok(&self.store),
            }
        }
    }

    #[async_trait]
    impl KeyValue for Fickle {
        async fn get(&self, key: &str) -> Result<Option<Bytes>, Fault> {
            self.there()?.get(key).await
        }

        async fn put(&self, key: &str, value: Bytes, ttl: Option<Duration>) -> Result<(), Fault> {
            self.there()?.put(key, value, ttl).await
        }

        async fn compare_and_set(
            &self,
            key: &str,
            expected: Option<&[u8]>,
            value: Bytes,
            ttl: Option<Duration>,
        ) -> Result<bool, Fault> {
            self.there()?.compare_and_set(key, expected, value, ttl).await
        }

        async fn delete(&self, key: &str) -> Result<bool, Fault> {
            self.there()?.delete(key).await
        }

        async fn compare_and_delete(&self, key: &str, expected: &[u8]) -> Result<bool, Fault> {
            self.there()?.compare_and_delete(key, expected).await
        }

        async fn add(&self, key: &str, by: i64, ttl: Option<Duration>) -> Result<i64, Fault> {
            self.there()?.add(key, by, ttl).await
        }

        async fn take(&self, key: &str, bucket: Bucket, tokens: u32) -> Result<Taken, Fault> {
            self.there()?.take(key, bucket, tokens).await
        }

        async fn lock(&self, key: &str, ttl: Duration) -> Result<Option<Lease>, Fault> {
            self.there()?.lock(key, ttl).await
        }

        async fn unlock(&self, key: &str, lease: Lease) -> Result<bool, Fault> {
            self.there()?.unlock(key, lease).await
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_cache_misses_while_its_store_is_away_and_asks_it_once_a_second() {
        let store = Fickle::new();
        let cache = Cache::new(store.clone());
        cache.put("a", Bytes::from_static(b"1"), PAUSE).await;
        assert_eq!(cache.get("a").await.unwrap(), "1");
        store.away.store(true, Ordering::Relaxed);
        let asked = store.asked.load(Ordering::Relaxed);
        for _ in 0..100 {
            assert_eq!(cache.get("a").await, None);
            cache.put("b", Bytes::new(), PAUSE).await;
            assert!(!cache.delete("a").await);
        }
        assert_eq!(store.asked.load(Ordering::Relaxed) - asked, 1);
        store.away.store(false, Ordering::Relaxed);
        tokio::time::advance(PAUSE).await;
        assert_eq!(cache.get("a").await.unwrap(), "1");
        assert_eq!(cache.get("b").await, None);
        assert!(cache.delete("a").await);
    }

    #[tokio::test(start_paused = true)]
    async fn behind_a_pause_one_asks_a_store_that_may_hang() {
        let store = Fickle::new();
        let cache = Cache::new(store.clone());
        store.away.store(true, Ordering::Relaxed);
        cache.get("a").await;
        tokio::time::advance(PAUSE).await;
        assert!(cache.0.store().is_some(), "one asks");
        assert!(cache.0.store().is_none(), "while its answer is awaited nobody else does");
        tokio::time::advance(PAUSE).await;
        assert!(cache.0.store().is_some(), "the one may have been broken off");
        store.away.store(false, Ordering::Relaxed);
        tokio::time::advance(PAUSE).await;
        cache.get("a").await;
        assert!(cache.0.store().is_some() && cache.0.store().is_some(), "it is there again");
    }

    #[tokio::test(start_paused = true)]
    async fn a_limit_holds_per_process_while_the_shared_one_is_away() {
        let store = Fickle::new();
        let limits = Limits::new(store.clone(), Clock::fixed(Timestamp::UNIX_EPOCH));
        let bucket = Bucket { capacity: 3, refill: Duration::from_mins(1) };
        let admitted = async || {
            let mut admitted = 0;
            for _ in 0..10 {
                let taken = limits.take("ip", bucket, 1).await.unwrap();
                admitted += u32::from(matches!(taken, Taken::Yes { .. }));
            }
            admitted
        };
        assert_eq!(admitted().await, 3);
        store.away.store(true, Ordering::Relaxed);
        assert_eq!(admitted().await, 3, "a bucket of its own, as large");
        store.away.store(false, Ordering::Relaxed);
        tokio::time::advance(PAUSE).await;
        assert_eq!(admitted().await, 0, "the shared one is still empty");
    }
}
