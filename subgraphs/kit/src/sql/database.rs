//! `Sql`: the database of one subgraph, a SQLite file or a PostgreSQL database.

use std::fs::File;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sea_orm::DatabaseConnection;
use sea_orm_migration::MigratorTrait;
use tokio::sync::Notify;

use super::bounded::{Reader, Tx};
use super::migration::KitTables;
use super::postgres::{Postgres, PostgresOptions};
use super::readers::LONGEST_READ;
use super::sqlite::{SqliteFile, take_role};
use crate::fault::Fault;
use crate::idempotency::Running;
use crate::migration::Migration;

/// How long idempotency outcomes are kept, unless the configuration says otherwise.
pub const IDEMPOTENCY_RETENTION: Duration = Duration::from_hours(7 * 24);

/// The database of one subgraph. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Sql {
    engine: Engine,
    name: Arc<str>,
    idempotency_retention: Duration,
    written: Arc<Notify>,
    running: Running,
    access: Access,
}

#[derive(Debug, Clone)]
enum Engine {
    Sqlite {
        file: SqliteFile,
        /// Held as long as any clone lives: a second process in the same role is refused.
        _role: Option<Arc<File>>,
    },
    Postgres(Arc<Postgres>),
}

/// What a process does with a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Access {
    /// Writes it: a SQLite file as the only process that does, a PostgreSQL database beside any number of others.
    #[default]
    Writing,
    /// Reads it beside those that write it, as they left its tables.
    Reading,
}

/// How to open a database.
#[derive(Debug, Clone)]
pub struct SqlOptions {
    /// The folder of SQLite's file.
    pub folder: PathBuf,
    /// The PostgreSQL server that has the database; without one it is a SQLite file.
    pub postgres: Option<PostgresOptions>,
    /// The subgraph's name: it names the database, and the `source` of its events.
    pub name: String,
    /// What this process does with it.
    pub access: Access,
    /// How many statements read a SQLite file at once.
    pub readers: u32,
    /// How long a statement that reads may take.
    pub longest_read: Duration,
    /// What a commit waits for.
    pub durability: Durability,
    /// How long idempotency outcomes are kept.
    pub idempotency_retention: Duration,
    /// Where to note each statement; for tests that count them.
    pub statements: Option<StatementLog>,
}

/// What a commit waits for. Either way a killed process of ours loses nothing that it acknowledged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Durability {
    /// For the disk: a power cut loses nothing either.
    #[default]
    PowerCut,
    /// For the operating system, or for a PostgreSQL server that will write it soon: a power cut, or that server's
    /// death, may lose the last moments, never consistency. For tests and for data that is derived from elsewhere.
    ProcessCrash,
}

impl SqlOptions {
    /// The usual options for the subgraph `name` under `folder`.
    pub fn new(folder: impl Into<PathBuf>, name: impl Into<String>) -> Self {
        Self {
            folder: folder.into(),
            postgres: None,
            name: name.into(),
            access: Access::default(),
            readers: 4,
            longest_read: LONGEST_READ,
            durability: Durability::default(),
            idempotency_retention: IDEMPOTENCY_RETENTION,
            statements: None,
        }
    }
}

impl Sql {
    /// Opens SQLite's file, making it and its folder when they are not there; refuses when another process has it
    /// open in the same role. A PostgreSQL database is not asked for before it is needed, and is made by
    /// [`Sql::migrate`].
    pub async fn open(options: SqlOptions) -> Result<Self, Fault> {
        let engine = match &options.postgres {
            Some(postgres) => Engine::Postgres(Arc::new(Postgres::open(postgres, &options).await?)),
            None => sqlite(&options).await?,
        };
        Ok(Self {
            engine,
            name: options.name.into(),
            idempotency_retention: options.idempotency_retention,
            written: Arc::default(),
            running: Running::default(),
            access: options.access,
        })
    }

    /// Brings the kit's tables and those of `M` to their newest form. Where several processes do so at once, one
    /// does it and the others wait. Waits for a PostgreSQL server that does not answer yet.
    pub async fn migrate<M: MigratorTrait>(&self) -> Result<(), Fault> {
        self.may_write()?;
        match &self.engine {
            Engine::Sqlite { file, .. } => {
                KitTables::up(&file.writer, None).await?;
                Ok(M::up(&file.writer, None).await?)
            }
            Engine::Postgres(postgres) => {
                let migrating = postgres.begin_migration().await?;
                KitTables::up(&migrating.connection, None).await?;
                M::up(&migrating.connection, None).await?;
                migrating.end().await
            }
        }
    }

