//! The configuration of the whole platform: `souk.default.toml`, overridden by a file, by the
//! environment and by flags, in that order. What a key means is written in that file alone.

mod engines;
mod layers;
mod secret;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

pub(crate) use engines::{Elasticsearch, Kafka, MongoDb, Postgres, Redis, S3};
pub(crate) use layers::Mistakes;
pub(crate) use secret::Secret;

/// Every key with its default and what it means: the defaults and the manual in one.
pub(crate) const DEFAULTS: &str = include_str!("../../souk.default.toml");

/// The effective configuration. Each field is a section of `souk.default.toml`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    pub(crate) data: Data,
    pub(crate) gateway: souk_gateway::Settings,
    pub(crate) auth: Auth,
    pub(crate) api: Api,
    pub(crate) events: Events,
    pub(crate) postgres: Postgres,
    pub(crate) mongodb: MongoDb,
    pub(crate) kafka: Kafka,
    pub(crate) redis: Redis,
    pub(crate) s3: S3,
    pub(crate) elasticsearch: Elasticsearch,
    pub(crate) telemetry: Telemetry,
    pub(crate) demo: Demo,
    pub(crate) merchants: Subgraph,
    pub(crate) catalog: Subgraph,
    pub(crate) analytics: Subgraph,
    pub(crate) search: Subgraph,
}

#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Data {
    pub(crate) dir: PathBuf,
}

#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Auth {
    pub(crate) issuer: String,
    pub(crate) audience: String,
    pub(crate) signing_key: Secret,
    pub(crate) jwks: String,
    pub(crate) service_jwks: String,
    pub(crate) token_minutes: u32,
}

#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Api {
    pub(crate) public_url: String,
    pub(crate) idempotency_days: u16,
}

#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Events {
    pub(crate) retention_days: u16,
}

impl Events {
    /// How long the event log keeps every event; none when it forgets nothing.
    pub(crate) fn retention(&self) -> Option<TimeDelta> {
        (self.retention_days > 0).then(|| TimeDelta::days(self.retention_days.into()))
    }
}

#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Telemetry {
    pub(crate) log: String,
    pub(crate) format: LogFormat,
    pub(crate) otlp_endpoint: String,
    pub(crate) otlp_headers: Secret,
    pub(crate) sample_percent: u8,
}

/// How log lines look on standard error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LogFormat {
    /// Readable on a terminal, JSON otherwise.
    Auto,
    Text,
    Json,
}

#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Demo {
    pub(crate) seed: bool,
}

/// Where a subgraph is: in this process unless it has a URL.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Subgraph {
    pub(crate) url: String,
    pub(crate) listen: String,
}

impl Config {
    /// Reads the defaults, then `file` (or `souk.toml` in the working directory when it exists), then
    /// the environment. Fails with every mistake found, not the first alone.
    pub(crate) fn load(file: Option<&Path>, environment: &[(String, String)]) -> Result<Self, Mistakes> {
        let (text, origin) = match file {
            Some(path) => (Some(layers::read(path)?), path.display().to_string()),
            None => (layers::read_if_present(Path::new("souk.toml"))?, "souk.toml".to_owned()),
        };
        layers::merge(DEFAULTS, text.as_deref().map(|text| (origin.as_str(), text)), environment)
    }

    /// Takes the addresses of all real engines out.
    pub(crate) fn on_embedded_stores(&mut self) {
        self.postgres.url = Secret::default();
        self.mongodb.url = Secret::default();
        self.kafka.brokers.clear();
        self.redis.url = Secret::default();
        self.s3.bucket.clear();
        self.elasticsearch.url = Secret::default();
    }

    /// The configuration as TOML, secrets left out.
    pub(crate) fn print(&self) -> Result<String, toml::ser::Error> {
        toml::to_string_pretty(self)
    }
}
