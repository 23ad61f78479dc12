//! The sections of the real engines. An empty address means the embedded side of the port.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use souk_kit::sql::PostgresOptions;

use super::Secret;

#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Postgres {
    pub(crate) url: Secret,
    pub(crate) prefix: String,
    pub(crate) readers: u32,
    pub(crate) writers: u32,
    pub(crate) acquire_timeout_ms: u64,
    pub(crate) read_timeout_ms: u64,
    pub(crate) write_timeout_ms: u64,
    pub(crate) pause_timeout_ms: u64,
}

impl Postgres {
    /// How the server is used; none without an address.
    pub(crate) fn options(&self) -> Option<PostgresOptions> {
        let url = self.url.reveal();
        (!url.is_empty()).then(|| PostgresOptions {
            readers: self.readers,
            writers: self.writers,
            acquire_timeout: Duration::from_millis(self.acquire_timeout_ms),
            longest_write: Duration::from_millis(self.write_timeout_ms),
            longest_pause: Duration::from_millis(self.pause_timeout_ms),
            ..PostgresOptions::new(url, &self.prefix)
        })
    }

    /// How long a statement that reads may take.
    pub(crate) fn longest_read(&self) -> Duration {
        Duration::from_millis(self.read_timeout_ms)
    }
}

#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct MongoDb {
    pub(crate) url: Secret,
    pub(crate) prefix: String,
    pub(crate) connections: u32,
    pub(crate) connect_timeout_ms: u32,
    pub(crate) operation_timeout_ms: u32,
}

#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Kafka {
    pub(crate) brokers: String,
    pub(crate) prefix: String,
    pub(crate) partitions: u16,
    pub(crate) replication: u16,
    pub(crate) security_protocol: String,
    pub(crate) sasl_mechanism: String,
    pub(crate) sasl_user: String,
    pub(crate) sasl_password: Secret,
    pub(crate) ca_file: String,
}

#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Redis {
    pub(crate) url: Secret,
    pub(crate) cluster: bool,
    pub(crate) prefix: String,
}

#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct S3 {
    pub(crate) bucket: String,
    pub(crate) prefix: String,
    pub(crate) endpoint: String,
    pub(crate) region: String,
    pub(crate) access_key: String,
    pub(crate) secret_key: Secret,
}

#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Elasticsearch {
    pub(crate) url: Secret,
    pub(crate) prefix: String,
}
