//! Real engines for tests: those that run already, by their addresses in the environment, and private ones that a
//! test may kill.
//!
//! | to | use |
//! | --- | --- |
//! | run a contract on an engine | [`redis_url`] and its like; `None` says that the test is skipped |
//! | need one that asks for a password or speaks TLS | `Kafka::start_guarded().await`, `Postgres::start_encrypted().await` |
//! | need one of several nodes | `RedisCluster::start().await` |
//! | shut one out that others use, too | [`Door::before`], [`Door::shut`], [`Door::open`] |
//! | lose connections without a word | [`Door::lose`] |
//! | kill one and start it again | `Redis::start().await`, [`Engine::kill`], [`Engine::restart`] |
//! | run a command beside all of them | `tests/engines -- COMMAND` |
//!
//! Where an engine is missing, tests that need it print `skipped: …` and pass; with `SOUK_REQUIRE_ENGINES=1` they fail.

mod cache;
mod certificate;
mod door;
mod elasticsearch;
mod engine;
mod found;
mod java;
mod kafka;
mod mongodb;
mod network;
mod postgres;
mod process;
mod redis;
mod redis_cluster;
mod s3;

pub use certificate::Certificate;
pub use door::Door;
pub use elasticsearch::{Elasticsearch, ElasticsearchKind};
pub use engine::{Engine, Kind, Missing};
pub use found::{
    elasticsearch_url, engines_required, kafka_brokers, mongodb_is_real, mongodb_url, postgres_url,
    redis_url, s3_url, setting, skipped,
};
pub use kafka::{Guard, Kafka, KafkaKind};
pub use mongodb::{MongoDb, MongoDbKind};
pub use postgres::{Postgres, PostgresKind};
pub use process::Signal;
pub use redis::{Redis, RedisKind};
pub use redis_cluster::RedisCluster;
pub use s3::{S3, S3Kind};
