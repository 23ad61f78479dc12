//! [`Documents`] on MongoDB: one database per subgraph, one collection per collection, one document per aggregate.
//!
//! A document holds everything of its aggregate that changes together (`layout.rs` says how), so that a write is one
//! atomic update and needs no transaction. What can be asked for is kept in native fields with native indexes
//! (`indexes.rs`), and each query of the port is one native query (`filter.rs`, `find.rs`).
//!
//! Writes wait for a majority's journals. Reads go to the primary and see what a majority holds, which includes every
//! write that was answered; what a primary still shows that has just been voted out is guarded by versions.

mod explain;
mod fault;
mod filter;
mod find;
mod indexes;
mod layout;
mod text;
mod write;

use std::sync::Arc;
use std::time::Duration;

use ::mongodb::bson::{Document, doc};
use ::mongodb::options::{ClientOptions, ReadConcern, WriteConcern};
use ::mongodb::{Client, Collection, Database};
use async_trait::async_trait;
use futures::{StreamExt, TryStreamExt, stream};
use souk_kit::clock::Timestamp;
use souk_kit::documents::{DocumentEngines, Documents, Filter, Found, Pending, Query, Record, Write};
use souk_kit::fault::Fault;
use souk_kit::id::EventId;
use tokio::sync::Notify;

pub use self::explain::Plan;
use self::fault::Within;
use crate::wait::until_there;

/// Operations of one call that run at once, each on a connection of its own.
const AT_ONCE: usize = 16;

/// Where MongoDB is and how it is used.
#[derive(Clone)]
pub struct MongoDbOptions {
    /// `mongodb://…` or `mongodb+srv://…`, with credentials and TLS as the driver reads them.
    pub url: String,
    /// Stands before the names of databases.
    pub prefix: String,
    /// Connections that this process holds at most.
    pub connections: u32,
    /// How long to wait for a connection, and for a server that takes the operation.
    pub connect_timeout: Duration,
    /// How long one operation may take before it is given up and, when it reads, broken off by the server.
    pub operation_timeout: Duration,
}

impl MongoDbOptions {
    /// The usual bounds.
    pub fn new(url: impl Into<String>, prefix: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            prefix: prefix.into(),
            connections: 32,
            connect_timeout: Duration::from_secs(5),
            operation_timeout: Duration::from_secs(10),
        }
    }
}

/// A deployment of MongoDB. Cheap to clone; clones share their connections.
#[derive(Clone)]
pub struct MongoDb {
    client: Client,
    prefix: Arc<str>,
    operation_timeout: Duration,
}

impl MongoDb {
    /// Reads the address, and looks up what a `mongodb+srv://…` stands for, which may fail for a while; connections are
    /// made when they are needed, and again when they were lost.
    pub async fn new(options: MongoDbOptions) -> Result<Self, Fault> {
        let mut client = ClientOptions::parse(&options.url).await.map_err(fault::of_address)?;
        client.app_name = Some("souk".to_owned());
        client.max_pool_size = Some(options.connections);
        client.connect_timeout = Some(options.connect_timeout);
        client.server_selection_timeout = Some(options.connect_timeout);
        client.read_concern = Some(ReadConcern::majority());
        let concern = WriteConcern::builder().w(::mongodb::options::Acknowledgment::Majority).journal(true);
        client.write_concern = Some(concern.w_timeout(options.operation_timeout).build());
        client.retry_reads = Some(true);
        client.retry_writes = Some(true);
        Ok(Self {
            client: Client::with_options(client).map_err(fault::of)?,
            prefix: options.prefix.into(),
            operation_timeout: options.operation_timeout,
        })
    }

    /// Whether it answers.
    pub async fn ping(&self) -> Result<(), Fault> {
        let ping = self.client.database("admin");
        let ping = ping.run_command(doc! { "ping": 1 });
        self.operation_timeout.bounds(async { ping.await }).await.map(|_| ())
    }

    /// The documents of the subgraph `name`.
    #[must_use]
    pub fn documents(&self, name: &str) -> MongoDbDocuments {
        MongoDbDocuments {
            deployment: self.clone(),
            database: self.client.database(&format!("{}{name}", self.prefix)),
            written: Arc::default(),
        }
    }
}

#[async_trait]
impl DocumentEngines for MongoDb {
    async fn open(&self, name: &str) -> Result<Arc<dyn Documents>, Fault> {
        Ok(Arc::new(self.documents(name)))
    }
}

