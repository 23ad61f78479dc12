//! One PostgreSQL database: pools of connections that read and that write, how it comes to be, and how the relays of
//! several processes tell each other that something was written.
//!
//! What a server takes too long for it ends itself; one that went silent is given up a little later (see `bounded`). A
//! migration waits without end for either.

use std::borrow::Cow;
use std::fmt;
use std::io;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use sea_orm::sqlx::postgres::{PgConnectOptions, PgConnection, PgListener, PgPoolOptions};
use sea_orm::sqlx::{self, AssertSqlSafe, ConnectOptions as _, Connection as _};
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbErr};
use tokio::time::timeout;
use uuid::Uuid;

use super::bounded::{Bounded, Reader, TRUSTED_FOR, Tx, answering, within};
use super::database::{Durability, SqlOptions};
use super::locks;
use crate::fault::Fault;

/// Where notifications of written events travel.
const CHANNEL: &str = "souk_outbox";
/// How often a server that does not answer is asked again: at first, and at most.
const FIRST_WAIT: Duration = Duration::from_millis(100);
const LONGEST_WAIT: Duration = Duration::from_secs(5);
/// How long it may take to answer when it is asked for a connection outside the pools.
const CONNECTING: Duration = Duration::from_secs(30);
/// Has the server give up a process that is cut off, in seconds: it must keep neither its locks nor its connections,
/// in whose place it opens others, for as long as the network's patience, which is hours.
const KEEPALIVES: [(&str, &str); 3] =
    [("tcp_keepalives_idle", "30"), ("tcp_keepalives_interval", "10"), ("tcp_keepalives_count", "3")];
/// When a connection that nobody needs is closed.
const IDLE: Duration = Duration::from_mins(5);
/// The database that is always there, in which others are made.
const MAINTENANCE: &str = "postgres";

/// A PostgreSQL server, and how to use it.
#[derive(Clone)]
pub struct PostgresOptions {
    /// `postgres://USER:PASSWORD@HOST:PORT`, a secret. A database in it is the one in which others are made; without
    /// one that is `postgres`.
    pub url: String,
    /// Stands before the name of each subgraph's database.
    pub prefix: String,
    /// How many statements of one subgraph in one process read at once, at most.
    pub readers: u32,
    /// How many transactions of one subgraph in one process write at once, at most.
    pub writers: u32,
    /// How long to wait for a free connection, and for a new one.
    pub acquire_timeout: Duration,
    /// How long a statement that writes may take, waiting for others' locks included.
    pub longest_write: Duration,
    /// How long a transaction may stand still between two statements: its locks hold up others, and its process may
    /// be cut off.
    pub longest_pause: Duration,
}

impl PostgresOptions {
    /// The usual options for the server at `url`.
    pub fn new(url: impl Into<String>, prefix: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            prefix: prefix.into(),
            readers: 8,
            writers: 8,
            acquire_timeout: Duration::from_secs(5),
            longest_write: Duration::from_secs(30),
            longest_pause: Duration::from_mins(1),
        }
    }
}

impl fmt::Debug for PostgresOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresOptions").field("prefix", &self.prefix).finish_non_exhaustive()
    }
}

/// One database on a PostgreSQL server.
#[derive(Debug)]
pub(super) struct Postgres {
    readers: Reader,
    writers: Bounded<DatabaseConnection>,
    /// How long a lost connection may stay unnoticed, where nothing else is known of it.
    patience: Duration,
    /// To the database, without time-outs.
    target: PgConnectOptions,
    maintenance: PgConnectOptions,
    database: String,
    announcing: AtomicBool,
    /// Tells what this process announced from what others did.
    process: Uuid,
}

