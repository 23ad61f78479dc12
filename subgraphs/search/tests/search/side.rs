//! Which engines these tests stand on: the embedded ones, or with `SOUK_TEST_SIDE=engines` PostgreSQL, which the stage
//! finds by itself, Kafka, and Elasticsearch. Where one is missing its embedded counterpart is used.

use elasticsearch::http::{Method, headers::HeaderMap, transport::Transport};
use souk_engines::kafka::testing::TestKafka;
use souk_kit::testing::Stage;
use souk_search::index::{SharedSearchIndex, elasticsearch as cluster, tantivy};
use uuid::Uuid;

fn is_engines() -> bool {
    souk_stand::setting("SOUK_TEST_SIDE").is_some_and(|side| side == "engines")
}

/// A stage with an event log of its own, and what removes that in the end.
pub(crate) async fn stage() -> (Stage, Option<TestKafka>) {
    let mut stage = Stage::new().await.unwrap();
    let brokers = if is_engines() { souk_stand::kafka_brokers() } else { None };
    let kafka = brokers.map(|brokers| TestKafka::on(&brokers).unwrap());
    if let Some(kafka) = &kafka {
        stage.ports.events = kafka.log();
    }
    (stage, kafka)
}

/// An empty index, which one worker may write, and what removes it in the end.
pub(crate) fn index(stage: &Stage) -> (SharedSearchIndex, Option<Indices>) {
    if is_engines()
        && let Some(url) = souk_stand::elasticsearch_url()
    {
        let prefix = format!("search-test-{}-", Uuid::now_v7().simple());
        let index = cluster::connect(&url, &prefix).unwrap();
        return (index, Some(Indices { url, prefix }));
    }
    (tantivy::open_writer(&stage.ports.folder.join("search-index")).unwrap(), None)
}

/// The indices of one test on a cluster. They go with the value.
#[derive(Debug)]
pub(crate) struct Indices {
    pub(crate) url: String,
    /// Opens their names.
    pub(crate) prefix: String,
}

impl Indices {
    async fn remove(&self) -> Result<(), elasticsearch::Error> {
        let transport = Transport::single_node(&self.url)?;
        let call = async |method, path: String| {
            let sent = transport.send(method, &path, HeaderMap::new(), None::<&()>, None::<()>, None).await?;
            sent.json::<serde_json::Value>().await
        };
        let indices = call(Method::Get, format!("/{}*/_alias", self.prefix)).await?;
        for index in indices.as_object().into_iter().flat_map(serde_json::Map::keys) {
            call(Method::Delete, format!("/{index}")).await?;
        }
        Ok(())
    }
}

impl Drop for Indices {
    /// On a thread of its own: this one may be busy with the test's runtime.
    fn drop(&mut self) {
        let removed = std::thread::scope(|scope| {
            let removing = scope.spawn(|| {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().ok()?;
                runtime.block_on(self.remove()).ok()
            });
            removing.join()
        });
        if !matches!(removed, Ok(Some(()))) {
            tracing::warn!("{}* is left behind", self.prefix);
        }
    }
}
