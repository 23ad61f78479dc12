//! What a process gives its subgraphs to stand on. A subgraph is built from this and never knows which engine is
//! behind a port.

use std::path::PathBuf;
use std::sync::Arc;

use crate::blobs::Blobs;
use crate::check::Check;
use crate::clock::Clock;
use crate::documents::sql::SqlDocuments;
use crate::documents::{DocumentEngines, Documents};
use crate::event_log::{EventLog, SqliteEventLog};
use crate::fault::Fault;
use crate::key_value::{self, Cache, Limits, SharedKeyValue};
use crate::sql::{
    Access, Durability, IDEMPOTENCY_RETENTION, LONGEST_READ, PostgresOptions, Sql, SqlOptions, StatementLog,
};

/// What a process gives its subgraphs to stand on. Cheap to clone.
#[derive(Clone)]
pub struct Ports {
    /// Where embedded stores keep their files.
    pub folder: PathBuf,
    /// The PostgreSQL server that has the databases of relational subgraphs; without one they are SQLite files.
    pub postgres: Option<PostgresOptions>,
    /// How long a statement that reads a database may take.
    pub longest_read: std::time::Duration,
    /// The time.
    pub clock: Clock,
    /// Domain events.
    pub events: Arc<dyn EventLog>,
    /// Values that can be had again at a cost.
    pub cache: Cache,
    /// Rate limits.
    pub limits: Limits,
    /// Small values that must outlive the process: sessions, lock-outs, locks.
    pub sessions: SharedKeyValue,
    /// Where documents are kept; without it in SQLite files.
    pub documents: Option<Arc<dyn DocumentEngines>>,
    /// Media, invoices, exports.
    pub blobs: Blobs,
    /// What this process does with the subgraphs' databases.
    pub access: Access,
    /// What commits wait for.
    pub durability: Durability,
    /// How long idempotency outcomes are kept.
    pub idempotency_retention: std::time::Duration,
    /// Where to note the statements of all databases; for tests that count them.
    pub statements: Option<StatementLog>,
    /// The engines that uses go on without, each in its way: start-up waits for them, and `/ready` names those that are
    /// away. What nothing goes on without is a check of the worker that needs it.
    pub engines: Vec<Check>,
}

/// The stores that a process opens once, for all its subgraphs.
pub struct Stores {
    /// Domain events.
    pub events: Arc<dyn EventLog>,
    /// Small values that may be forgotten: what caches and limits keep.
    pub volatile: SharedKeyValue,
    /// Small values that must outlive the process.
    pub sessions: SharedKeyValue,
    /// Media, invoices, exports.
    pub blobs: Blobs,
}

impl Ports {
    /// The embedded engines in `folder`, which several processes on one machine may share.
    pub async fn embedded(folder: PathBuf, clock: Clock, durability: Durability) -> Result<Self, Fault> {
        let stores = Stores {
            events: Arc::new(SqliteEventLog::open(&folder, clock.clone(), durability).await?),
            volatile: key_value::in_process(clock.clone()),
            sessions: key_value::durable(&folder, clock.clone()).await?,
            blobs: Blobs::folder(&folder.join("blobs"))?,
        };
        Ok(Self::on(stores, folder, clock, durability))
    }

    /// These stores, and databases and documents in `folder`, which is touched only when one of them is opened there.
    #[must_use]
    pub fn on(stores: Stores, folder: PathBuf, clock: Clock, durability: Durability) -> Self {
        Self {
            events: stores.events,
            cache: Cache::new(stores.volatile.clone()),
            limits: Limits::new(stores.volatile, clock.clone()),
            sessions: stores.sessions,
            blobs: stores.blobs,
            documents: None,
            folder,
            postgres: None,
            longest_read: LONGEST_READ,
            clock,
            access: Access::default(),
            durability,
            idempotency_retention: IDEMPOTENCY_RETENTION,
            statements: None,
            engines: Vec::new(),
        }
    }

    /// Opens the database of the subgraph `name`. Its tables are the subgraph's own business.
    pub async fn sql(&self, name: &str) -> Result<Sql, Fault> {
        Sql::open(SqlOptions { postgres: self.postgres.clone(), ..self.sql_options(name) }).await
    }

    /// Opens the SQLite file `name`, whatever engine has the relational subgraphs: where an embedded port keeps what
    /// its real engine would.
    pub async fn embedded_sql(&self, name: &str) -> Result<Sql, Fault> {
        Sql::open(self.sql_options(name)).await
    }

    fn sql_options(&self, name: &str) -> SqlOptions {
        SqlOptions {
            access: self.access,
            longest_read: self.longest_read,
            durability: self.durability,
            idempotency_retention: self.idempotency_retention,
            statements: self.statements.clone(),
            ..SqlOptions::new(&self.folder, name)
        }
    }

    /// Opens the documents of the subgraph `name`. Its collections are the subgraph's own business.
    pub async fn documents(&self, name: &str) -> Result<Arc<dyn Documents>, Fault> {
        match &self.documents {
            Some(engines) => engines.open(name).await,
            None => Ok(Arc::new(SqlDocuments::new(self.embedded_sql(name).await?))),
        }
    }
}