    /// The same as one of the migrations that a subgraph lists.
    #[must_use]
    pub fn migration<M: MigratorTrait>(&self) -> Migration {
        let sql = self.clone();
        Migration::new(format!("the tables of {}", self.name), move || {
            let sql = sql.clone();
            async move { sql.migrate::<M>().await }
        })
    }

    /// Where queries run that change nothing, each for at most [`SqlOptions::longest_read`].
    #[must_use]
    pub fn reader(&self) -> &Reader {
        match &self.engine {
            Engine::Sqlite { file, .. } => file.reader(),
            Engine::Postgres(postgres) => postgres.reader(),
        }
    }

    /// Begins a write transaction. Dropped without `commit` it rolls back.
    ///
    /// On SQLite it begins after the one that is running. On PostgreSQL it runs beside others, and each statement sees
    /// what was committed before it began: what must not change between reading and writing has to be locked.
    pub async fn begin(&self) -> Result<Tx, Fault> {
        self.may_write()?;
        match &self.engine {
            Engine::Sqlite { file, .. } => file.begin().await,
            Engine::Postgres(postgres) => postgres.begin().await,
        }
    }

    fn may_write(&self) -> Result<(), Fault> {
        match self.access {
            Access::Writing => Ok(()),
            Access::Reading => {
                Err(Fault::broken(format!("this process only reads the database of {}", self.name)))
            }
        }
    }

    /// The subgraph's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether there is such a database, with or without tables. Of a SQLite file that was opened there always is.
    pub async fn exists(&self) -> Result<bool, Fault> {
        match &self.engine {
            Engine::Sqlite { .. } => Ok(true),
            Engine::Postgres(postgres) => postgres.exists().await,
        }
    }

    /// How long idempotency outcomes are kept.
    pub(super) fn idempotency_retention(&self) -> Duration {
        self.idempotency_retention
    }

    /// The calls with idempotency keys that are writing it.
    pub(super) fn running(&self) -> &Running {
        &self.running
    }

    /// Wakes the outbox relay of this process.
    pub(crate) fn written(&self) -> &Arc<Notify> {
        &self.written
    }

    /// Tells all relays, those of other processes too, that events were committed.
    pub(crate) fn tell_written(&self) {
        self.written.notify_one();
        if let Engine::Postgres(postgres) = &self.engine {
            postgres.announce();
        }
    }

    /// The PostgreSQL side, if this is it.
    pub(super) fn postgres(&self) -> Option<&Postgres> {
        match &self.engine {
            Engine::Sqlite { .. } => None,
            Engine::Postgres(postgres) => Some(postgres),
        }
    }

    /// Closes the connections once what runs on them has ended.
    pub async fn close(self) -> Result<(), Fault> {
        match self.engine {
            Engine::Sqlite { file, .. } => file.close().await,
            Engine::Postgres(postgres) => postgres.close().await,
        }
    }
}

async fn sqlite(options: &SqlOptions) -> Result<Engine, Fault> {
    tokio::fs::create_dir_all(&options.folder).await.map_err(Fault::internal)?;
    let role = match options.access {
        Access::Writing => Some(Arc::new(take_role(&options.folder, &options.name)?)),
        Access::Reading => None,
    };
    let path = options.folder.join(format!("{}.sqlite", options.name));
    let readers = (options.readers, options.longest_read);
    let file = SqliteFile::open(&path, readers, options.durability, options.statements.as_ref()).await?;
    Ok(Engine::Sqlite { file, _role: role })
}

/// Notes the SQL of each statement, so that tests can count what a request costs. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct StatementLog(Arc<Mutex<Vec<String>>>);

impl StatementLog {
    /// Notes what runs on `connection`.
    pub(super) fn listen(&self, connection: &mut DatabaseConnection) {
        let log = self.clone();
        connection.set_metric_callback(move |info| log.note(&info.statement.sql));
    }

    /// Adds what was asked of a store.
    pub fn note(&self, sql: &str) {
        self.lock().push(sql.to_owned());
    }

    /// The statements since the last call, in order.
    #[must_use]
    pub fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.lock())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
