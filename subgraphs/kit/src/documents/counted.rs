//! Counts the queries that reach an engine, for tests that hold a query to a number of them.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use tokio::sync::Notify;

use super::engine::{Documents, Found, Pending, Query, Record, Write};
use super::filter::Filter;
use crate::clock::Timestamp;
use crate::fault::Fault;
use crate::id::EventId;

/// An engine that counts how often it is read.
pub struct Counted {
    engine: Arc<dyn Documents>,
    reads: AtomicUsize,
}

impl Counted {
    /// Counts what reaches `engine`.
    #[must_use]
    pub fn new(engine: Arc<dyn Documents>) -> Self {
        Self { engine, reads: AtomicUsize::new(0) }
    }

    /// How many queries were made since the last time this was asked.
    pub fn take(&self) -> usize {
        self.reads.swap(0, Ordering::SeqCst)
    }

    fn count_one(&self) -> &dyn Documents {
        self.reads.fetch_add(1, Ordering::SeqCst);
        &*self.engine
    }
}

#[async_trait]
impl Documents for Counted {
    async fn prepare(&self, collection: &'static str) -> Result<(), Fault> {
        self.engine.prepare(collection).await
    }

    async fn find(&self, collection: &'static str, query: &Query) -> Result<Vec<Found>, Fault> {
        self.count_one().find(collection, query).await
    }

    async fn find_each(&self, collection: &'static str, queries: &[Query]) -> Result<Vec<Vec<Found>>, Fault> {
        self.count_one().find_each(collection, queries).await
    }

    async fn count(&self, collection: &'static str, filter: &Filter) -> Result<u64, Fault> {
        self.count_one().count(collection, filter).await
    }

    async fn load(&self, collection: &'static str, id: &str) -> Result<Option<Record>, Fault> {
        self.count_one().load(collection, id).await
    }

    async fn holder(&self, collection: &'static str, key: &str) -> Result<Option<Record>, Fault> {
        self.count_one().holder(collection, key).await
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