/// Documents in one database.
pub struct MongoDbDocuments {
    deployment: MongoDb,
    database: Database,
    written: Arc<Notify>,
}

impl MongoDbDocuments {
    fn collection(&self, name: &str) -> Collection<Document> {
        self.database.collection(name)
    }

    /// How the server means to answer a page: a plan for each native query that the page may take.
    pub async fn explain(&self, collection: &str, query: &Query) -> Result<Vec<Plan>, Fault> {
        let mut plans = Vec::new();
        for asked in explain::of_page(collection, query) {
            plans.push(explain::plan(&self.database, asked).await?);
        }
        Ok(plans)
    }

    /// How the server means to count.
    pub async fn explain_count(&self, collection: &str, filter: &Filter) -> Result<Plan, Fault> {
        explain::plan(&self.database, explain::of_count(collection, filter)).await
    }

    fn timeout(&self) -> Duration {
        self.deployment.operation_timeout
    }

    fn tell(&self, record: &Record, outcome: &Write) {
        if *outcome == Write::Done && !record.pending.is_empty() {
            self.written.notify_one();
        }
    }
}

#[async_trait]
impl Documents for MongoDbDocuments {
    async fn prepare(&self, collection: &'static str) -> Result<(), Fault> {
        let collection = self.collection(collection);
        until_there("MongoDB", || indexes::create(&collection)).await
    }

    async fn find(&self, collection: &'static str, query: &Query) -> Result<Vec<Found>, Fault> {
        find::page(&self.collection(collection), self.timeout(), query).await
    }

    async fn find_each(&self, collection: &'static str, queries: &[Query]) -> Result<Vec<Vec<Found>>, Fault> {
        let collection = self.collection(collection);
        let each = queries.iter().map(|query| find::page(&collection, self.timeout(), query));
        let each: Vec<_> = each.collect();
        stream::iter(each).buffered(AT_ONCE).try_collect().await
    }

    async fn count(&self, collection: &'static str, filter: &Filter) -> Result<u64, Fault> {
        find::count(&self.collection(collection), self.timeout(), filter).await
    }

    async fn load(&self, collection: &'static str, id: &str) -> Result<Option<Record>, Fault> {
        find::one(&self.collection(collection), self.timeout(), doc! { layout::ID: id }).await
    }

    async fn holder(&self, collection: &'static str, key: &str) -> Result<Option<Record>, Fault> {
        find::one(&self.collection(collection), self.timeout(), doc! { layout::KEYS: key }).await
    }

    async fn insert(&self, collection: &'static str, record: &Record) -> Result<Write, Fault> {
        let outcome = write::insert(&self.collection(collection), self.timeout(), record).await?;
        self.tell(record, &outcome);
        Ok(outcome)
    }

    async fn replace(
        &self,
        collection: &'static str,
        record: &Record,
        expected: i64,
    ) -> Result<Write, Fault> {
        let outcome = write::replace(&self.collection(collection), self.timeout(), record, expected).await?;
        self.tell(record, &outcome);
        Ok(outcome)
    }

    async fn pending(&self, collection: &'static str, limit: usize) -> Result<Vec<Pending>, Fault> {
        let collection = self.collection(collection);
        let found = find::pending(&collection, self.timeout(), limit).await?;
        let (pending, emptied): (Vec<_>, Vec<_>) = found.into_iter().partition(|one| !one.events.is_empty());
        // Whoever took these last events off was killed before it could say so.
        for one in emptied {
            write::acknowledge(&collection, self.timeout(), &one.id, &[]).await?;
        }
        Ok(pending)
    }

    async fn acknowledge(&self, collection: &'static str, id: &str, events: &[EventId]) -> Result<(), Fault> {
        write::acknowledge(&self.collection(collection), self.timeout(), id, events).await
    }

    async fn acknowledge_each(
        &self,
        collection: &'static str,
        documents: &[(String, Vec<EventId>)],
    ) -> Result<(), Fault> {
        let collection = self.collection(collection);
        let each =
            documents.iter().map(|(id, events)| write::acknowledge(&collection, self.timeout(), id, events));
        let each: Vec<_> = each.collect();
        stream::iter(each).buffer_unordered(AT_ONCE).try_collect().await
    }

    async fn forget(&self, collection: &'static str, time: Timestamp) -> Result<u64, Fault> {
        write::forget(&self.collection(collection), self.timeout(), time).await
    }

    fn written(&self) -> Arc<Notify> {
        Arc::clone(&self.written)
    }

    async fn ping(&self) -> Result<(), Fault> {
        self.deployment.ping().await
    }
}
