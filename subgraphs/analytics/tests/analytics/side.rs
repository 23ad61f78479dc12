//! Which engines these tests stand on: the embedded ones, or with `SOUK_TEST_SIDE=engines` PostgreSQL, which the stage
//! finds by itself, and Kafka, where there is one.

use std::sync::Arc;

use souk_engines::kafka::{KafkaEventLog, KafkaOptions, Security};
use souk_kit::testing::Stage;
use uuid::Uuid;

/// A stage with an event log of its own.
pub(crate) async fn stage() -> Stage {
    let mut stage = Stage::new().await.unwrap();
    if souk_stand::setting("SOUK_TEST_SIDE").is_some_and(|side| side == "engines")
        && let Some(brokers) = souk_stand::kafka_brokers()
    {
        let options = KafkaOptions {
            brokers,
            prefix: format!("analytics-test-{}.", Uuid::new_v4().simple()),
            // Of more than one, so that nothing relies on an order of all keys.
            partitions: 2,
            replication: 1,
            retention: None,
            security: Security::default(),
        };
        stage.ports.events = Arc::new(KafkaEventLog::open(options).unwrap());
    }
    stage
}
