//! Which engine the catalogue's documents stand on in these tests: SQLite, or with `SOUK_TEST_SIDE=engines` MongoDB, in
//! a database of each test's own.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use mongodb::Client;
use souk_engines::mongodb::{MongoDb, MongoDbOptions};
use souk_kit::clock::Timestamp;
use souk_kit::documents::{DocumentEngines, Documents, Filter, Found, Pending, Query, Record, Write};
use souk_kit::fault::Fault;
use souk_kit::id::EventId;
use souk_kit::sql::StatementLog;
use souk_kit::testing::Stage;
use tokio::sync::Notify;

/// A stage, on the side that the environment names.
pub(crate) async fn stage() -> Stage {
    let mut stage = Stage::new().await.unwrap();
    if souk_stand::setting("SOUK_TEST_SIDE").is_some_and(|side| side == "engines")
        && let Some(place) = Place::find(&stage).await
    {
        stage.ports.documents = Some(Arc::new(place));
    }
    stage
}

/// A database of MongoDB for one test, which goes with it.
pub(crate) struct Place {
    deployment: MongoDb,
    url: String,
    prefix: String,
    asked: Arc<Mutex<Vec<Asked>>>,
    statements: StatementLog,
}

/// What was asked of an engine.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Asked {
    Page(&'static str, Query),
    Count(&'static str, Filter),
}

impl Place {
    /// On the server that the environment names, noting what is read where the stage notes statements.
    pub(crate) async fn find(stage: &Stage) -> Option<Self> {
        let url = souk_stand::mongodb_url()?;
        let prefix = format!("mongo_test_{}_", uuid());
        let deployment = MongoDb::new(MongoDbOptions::new(&url, &prefix)).await.unwrap();
        let statements = stage.ports.statements.clone().unwrap_or_default();
        Some(Self { deployment, url, prefix, asked: Arc::default(), statements })
    }

    /// The database by itself.
    pub(crate) fn documents(&self) -> souk_engines::mongodb::MongoDbDocuments {
        self.deployment.documents(souk_catalog::NAME)
    }

    /// What is asked of it, from now on and before.
    pub(crate) fn asked(&self) -> Arc<Mutex<Vec<Asked>>> {
        Arc::clone(&self.asked)
    }

    /// Where the server is.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// The names of a collection's indexes.
    pub(crate) async fn indexes(&self, collection: &str) -> Vec<String> {
        let client = Client::with_uri_str(&self.url).await.unwrap();
        let database = client.database(&format!("{}{}", self.prefix, souk_catalog::NAME));
        let mut names = database.collection::<()>(collection).list_index_names().await.unwrap();
        names.sort();
        names
    }
}

fn uuid() -> String {
    souk_kit::id::EventId::new(Timestamp::default()).to_string()
}

impl Drop for Place {
    /// On a runtime of its own, as the test's is ending.
    fn drop(&mut self) {
        let (url, name) = (self.url.clone(), format!("{}{}", self.prefix, souk_catalog::NAME));
        let dropped = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(async {
                let client = Client::with_uri_str(&url).await.map_err(std::io::Error::other)?;
                client.database(&name).drop().await.map_err(std::io::Error::other)
            })
        });
        if !matches!(dropped.join(), Ok(Ok(()))) {
            println!("{}{} is left behind", self.prefix, souk_catalog::NAME);
        }
    }
}

#[async_trait]
impl DocumentEngines for Place {
    async fn open(&self, name: &str) -> Result<Arc<dyn Documents>, Fault> {
        let (asked, statements) = (self.asked(), self.statements.clone());
        Ok(Arc::new(Noted { engine: self.deployment.open(name).await?, asked, statements }))
    }
}

/// An engine that notes what is read.
struct Noted {
    engine: Arc<dyn Documents>,
    asked: Arc<Mutex<Vec<Asked>>>,
    statements: StatementLog,
}

impl Noted {
    fn note(&self, what: &str, asked: impl IntoIterator<Item = Asked>) {
        self.statements.note(what);
        self.asked.lock().unwrap().extend(asked);
    }
}

#[async_trait]
impl Documents for Noted {
    async fn prepare(&self, collection: &'static str) -> Result<(), Fault> {
        self.engine.prepare(collection).await
    }

    async fn find(&self, collection: &'static str, query: &Query) -> Result<Vec<Found>, Fault> {
        self.note(&format!("find {collection}: {query:?}"), [Asked::Page(collection, query.clone())]);
        self.engine.find(collection, query).await
    }

    async fn find_each(&self, collection: &'static str, queries: &[Query]) -> Result<Vec<Vec<Found>>, Fault> {
        let each = queries.iter().map(|query| Asked::Page(collection, query.clone()));
        self.note(&format!("find {collection} {} times", queries.len()), each);
        self.engine.find_each(collection, queries).await
    }

    async fn count(&self, collection: &'static str, filter: &Filter) -> Result<u64, Fault> {
        self.note(&format!("count {collection}: {filter:?}"), [Asked::Count(collection, filter.clone())]);
        self.engine.count(collection, filter).await
    }

    async fn load(&self, collection: &'static str, id: &str) -> Result<Option<Record>, Fault> {
        self.note(&format!("load {collection} {id}"), []);
        self.engine.load(collection, id).await
    }

    async fn holder(&self, collection: &'static str, key: &str) -> Result<Option<Record>, Fault> {
        self.note(&format!("holder {collection} {key}"), []);
        self.engine.holder(collection, key).await
    }

    async fn insert(&self, collection: &'static str, record: &Record) -> Result<Write, Fault> {
        self.engine.insert(collection, record).await
    }

    async fn replace(
        &self,
        collection: &'static str,
        record: &Record,
        expected: i64,
    ) -> Result<Write, Fault> {
        self.engine.replace(collection, record, expected).await
    }

    async fn pending(&self, collection: &'static str, limit: usize) -> Result<Vec<Pending>, Fault> {
        self.engine.pending(collection, limit).await
    }

    async fn acknowledge(&self, collection: &'static str, id: &str, events: &[EventId]) -> Result<(), Fault> {
        self.engine.acknowledge(collection, id, events).await
    }

    async fn acknowledge_each(
        &self,
        collection: &'static str,
        documents: &[(String, Vec<EventId>)],
    ) -> Result<(), Fault> {
        self.engine.acknowledge_each(collection, documents).await
    }

    async fn forget(&self, collection: &'static str, time: Timestamp) -> Result<u64, Fault> {
        self.engine.forget(collection, time).await
    }

    fn written(&self) -> Arc<Notify> {
        self.engine.written()
    }

    async fn ping(&self) -> Result<(), Fault> {
        self.engine.ping().await
    }
}
