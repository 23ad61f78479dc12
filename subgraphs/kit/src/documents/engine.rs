//! The port itself: what an engine does with documents, without knowing what they hold.

use std::sync::Arc;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use tokio::sync::Notify;

use super::collection::Index;
use super::filter::{Filter, IndexValue, Sort};
use crate::clock::Timestamp;
use crate::event::AnyEnvelope;
use crate::fault::Fault;
use crate::id::{CompanyId, EventId};

/// A document as it is written: everything that changes together.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// The aggregate's id.
    pub id: String,
    /// Counts its changes from 1.
    pub version: i64,
    /// Of `state`; older states are upgraded when they are read.
    pub schema_version: u32,
    /// Whose it is.
    pub company: Option<CompanyId>,
    /// The aggregate in JSON.
    pub state: String,
    /// Deleted, and kept only until its events are relayed and its outcomes forgotten.
    pub tombstone: bool,
    /// Events that are not yet in the log, oldest first.
    pub pending: Vec<AnyEnvelope>,
    /// What recent calls with idempotency keys came to.
    pub outcomes: Vec<Outcome>,
    /// What can be asked for and what is unique.
    pub index: Index,
}

/// What a call with an idempotency key came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// The key, with the caller, company and mutation that it is unique for.
    pub key: String,
    /// The hash of the request.
    pub request: String,
    /// The answer in JSON.
    pub answer: String,
    /// When.
    pub at: Timestamp,
}

/// A document as a query finds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The aggregate's id.
    pub id: String,
    /// Counts its changes from 1.
    pub version: i64,
    /// Of `state`.
    pub schema_version: u32,
    /// The aggregate in JSON.
    pub state: String,
    /// The value that the order put it by; none without one, or when the document lacks it.
    pub sorted_by: Option<IndexValue>,
}

/// What to find.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Query {
    /// Which documents.
    pub filter: Filter,
    /// In which order.
    pub sort: Sort,
    /// From the back: the order is reversed, and `from` is the place to go before.
    pub backward: bool,
    /// The place to go on from, which itself is left out: the value of the order and the id there.
    pub from: Option<(Option<IndexValue>, String)>,
    /// At most so many.
    pub limit: usize,
}

/// What became of a write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Write {
    /// It is durable.
    Done,
    /// Another document holds this unique key; nothing is written.
    Taken(String),
    /// The document has another version than expected, or is there already; nothing is written.
    Stale,
}

/// How many bytes of waiting events are read and relayed at once; the last document may pass it.
pub const LARGEST_RELAYED: usize = 16_000_000;

/// How many documents with waiting events engines read at once, as one may have 8 MB of them.
pub const RELAYED_AT_ONCE: usize = 25;

/// The events of one document that are not yet in the log.
#[derive(Debug, Clone, PartialEq)]
pub struct Pending {
    /// The document.
    pub id: String,
    /// Its events, oldest first.
    pub events: Vec<AnyEnvelope>,
}

/// An engine that keeps documents.
///
/// Every write is one atomic update of one document, durable when it returns. Queries see what was written
/// before they began. Tombstones are found by no query, only by [`Documents::load`] and [`Documents::holder`].
#[async_trait]
pub trait Documents: Send + Sync {
    /// Makes what this version needs of the collection and is not there yet; a migration, applied any number of times. What
    /// an earlier version made stays as it lies on the disk: it answers alike.
    async fn prepare(&self, collection: &'static str) -> Result<(), Fault>;

    /// The documents of a query, in its order.
    async fn find(&self, collection: &'static str, query: &Query) -> Result<Vec<Found>, Fault>;

    /// The documents of several queries, in the queries' order; engines that can ask many at once do.
    async fn find_each(&self, collection: &'static str, queries: &[Query]) -> Result<Vec<Vec<Found>>, Fault> {
        let mut found = Vec::with_capacity(queries.len());
        for query in queries {
            found.push(self.find(collection, query).await?);
        }
        Ok(found)
    }

    /// How many documents pass a filter.
    async fn count(&self, collection: &'static str, filter: &Filter) -> Result<u64, Fault>;

    /// The whole document; its index comes back empty.
    async fn load(&self, collection: &'static str, id: &str) -> Result<Option<Record>, Fault>;

    /// The whole document that holds a unique key.
    async fn holder(&self, collection: &'static str, key: &str) -> Result<Option<Record>, Fault>;

    /// Adds a document; [`Write::Stale`] when its id is there already.
    async fn insert(&self, collection: &'static str, record: &Record) -> Result<Write, Fault>;

    /// Puts a document in place of the one with its id, if that has the version `expected`.
    async fn replace(&self, collection: &'static str, record: &Record, expected: i64)
    -> Result<Write, Fault>;

    /// Documents with events that are not yet in the log, the oldest first: at most `limit`, and no more once those found
    /// have `limit` events, or [`LARGEST_RELAYED`] bytes. However much waits, this much is read of it.
    async fn pending(&self, collection: &'static str, limit: usize) -> Result<Vec<Pending>, Fault>;

    /// Takes relayed events off a document; a tombstone without events and outcomes goes.
    async fn acknowledge(&self, collection: &'static str, id: &str, events: &[EventId]) -> Result<(), Fault>;

    /// The same for several documents; engines that can do many at once do.
    async fn acknowledge_each(
        &self,
        collection: &'static str,
        documents: &[(String, Vec<EventId>)],
    ) -> Result<(), Fault> {
        for (id, events) in documents {
            self.acknowledge(collection, id, events).await?;
        }
        Ok(())
    }

    /// Drops the outcomes of calls made before `time`, with their keys; a tombstone that has neither events nor
    /// outcomes then goes. Answers how many documents were touched.
    async fn forget(&self, collection: &'static str, time: Timestamp) -> Result<u64, Fault>;

    /// Told when something was written in this process that leaves events to relay.
    fn written(&self) -> Arc<Notify>;

    /// Whether it answers.
    async fn ping(&self) -> Result<(), Fault>;
}

/// Opens an engine for each subgraph that keeps documents: how a process says which one stands behind the port.
#[async_trait]
pub trait DocumentEngines: Send + Sync {
    /// The engine of the subgraph `name`. It need not answer yet.
    async fn open(&self, name: &str) -> Result<Arc<dyn Documents>, Fault>;
}
