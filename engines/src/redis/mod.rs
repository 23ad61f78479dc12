//! The port `KeyValue` on Redis. Each operation is one command or one script on one key, so that it is atomic, and
//! at home on one node of a cluster: no two keys have to lie together, so none needs a hash tag. What expires, refills
//! and frees itself does so by the clock of Redis, so that replicas agree whatever their own clocks say.

mod connection;
mod scripts;

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use redis::{Cmd, ErrorKind, FromRedisValue, RedisError, ScriptInvocation};
use souk_kit::fault::Fault;
use souk_kit::key_value::{Bucket, KeyValue, Lease, Taken};

use connection::Connections;
use scripts::Scripts;

/// What a server that cannot answer now says; anything else would be the same the next time.
const PASSING: [&str; 9] =
    ["LOADING", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN", "READONLY", "MISCONF", "OOM", "BUSY", "NOREPLICAS"];
/// What stands in what a cluster's client says when no node has let it in.
const REFUSING: [&str; 3] = ["uthentication failed", "WRONGPASS", "NOAUTH"];

/// Key-values in Redis 6.2 or newer, under keys that begin with a prefix.
pub struct Redis {
    connections: Connections,
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
        Self::over(Connections::to_server(url), prefix)
    }

    /// A cluster, some of whose nodes are at `urls`; they tell of the others. All have the same password.
    ///
    /// # Errors
    /// `INTERNAL` when these are none.
    pub fn cluster(urls: &[&str], prefix: &str) -> Result<Self, Fault> {
        Self::over(Connections::to_cluster(urls), prefix)
    }

    fn over(connections: Result<Connections, RedisError>, prefix: &str) -> Result<Self, Fault> {
        let connections = connections.map_err(Fault::internal)?;
        Ok(Self { connections, prefix: prefix.to_owned(), scripts: Scripts::new() })
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
        let answer = async { command.query_async(&mut self.connections.get().await?).await };
        self.told(answer.await).await
    }

    async fn run<T: FromRedisValue>(&self, script: &ScriptInvocation<'_>) -> Result<T, Fault> {
        let answer = async { script.invoke_async(&mut self.connections.get().await?).await };
        self.told(answer.await).await
    }

    async fn told<T>(&self, answer: Result<T, RedisError>) -> Result<T, Fault> {
        let Err(error) = answer else { return answer.map_err(Fault::internal) };
        // After a lost connection another is made by itself, but not after one that was refused by words, nor after one
        // that went silent, as when the way to the server broke; and a cluster that is not whole is no reason to connect
        // anew.
        if error.is_timeout() || !(error.is_io_error() || error.is_cluster_error()) {
            self.connections.renew().await;
        }
        let refused = error.detail().is_some_and(|detail| REFUSING.iter().any(|word| detail.contains(word)));
        let passing = error.is_io_error()
            || error.is_connection_dropped()
            || error.kind() == ErrorKind::ClusterConnectionNotFound
            || error.code().is_some_and(|code| PASSING.contains(&code))
            || error.detail().is_some_and(|detail| detail.contains("max number of clients"));
        Err(match passing && !refused {
            true => Fault::unavailable("the store of sessions, locks and limits does not answer", error),
            false => Fault::internal(error),
        })
    }
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

    async fn compare_and_delete(&self, key: &str, expected: &[u8]) -> Result<bool, Fault> {
        let mut script = self.scripts.compare_and_delete.key(self.key(key));
        self.run(script.arg(expected)).await
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
        // The connections know the password.
        f.debug_struct("Redis").field("prefix", &self.prefix).finish_non_exhaustive()
    }
}