impl Postgres {
    /// Connects when a connection is needed, not before.
    pub(super) async fn open(server: &PostgresOptions, options: &SqlOptions) -> Result<Self, Fault> {
        let database = format!("{}{}", server.prefix, options.name);
        let base = PgConnectOptions::from_str(&server.url)
            .map_err(|error| Fault::bad_input(format!("the address of PostgreSQL cannot be read: {error}")))?
            .application_name(&format!("souk {}", options.name))
            .disable_statement_logging()
            .options(KEEPALIVES);
        let maintenance = base.clone().database(base.get_database().unwrap_or(MAINTENANCE));
        let target = base.database(&database);
        let reading = vec![
            ("statement_timeout", milliseconds(options.longest_read)),
            ("default_transaction_read_only", "on".into()),
        ];
        let mut writing = vec![
            ("statement_timeout", milliseconds(server.longest_write)),
            // Who waits for another's lock tries again, which one whose own work takes too long does not.
            ("lock_timeout", milliseconds(server.longest_write / 2)),
            ("idle_in_transaction_session_timeout", milliseconds(server.longest_pause)),
        ];
        if options.durability == Durability::ProcessCrash {
            writing.push(("synchronous_commit", "off".into()));
        }
        // Each way to wait that a server which lives brings to an end: for a connection, for the statement, and for the
        // network.
        let acquire_timeout = server.acquire_timeout;
        let patience = |longest: Duration| longest + 2 * acquire_timeout;
        let pool = async |size, settings, patience| {
            let watched = move |pool| answering(pool, acquire_timeout / 2, patience);
            let mut pool = connect(&target, (size, acquire_timeout), settings, watched).await?;
            if let Some(log) = &options.statements {
                log.listen(&mut pool);
            }
            Ok::<_, Fault>(Bounded::remote(pool, patience))
        };
        let readers = pool(server.readers, reading, patience(options.longest_read)).await?;
        let writers = pool(server.writers, writing, patience(server.longest_write)).await?;
        Ok(Self {
            readers,
            writers,
            patience: patience(options.longest_read),
            target,
            maintenance,
            database,
            announcing: AtomicBool::default(),
            process: Uuid::new_v4(),
        })
    }

    pub(super) fn reader(&self) -> &Reader {
        &self.readers
    }

    pub(super) async fn begin(&self) -> Result<Tx, Fault> {
        Ok(self.writers.begin().await?)
    }

    /// Frees what deleted rows of `table` took, for new ones; without waiting for who has it locked.
    pub(super) async fn vacuum(&self, table: &str) -> Result<(), DbErr> {
        let vacuum = format!("VACUUM (SKIP_LOCKED, TRUNCATE FALSE) {table}");
        self.writers.execute_unprepared(&vacuum).await.map(drop)
    }

    pub(super) async fn close(&self) -> Result<(), Fault> {
        self.readers.connection().close_by_ref().await?;
        Ok(self.writers.connection().close_by_ref().await?)
    }

    /// Whether the server has the database; waits for the server.
    pub(super) async fn exists(&self) -> Result<bool, Fault> {
        match self.answering(&self.target).await {
            Ok(connection) => connection.close().await.map(|()| true).map_err(away),
            Err(error) if is_missing_database(&error) => Ok(false),
            Err(error) => Err(away(error)),
        }
    }

    /// Makes the database when it is missing, and waits until no other process is migrating it.
    pub(super) async fn begin_migration(&self) -> Result<Migrating, Fault> {
        if !self.exists().await? {
            self.make().await?;
        }
        let mut lock = self.answering(&self.target).await.map_err(away)?;
        take_lock(&mut lock, locks::number("migration")).await?;
        // Two: what a migration reads beside its transaction must not wait for it.
        let connection = connect(&self.target, (2, Duration::from_secs(30)), Vec::new(), |pool| pool).await?;
        Ok(Migrating { connection, lock })
    }

    /// Makes the database, unless another process was faster.
    async fn make(&self) -> Result<(), Fault> {
        let mut connection = self.answering(&self.maintenance).await.map_err(away)?;
        take_lock(&mut connection, locks::number(&format!("database:{}", self.database))).await?;
        let there: bool = sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM pg_database WHERE datname = $1)")
            .bind(&self.database)
            .fetch_one(&mut connection)
            .await
            .map_err(away)?;
        if !there {
            // Text goes by its bytes, as on SQLite, so that both sides sort and page alike.
            let make = format!(
                "CREATE DATABASE \"{}\" TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'",
                self.database.replace('"', "\"\"")
            );
            sqlx::query(AssertSqlSafe(make)).execute(&mut connection).await.map_err(away)?;
            tracing::info!("made the database {}", self.database);
        }
        connection.close().await.map_err(away)
    }

    /// A connection of its own, as soon as the server takes one.
    async fn answering(&self, options: &PgConnectOptions) -> Result<PgConnection, sqlx::Error> {
        let mut wait = FIRST_WAIT;
        loop {
            match within(CONNECTING, PgConnection::connect_with(options)).await {
                Err(error) if is_starting(&error, options) => {
                    let (host, port) = (options.get_host(), options.get_port());
                    tracing::warn!(cause = %error, "waiting for PostgreSQL at {host}:{port}: {error}");
                    tokio::time::sleep(wait).await;
                    wait = (wait * 2).min(LONGEST_WAIT);
                }
                answer => return answer,
            }
        }
    }

    /// Tells the relays of other processes, in a moment and once for all that is written until then. Not within the
    /// transactions: those that notify are committed one after the other. What a process that dies does not tell any
    /// more, the others find by polling.
    pub(super) fn announce(self: &Arc<Self>) {
        if self.announcing.swap(true, Ordering::AcqRel) {
            return;
        }
        let postgres = Arc::clone(self);
        tokio::spawn(async move {
            postgres.announcing.store(false, Ordering::Release);
            let tell =
                sqlx::query("SELECT pg_notify($1, $2)").bind(CHANNEL).bind(postgres.process.to_string());
            let pool = postgres.writers.connection().get_postgres_connection_pool();
            if let Err(error) = within(postgres.patience, tell.execute(pool)).await {
                tracing::debug!(cause = %error, "other relays are not told, and will find out by polling");
            }
        });
    }

    /// Calls `told` whenever another process has written events; ends when the connection is lost. One that is silent
    /// for long is asked whether it still is one.
    pub(super) async fn listen(&self, told: impl Fn()) -> Result<(), Fault> {
        let pool = PgPoolOptions::new().max_connections(1).max_lifetime(None).idle_timeout(None);
        let pool = pool.connect_lazy_with(self.target.clone());
        let listening = async {
            let mut listener = PgListener::connect_with(&pool).await?;
            listener.eager_reconnect(false);
            listener.listen(CHANNEL).await.map(|()| listener)
        };
        let mut listener = within(CONNECTING, listening).await.map_err(away)?;
        // What was written before this connection listened was told to nobody.
        told();
        let own = self.process.to_string();
        loop {
            let Ok(heard) = timeout(self.patience, listener.try_recv()).await else {
                let asked = sqlx::query("SELECT 1").execute(&mut listener);
                within(self.patience, asked).await.map_err(away)?;
                continue;
            };
            let Some(notification) = heard.map_err(away)? else { return Ok(()) };
            if notification.payload() != own {
                told();
            }
        }
    }
}

