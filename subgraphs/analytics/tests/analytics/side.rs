//! Which engines these tests stand on: the embedded ones, or with `SOUK_TEST_SIDE=engines` PostgreSQL, which the stage
//! finds by itself, and Kafka, where there is one.

use souk_engines::kafka::testing::TestKafka;
use souk_kit::testing::Stage;

/// A stage with an event log of its own, and what removes that in the end.
pub(crate) async fn stage() -> (Stage, Option<TestKafka>) {
    let mut stage = Stage::new().await.unwrap();
    let is_engines = souk_stand::setting("SOUK_TEST_SIDE").is_some_and(|side| side == "engines");
    let brokers = if is_engines { souk_stand::kafka_brokers() } else { None };
    let kafka = brokers.map(|brokers| TestKafka::on(&brokers).unwrap());
    if let Some(kafka) = &kafka {
        stage.ports.events = kafka.log();
    }
    (stage, kafka)
}
