//! The connections that only read, and how long one statement may keep one of them.
//!
//! SQLite asks a connection's progress handler now and then whether to go on. The handler compares the clock with the
//! connection's deadline, which is set when the pool hands the connection out. Each connection has a pool of its own,
//! because a pool does not say which of its connections it hands out; a deadline then costs a statement one store to
//! memory, and not a message to the thread that runs it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use sea_orm::sqlx;
use sea_orm::sqlx::sqlite::{SqliteConnection, SqlitePool, SqlitePoolOptions};
use sea_orm::{ConnectOptions, Database, DbErr};

use super::bounded::{Bounded, Reader};
use super::database::StatementLog;

/// How long a statement may read. What takes longer is broken off, and its caller gets `LIMIT_EXCEEDED`: one runaway
/// statement must not hold one of the few readers for ever. The writer has no such bound: a migration takes the time
/// that it takes, and what a transaction runs is ours alone.
pub const LONGEST_READ: Duration = Duration::from_secs(10);
/// How many steps of SQLite's machine lie between two looks at the clock: some tenths of a millisecond.
const STEPS_PER_LOOK: i32 = 10_000;

/// The readers of one file. Cheap to clone; clones share them.
#[derive(Debug, Clone)]
pub(super) struct Readers {
    pools: Arc<[Reader]>,
    /// Where to look first for an idle one: in turns, so that those who ask at the same time look at different ones.
    turn: Arc<AtomicUsize>,
    first: Reader,
}

impl Readers {
    /// `count` readers, one at least; the first is connected at once, the others when they are needed.
    pub(super) async fn open(
        count: u32,
        longest: Duration,
        options: impl Fn() -> ConnectOptions,
        statements: Option<&StatementLog>,
    ) -> Result<Self, DbErr> {
        let connect = async |lazy| {
            let (mut options, deadline) = (options(), Deadline::new(longest));
            options.connect_lazy(lazy).min_connections(0);
            options.map_sqlx_sqlite_pool_opts(move |pool| deadline.clone().bound(pool));
            let mut reader = Database::connect(options).await?;
            if let Some(log) = statements {
                log.listen(&mut reader);
            }
            Ok::<_, DbErr>(Bounded::local(reader))
        };
        let first = connect(false).await?;
        let mut pools = vec![first.clone()];
        for _ in 1..count {
            pools.push(connect(true).await?);
        }
        Ok(Self { pools: pools.into(), turn: Arc::default(), first })
    }

    /// An idle one; else one that is not connected yet; else the one whose turn it is.
    pub(super) fn next(&self) -> &Reader {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        let (before, from) = self.pools.split_at(turn % self.pools.len().max(1));
        let in_turn = || from.iter().chain(before);
        let is_idle = |reader: &&Reader| pool(reader).num_idle() > 0;
        let is_new = |reader: &&Reader| pool(reader).size() == 0;
        let found = in_turn().find(is_idle).or_else(|| in_turn().find(is_new));
        found.or_else(|| in_turn().next()).unwrap_or(&self.first)
    }

    pub(super) async fn close(self) -> Result<(), DbErr> {
        for reader in self.pools.iter() {
            reader.connection().close_by_ref().await?;
        }
        Ok(())
    }
}

fn pool(reader: &Reader) -> &SqlitePool {
    reader.connection().get_sqlite_connection_pool()
}

/// When the statement of one connection is broken off. Cheap to clone; clones are the same connection's.
#[derive(Debug, Clone)]
struct Deadline {
    longest: Duration,
    start: Instant,
    /// Microseconds since `start`.
    end: Arc<AtomicU64>,
}

impl Deadline {
    fn new(longest: Duration) -> Self {
        Self { longest, start: Instant::now(), end: Arc::default() }
    }

    /// Gives each statement of the pool's one connection its time.
    fn bound(self, pool: SqlitePoolOptions) -> SqlitePoolOptions {
        let renewed = self.clone();
        pool.after_connect(move |connection, _| {
            let deadline = self.clone();
            Box::pin(async move { deadline.watch(connection).await })
        })
        .before_acquire(move |_, _| {
            renewed.renew();
            Box::pin(std::future::ready(Ok(true)))
        })
    }

    async fn watch(self, connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
        self.renew();
        let goes_on = move || self.now() < self.end.load(Ordering::Relaxed);
        connection.lock_handle().await?.set_progress_handler(STEPS_PER_LOOK, goes_on);
        Ok(())
    }

    fn renew(&self) {
        let longest = u64::try_from(self.longest.as_micros()).unwrap_or(u64::MAX);
        self.end.store(self.now().saturating_add(longest), Ordering::Relaxed);
    }

    fn now(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_micros()).unwrap_or(u64::MAX)
    }
}
