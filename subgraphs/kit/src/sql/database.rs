//! One SQLite file per subgraph: a single writer that begins immediate transactions, and readers beside it.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sea_orm::sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
use sea_orm::{
    ConnectOptions, Database, DatabaseConnection, DatabaseTransaction, SqliteTransactionMode,
    TransactionOptions, TransactionTrait,
};
use sea_orm_migration::MigratorTrait;
use tokio::sync::Notify;

use super::migration::KitTables;
use super::readers::{LONGEST_READ, Readers};
use crate::fault::Fault;
use crate::idempotency::Running;
use crate::migration::Migration;

/// A write transaction.
pub type Tx = DatabaseTransaction;

/// How long a statement waits for another process's lock before it gives up.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
/// How long idempotency outcomes are kept, unless the configuration says otherwise.
pub const IDEMPOTENCY_RETENTION: Duration = Duration::from_hours(7 * 24);

/// The database of one subgraph. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Sql {
    file: SqliteFile,
    name: Arc<str>,
    idempotency_retention: Duration,
    written: Arc<Notify>,
    running: Running,
    access: Access,
    /// Held as long as any clone lives: a second process in the same role is refused.
    _role: Option<Arc<File>>,
}

/// What a process does with a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Access {
    /// Writes it, as the only process that does.
    #[default]
    Writing,
    /// Reads it beside the process that writes it, as that one left its tables.
    Reading,
}

/// How to open a database.
#[derive(Debug, Clone)]
pub struct SqlOptions {
    /// The folder of the file.
    pub folder: PathBuf,
    /// The subgraph's name: it names the file, and the `source` of its events.
    pub name: String,
    /// What this process does with it.
    pub access: Access,
    /// How many statements read at once.
    pub readers: u32,
    /// How long one of them may take.
    pub longest_read: Duration,
    /// What a commit waits for.
    pub durability: Durability,
    /// How long idempotency outcomes are kept.
    pub idempotency_retention: Duration,
    /// Where to note each statement; for tests that count them.
    pub statements: Option<StatementLog>,
}

/// What a commit waits for. Either way a killed process loses nothing that it acknowledged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Durability {
    /// For the disk: a power cut loses nothing either.
    #[default]
    PowerCut,
    /// For the operating system: a power cut may lose the last moments, never consistency. For tests and for
    /// data that is derived from elsewhere.
    ProcessCrash,
}

impl SqlOptions {
    /// The usual options for the subgraph `name` under `folder`.
    pub fn new(folder: impl Into<PathBuf>, name: impl Into<String>) -> Self {
        Self {
            folder: folder.into(),
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
    /// Opens the file, making it and its folder when they are not there. Refuses when another process has it open
    /// in the same role.
    pub async fn open(options: SqlOptions) -> Result<Self, Fault> {
        tokio::fs::create_dir_all(&options.folder).await.map_err(Fault::internal)?;
        let role = match options.access {
            Access::Writing => Some(Arc::new(take_role(&options.folder, &options.name)?)),
            Access::Reading => None,
        };
        let path = options.folder.join(format!("{}.sqlite", options.name));
        let readers = (options.readers, options.longest_read);
        let file = SqliteFile::open(&path, readers, options.durability, options.statements.as_ref());
        Ok(Self {
            file: file.await?,
            name: options.name.into(),
            idempotency_retention: options.idempotency_retention,
            written: Arc::default(),
            running: Running::default(),
            access: options.access,
            _role: role,
        })
    }

    /// Brings the kit's tables and those of `M` to their newest form.
    pub async fn migrate<M: MigratorTrait>(&self) -> Result<(), Fault> {
        self.may_write()?;
        KitTables::up(&self.file.writer, None).await?;
        Ok(M::up(&self.file.writer, None).await?)
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
    pub fn reader(&self) -> &DatabaseConnection {
        self.file.reader()
    }

    /// Begins a write transaction, after the one that is running. Dropped without `commit` it rolls back.
    ///
    /// It is immediate: a deferred one that reads before it writes fails under concurrency, whatever the timeout.
    pub async fn begin(&self) -> Result<Tx, Fault> {
        self.may_write()?;
        self.file.begin().await
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

    /// How long idempotency outcomes are kept.
    pub(super) fn idempotency_retention(&self) -> Duration {
        self.idempotency_retention
    }

    /// The calls with idempotency keys that are writing it.
    pub(super) fn running(&self) -> &Running {
        &self.running
    }

    /// Wakes the outbox relay.
    pub(crate) fn written(&self) -> &Arc<Notify> {
        &self.written
    }

    /// Closes the connections once what runs on them has ended.
    pub async fn close(self) -> Result<(), Fault> {
        self.file.readers.close().await?;
        Ok(self.file.writer.close().await?)
    }
}

/// The connections to one SQLite file: what a subgraph's database shares with the embedded ports.
#[derive(Debug, Clone)]
pub(crate) struct SqliteFile {
    pub(crate) writer: DatabaseConnection,
    readers: Readers,
}

impl SqliteFile {
    pub(crate) async fn open(
        path: &Path,
        (readers, longest): (u32, Duration),
        durability: Durability,
        statements: Option<&StatementLog>,
    ) -> Result<Self, Fault> {
        let mut writer = Database::connect(options(path, durability)).await?;
        let readers =
            Box::pin(Readers::open(readers, longest, || options(path, durability), statements)).await?;
        if let Some(log) = statements {
            log.listen(&mut writer);
        }
        Ok(Self { writer, readers })
    }

    /// Where the next query runs that changes nothing.
    pub(crate) fn reader(&self) -> &DatabaseConnection {
        self.readers.next()
    }

    pub(crate) async fn begin(&self) -> Result<Tx, Fault> {
        let mode = Some(SqliteTransactionMode::Immediate);
        let options = TransactionOptions { sqlite_transaction_mode: mode, ..Default::default() };
        Ok(self.writer.begin_with_options(options).await?)
    }
}

/// One connection to the file.
fn options(path: &Path, durability: Durability) -> ConnectOptions {
    // The path is set below: in a URL, `?` and `%` in folder names would be read as more than a name.
    let mut options = ConnectOptions::new("sqlite::memory:");
    options
        .max_connections(1)
        .min_connections(1)
        .sqlx_logging(false)
        .record_stmt_in_spans(false)
        .test_before_acquire(false)
        .acquire_timeout(Duration::from_secs(30))
        .idle_timeout(None::<Duration>)
        .max_lifetime(None::<Duration>);
    let path = path.to_owned();
    options.map_sqlx_sqlite_opts(move |sqlite| {
        let synchronous = match durability {
            Durability::PowerCut => SqliteSynchronous::Full,
            Durability::ProcessCrash => SqliteSynchronous::Normal,
        };
        sqlite
            .in_memory(false)
            .shared_cache(false)
            .filename(&path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(synchronous)
            .busy_timeout(BUSY_TIMEOUT)
            .foreign_keys(true)
            .statement_cache_capacity(256)
    });
    options
}

/// Takes the lock that marks this process as the writing role of the file; the system frees it on any exit.
fn take_role(folder: &Path, name: &str) -> Result<File, Fault> {
    let path = folder.join(format!("{name}.lock"));
    let file =
        File::options().create(true).truncate(false).write(true).open(&path).map_err(Fault::internal)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => {
            let path = path.display();
            Err(Fault::bad_input(format!(
                "another process runs `{name}` on this data folder (it holds {path})"
            )))
        }
        Err(std::fs::TryLockError::Error(error)) => Err(Fault::internal(error)),
    }
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
