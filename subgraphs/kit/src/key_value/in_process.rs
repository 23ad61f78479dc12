//! Values that end with the process.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;

use super::SharedKeyValue;
use super::embedded::{Atomic, Embedded};
use super::operations::{Change, Entry};
use crate::clock::Clock;
use crate::fault::Fault;

/// How many expired entries one operation sweeps at most: memory follows what is alive, and no caller pays for all.
const SWEEP: usize = 8;

/// A store in this process.
#[must_use]
pub fn in_process(clock: Clock) -> SharedKeyValue {
    Arc::new(Embedded { store: InProcess::default(), clock })
}

#[derive(Debug, Default)]
struct InProcess(Mutex<Entries>);

#[derive(Debug, Default)]
struct Entries {
    by_key: HashMap<String, (Bytes, Option<i64>)>,
    /// What expires, by when.
    expiring: BTreeSet<(i64, String)>,
}

impl InProcess {
    fn lock(&self) -> MutexGuard<'_, Entries> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entries {
    fn remove(&mut self, key: &str) {
        if let Some((_, Some(until))) = self.by_key.remove(key) {
            self.expiring.remove(&(until, key.to_owned()));
        }
    }

    fn sweep(&mut self, now: i64) {
        for _ in 0..SWEEP {
            match self.expiring.first() {
                Some((until, _)) if *until <= now => {
                    if let Some((_, key)) = self.expiring.pop_first() {
                        self.by_key.remove(&key);
                    }
                }
                _ => break,
            }
        }
    }
}

fn alive(until: Option<i64>, now: i64) -> bool {
    until.is_none_or(|until| until > now)
}

#[async_trait]
impl Atomic for InProcess {
    async fn update<T: Send>(
        &self,
        key: &str,
        now: i64,
        decide: impl for<'e> FnOnce(Option<Entry<'e>>) -> (Change, T) + Send,
    ) -> Result<T, Fault> {
        let mut entries = self.lock();
        entries.sweep(now);
        let present = entries.by_key.get(key).filter(|(_, until)| alive(*until, now));
        let (change, answer) = decide(present.map(|(value, until)| Entry { value, until: *until }));
        match change {
            Change::Keep => {}
            Change::Delete => entries.remove(key),
            Change::Put { value, until } => {
                entries.remove(key);
                if let Some(until) = until {
                    entries.expiring.insert((until, key.to_owned()));
                }
                entries.by_key.insert(key.to_owned(), (value.into(), until));
            }
        }
        Ok(answer)
    }

    async fn read(&self, key: &str, now: i64) -> Result<Option<Bytes>, Fault> {
        let entries = self.lock();
        let present = entries.by_key.get(key).filter(|(_, until)| alive(*until, now));
        Ok(present.map(|(value, _)| value.clone()))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::clock::Timestamp;
    use crate::key_value::{KeyValue, contract};

    #[tokio::test(flavor = "multi_thread")]
    async fn a_store_in_this_process_keeps_the_contract() {
        let clock = Clock::fixed(Timestamp::UNIX_EPOCH);
        let store = in_process(clock.clone());
        contract::key_value(contract::Time::Moved(&clock), || store.clone()).await;
    }

    #[tokio::test]
    async fn what_has_expired_takes_no_memory_for_ever() {
        let clock = Clock::fixed(Timestamp::UNIX_EPOCH);
        let store = Embedded { store: InProcess::default(), clock: clock.clone() };
        for n in 0..1_000 {
            store.put(&format!("{n}"), Bytes::new(), Some(Duration::from_secs(1))).await.unwrap();
        }
        clock.advance(chrono::TimeDelta::seconds(2));
        for _ in 0..1_000 / SWEEP {
            store.add("counter", 1, None).await.unwrap();
        }
        assert_eq!(store.store.lock().by_key.len(), 1);
    }
}
