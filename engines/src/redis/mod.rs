//! The port `KeyValue` on Redis. Each operation is one command or one script on one key, so that it is atomic, and
//! at home on one node of a cluster. What expires, refills and frees itself does so by the clock of Redis, so that
//! replicas agree whatever their own clocks say.

mod scripts;

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{Client, Cmd, FromRedisValue, RedisError, ScriptInvocation};
use souk_kit::fault::Fault;
use souk_kit::key_value::{Bucket, KeyValue, Lease, Taken};

use scripts::Scripts;

/// How long Redis may take to answer, and to accept a connection.
const PATIENCE: Duration = Duration::from_secs(2);
const RETRY: Duration = Duration::from_millis(50);
/// What a server that cannot answer now says; anything else would be the same the next time.
const PASSING: [&str; 9] =
    ["LOADING", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN", "READONLY", "MISCONF", "OOM", "BUSY", "NOREPLICAS"];

/// Key-values in Redis 6.2 or newer, under keys that begin with a prefix.
pub struct Redis {
    client: Client,
    manager: Mutex<ConnectionManager>,
    prefix: String,
    scripts: Scripts,
}

impl Redis {
    /// Redis at `url` (`redis://:PASSWORD@HOST:PORT/DATABASE`; `rediss://` with TLS). Connects when it is first asked, and
    /// again whenever the connection is lost.
    ///
    /// # Errors
    /// `INTERNAL` when `url` is none.
    pub fn new(url: &str, prefix: &str) -> Result<Self, Fault> {
        let client = Client::open(url).map_err(Fault::internal)?;
        let manager = Mutex::new(manager(&client).map_err(Fault::internal)?);
        Ok(Self { client, manager, prefix: prefix.to_owned(), scripts: Scripts::new() })
    }

    /// Whether it answers.
    ///
    /// # Errors
    /// `UNAVAILABLE` when it may do so later, `INTERNAL` when it never will, as with a wrong password.
    pub async fn ready(&self) -> Result<(), Fault> {
        self.ask(&redis::cmd("PING")).await
    }

    fn key(&self, key: &str) -> String {
        format!("{}{key}", self.prefix)
    }

    async fn ask<T: FromRedisValue>(&self, command: &Cmd) -> Result<T, Fault> {
        let mut manager = self.manager().clone();
        command.query_async(&mut manager).await.map_err(|error| self.fault(error))
    }

    async fn run<T: FromRedisValue>(&self, script: &ScriptInvocation<'_>) -> Result<T, Fault> {
        let mut manager = self.manager().clone();
        script.invoke_async(&mut manager).await.map_err(|error| self.fault(error))
    }

    fn fault(&self, error: RedisError) -> Fault {
        // After a lost connection a manager connects again by itself, but not after one that was refused by words.
        if !error.is_io_error()
            && let Ok(fresh) = manager(&self.client)
        {
            *self.manager() = fresh;
        }
        let passing = error.is_io_error()
            || error.is_connection_dropped()
            || error.code().is_some_and(|code| PASSING.contains(&code))
            || error.detail().is_some_and(|detail| detail.contains("max number of clients"));
        match passing {
            true => Fault::unavailable("the store of sessions, locks and limits does not answer", error),
            false => Fault::internal(error),
        }
    }

    fn manager(&self) -> MutexGuard<'_, ConnectionManager> {
        self.manager.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A manager that tells at once when there is no connection: waiting is for those who ask.
fn manager(client: &Client) -> Result<ConnectionManager, RedisError> {
    let config = ConnectionManagerConfig::new()
        .set_number_of_retries(1)
        .set_min_delay(RETRY)
        .set_max_delay(RETRY)
        .set_connection_timeout(Some(PATIENCE))
        .set_response_timeout(Some(PATIENCE));
    ConnectionManager::new_lazy_with_config(client.clone(), config)
}

/// In whole milliseconds, as Redis counts; at least one. Empty for what does not expire.
fn milliseconds(ttl: Option<Duration>) -> String {
    let milliseconds = |ttl: Duration| ttl.as_micros().div_ceil(1_000).clamp(1, 1 << 52).to_string();
    ttl.map(milliseconds).unwrap_or_default()
}

fn micros(duration: Duration) -> String {
    duration.as_micros().clamp(1, 1 << 62).to_string()
}

#[async_trait]
impl KeyValue for Redis {
    async fn get(&self, key: &str) -> Result<Option<Bytes>, Fault> {
        let value: Option<Vec<u8>> = self.ask(redis::cmd("GET").arg(self.key(key))).await?;
        Ok(value.map(Bytes::from))
    }

    async fn put(&self, key: &str, value: Bytes, ttl: Option<Duration>) -> Result<(), Fault> {
        let mut command = redis::cmd("SET");
        command.arg(self.key(key)).arg(value.as_ref());
        if ttl.is_some() {
            command.arg("PX").arg(milliseconds(ttl));
        }
        self.ask(&command).await
    }

    async fn compare_and_set(
        &self,
        key: &str,
        expected: Option<&[u8]>,
        value: Bytes,
        ttl: Option<Duration>,
    ) -> Result<bool, Fault> {
        let mut script = self.scripts.compare_and_set.key(self.key(key));
        script.arg(u8::from(expected.is_some())).arg(expected.unwrap_or_default()).arg(value.as_ref());
        self.run(script.arg(milliseconds(ttl))).await
    }

    async fn delete(&self, key: &str) -> Result<bool, Fault> {
        self.ask(redis::cmd("DEL").arg(self.key(key))).await
    }

    async fn add(&self, key: &str, by: i64, ttl: Option<Duration>) -> Result<i64, Fault> {
        let mut script = self.scripts.add.key(self.key(key));
        self.run(script.arg(by).arg(milliseconds(ttl))).await
    }

    async fn take(&self, key: &str, bucket: Bucket, tokens: u32) -> Result<Taken, Fault> {
        let mut script = self.scripts.take.key(self.key(key));
        script.arg(micros(bucket.refill)).arg(bucket.capacity).arg(tokens);
        let (taken, number): (bool, i64) = self.run(&script).await?;
        Ok(match u64::try_from(number) {
            Ok(left) if taken => Taken::Yes { left: u32::try_from(left).unwrap_or(bucket.capacity) },
            Ok(wait) => Taken::No { retry_after: Some(Duration::from_micros(wait)) },
            Err(_) => Taken::No { retry_after: None },
        })
    }

    async fn lock(&self, key: &str, ttl: Duration) -> Result<Option<Lease>, Fault> {
        let mut script = self.scripts.lock.key(self.key(key));
        let token: Option<u64> = self.run(script.arg(micros(ttl))).await?;
        Ok(token.map(|token| Lease { token }))
    }

    async fn unlock(&self, key: &str, lease: Lease) -> Result<bool, Fault> {
        let mut script = self.scripts.unlock.key(self.key(key));
        self.run(script.arg(lease.token)).await
    }
}

impl fmt::Debug for Redis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The client knows the password.
        f.debug_struct("Redis").field("prefix", &self.prefix).finish_non_exhaustive()
    }
}
