//! Where tests find engines that run already: by the environment variables that `tests/engines` sets.

use crate::elasticsearch::ElasticsearchKind;
use crate::engine::Kind;
use crate::kafka::KafkaKind;
use crate::mongodb::{MongoDbKind, is_real};
use crate::postgres::PostgresKind;
use crate::redis::RedisKind;
use crate::s3::S3Kind;

/// A server of PostgreSQL, as `postgres://USER@HOST:PORT`. `None`, said as `skipped: …`, where there is none.
///
/// # Panics
/// When there is none and `SOUK_REQUIRE_ENGINES=1`; so do all of these.
pub fn postgres_url() -> Option<String> {
    found::<PostgresKind>()
}

/// A server that speaks the protocol of MongoDB, as `mongodb://HOST:PORT`; see [`mongodb_is_real`].
pub fn mongodb_url() -> Option<String> {
    found::<MongoDbKind>()
}

/// A cluster of Kafka, as `HOST:PORT`.
pub fn kafka_brokers() -> Option<String> {
    found::<KafkaKind>()
}

/// A server of Redis, as `redis://:PASSWORD@HOST:PORT`.
pub fn redis_url() -> Option<String> {
    found::<RedisKind>()
}

/// A store of S3's protocol, as `http://ACCESS_KEY:SECRET_KEY@HOST:PORT`. It may have no bucket yet.
pub fn s3_url() -> Option<String> {
    found::<S3Kind>()
}

/// A server of Elasticsearch, as `http://HOST:PORT`.
pub fn elasticsearch_url() -> Option<String> {
    found::<ElasticsearchKind>()
}

/// Whether what [`mongodb_url`] answered is MongoDB itself. The stand-in has no transactions, no partial indexes, no
/// `explain`, no collation and no text search: a test of one of these asks here first and names itself in `test`.
pub async fn mongodb_is_real(url: &str, test: &str) -> bool {
    let real = is_real(url).await;
    if !real {
        say(&format!("skipped: {test}: this needs MongoDB itself, and a stand-in runs"));
    }
    real
}

/// Says that what needs an engine is skipped, and why.
///
/// # Panics
/// With `SOUK_REQUIRE_ENGINES=1`.
pub fn skipped(what: &str, why: &str) {
    assert!(!engines_required(), "{what} is missing: {why}");
    say(&format!("skipped: {what}: {why}"));
}

/// Whether a missing engine is an error.
pub fn engines_required() -> bool {
    setting("SOUK_REQUIRE_ENGINES").is_some_and(|value| value != "0")
}

/// An environment variable that is set to something.
#[expect(clippy::disallowed_methods, reason = "tests have no other configuration")]
pub fn setting(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

fn found<K: Kind>() -> Option<String> {
    let found = setting(K::VARIABLE);
    if found.is_none() {
        skipped(K::NAME, &format!("{} is not set; `tests/engines -- COMMAND` sets it", K::VARIABLE));
    }
    found
}

#[expect(clippy::print_stdout, reason = "the test runner shows what tests print there")]
fn say(line: &str) {
    println!("{line}");
}