/// A database that this process alone is migrating.
pub(super) struct Migrating {
    pub(super) connection: DatabaseConnection,
    lock: PgConnection,
}

impl Migrating {
    /// Lets others migrate.
    pub(super) async fn end(self) -> Result<(), Fault> {
        self.connection.close().await?;
        self.lock.close().await.map_err(away)
    }
}

/// Up to `size` connections that are made when they are needed.
async fn connect(
    target: &PgConnectOptions,
    (size, acquire_timeout): (u32, Duration),
    settings: Vec<(&'static str, Cow<'static, str>)>,
    watched: impl Fn(PgPoolOptions) -> PgPoolOptions + Send + Sync + 'static,
) -> Result<DatabaseConnection, Fault> {
    // The real address is set below, as it has been read already.
    let mut options = ConnectOptions::new("postgres://localhost");
    options
        .max_connections(size.max(1))
        .min_connections(0)
        .connect_lazy(true)
        .sqlx_logging(false)
        .record_stmt_in_spans(false)
        .test_before_acquire(false)
        .test_before_acquire_if_idle_for(TRUSTED_FOR)
        .acquire_timeout(acquire_timeout)
        .idle_timeout(Some(IDLE))
        .max_lifetime(None::<Duration>);
    // Notices tell of nothing that went wrong, such as a table that was there already.
    let target = target.clone().options([("client_min_messages", "warning")]).options(settings);
    options.map_sqlx_postgres_opts(move |_| target.clone());
    options.map_sqlx_postgres_pool_opts(watched);
    Ok(Database::connect(options).await?)
}

/// Waits for a lock that the connection then holds until it is closed.
async fn take_lock(connection: &mut PgConnection, number: i64) -> Result<(), Fault> {
    let lock = sqlx::query("SELECT pg_advisory_lock($1)").bind(number);
    lock.execute(connection).await.map(drop).map_err(away)
}

fn milliseconds(duration: Duration) -> Cow<'static, str> {
    duration.as_millis().to_string().into()
}

fn away(error: sqlx::Error) -> Fault {
    Fault::unavailable("the database does not answer", error)
}

/// Whether the server is not there yet, or takes no connections for a while.
fn is_starting(error: &sqlx::Error, options: &PgConnectOptions) -> bool {
    match error {
        sqlx::Error::Io(error) => match error.kind() {
            // It is there, and its certificate is not taken.
            io::ErrorKind::InvalidData => false,
            // Its socket is not there yet; without a socket, a file that the address names is missing.
            io::ErrorKind::NotFound => options.get_socket().is_some(),
            _ => true,
        },
        sqlx::Error::Database(error) => {
            matches!(error.code().as_deref(), Some("57P01" | "57P02" | "57P03" | "53300"))
        }
        _ => false,
    }
}

fn is_missing_database(error: &sqlx::Error) -> bool {
    matches!(error, sqlx::Error::Database(error) if error.code().as_deref() == Some("3D000"))
}
