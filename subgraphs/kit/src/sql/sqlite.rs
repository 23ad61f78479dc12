//! One SQLite file: a single writer that begins immediate transactions, and readers beside it.

use std::fs::File;
use std::path::Path;
use std::time::Duration;

use sea_orm::sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
use sea_orm::{
    ConnectOptions, Database, DatabaseConnection, SqliteTransactionMode, TransactionOptions, TransactionTrait,
};

use super::bounded::{Bounded, Reader, Tx};
use super::database::{Durability, StatementLog};
use super::readers::Readers;
use crate::fault::Fault;

/// How long a statement waits for another process's lock before it gives up.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

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
        // What a statement may have to take back: a file that is opened for each large one takes long.
        let mut writer = Database::connect(options(path, durability, "memory")).await?;
        // What a query sorts may be more than fits.
        let reading = || options(path, durability, "file");
        let readers = Box::pin(Readers::open(readers, longest, reading, statements)).await?;
        if let Some(log) = statements {
            log.listen(&mut writer);
        }
        Ok(Self { writer, readers })
    }

    /// Where the next query runs that changes nothing.
    pub(crate) fn reader(&self) -> &Reader {
        self.readers.next()
    }

    /// Begins a write transaction, after the one that is running.
    ///
    /// It is immediate: a deferred one that reads before it writes fails under concurrency, whatever the timeout.
    pub(crate) async fn begin(&self) -> Result<Tx, Fault> {
        let mode = Some(SqliteTransactionMode::Immediate);
        let options = TransactionOptions { sqlite_transaction_mode: mode, ..Default::default() };
        Ok(Bounded::local(self.writer.begin_with_options(options).await?))
    }

    pub(super) async fn close(self) -> Result<(), Fault> {
        self.readers.close().await?;
        Ok(self.writer.close().await?)
    }
}

/// One connection to the file, with what is temporary in `temporary`: `memory` or a `file`.
fn options(path: &Path, durability: Durability, temporary: &'static str) -> ConnectOptions {
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
            .pragma("temp_store", temporary)
            .statement_cache_capacity(256)
    });
    options
}

/// Takes the lock that marks this process as the writing role of the file; the system frees it on any exit.
pub(super) fn take_role(folder: &Path, name: &str) -> Result<File, Fault> {
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
