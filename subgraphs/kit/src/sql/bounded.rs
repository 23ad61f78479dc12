//! Statements that end, also where no answer comes any more: the network lost the connection without a word, or the
//! server stands still. Its client is never told, and would hold its place in the pool for ever.
//!
//! A server that lives ends each statement itself, by the time-outs that its connection sets; a commit alone may take
//! longer, where it waits for a standby. So this waits longer than those, and what it gives up is a connection that is
//! lost: who asked gets `UNAVAILABLE`, as after any lost connection (what a commit that was given up did, is not known).
//! Another connection takes its place after as long again, as the server is asked once more before.

use std::time::Duration;

use async_trait::async_trait;
use sea_orm::sqlx::postgres::PgPoolOptions;
use sea_orm::sqlx::{self, Connection as _};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, ExecResult, QueryResult,
    RuntimeErr, Statement, TransactionTrait,
};
use tokio::time::timeout;

/// What a connection is used again after without asking whether it still holds.
pub(super) const TRUSTED_FOR: Duration = Duration::from_secs(1);

/// Where queries run that change nothing.
pub type Reader = Bounded<DatabaseConnection>;

/// A write transaction. Dropped without `commit` it rolls back.
pub type Tx = Bounded<DatabaseTransaction>;

/// A connection or a transaction, each of whose statements ends.
#[derive(Debug, Clone)]
pub struct Bounded<C> {
    connection: C,
    /// How long an answer is waited for; none of a file, which always answers.
    patience: Option<Duration>,
}

impl<C> Bounded<C> {
    /// To a file.
    pub(super) fn local(connection: C) -> Self {
        Self { connection, patience: None }
    }

    /// To a server that answers within `patience`, or not at all.
    pub(super) fn remote(connection: C, patience: Duration) -> Self {
        Self { connection, patience: Some(patience) }
    }

    /// For what must be bounded in another way, or needs no bound.
    pub(crate) fn connection(&self) -> &C {
        &self.connection
    }
}

impl<C: TransactionTrait<Transaction = DatabaseTransaction>> Bounded<C> {
    /// Begins a transaction; a savepoint within one.
    pub async fn begin(&self) -> Result<Tx, DbErr> {
        let connection = in_time(self.patience, self.connection.begin()).await?;
        Ok(Bounded { connection, patience: self.patience })
    }
}

impl Reader {
    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), DbErr> {
        // Boxed: its future is large, as it knows every engine.
        in_time(self.patience, Box::pin(self.connection.ping())).await
    }
}

impl Tx {
    /// Makes what it wrote last, and visible to others.
    pub async fn commit(self) -> Result<(), DbErr> {
        in_time(self.patience, self.connection.commit()).await
    }

    /// Takes back what it wrote.
    pub async fn rollback(self) -> Result<(), DbErr> {
        in_time(self.patience, self.connection.rollback()).await
    }
}

#[async_trait]
impl<C: ConnectionTrait> ConnectionTrait for Bounded<C> {
    fn get_database_backend(&self) -> DbBackend {
        self.connection.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        in_time(self.patience, self.connection.execute_raw(statement)).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        in_time(self.patience, self.connection.execute_unprepared(sql)).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        in_time(self.patience, self.connection.query_one_raw(statement)).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        in_time(self.patience, self.connection.query_all_raw(statement)).await
    }
}

async fn in_time<T>(
    patience: Option<Duration>,
    answer: impl Future<Output = Result<T, DbErr>>,
) -> Result<T, DbErr> {
    let Some(patience) = patience else { return answer.await };
    let answer = within(patience, async { Ok(answer.await) }).await;
    answer.unwrap_or_else(|late| Err(DbErr::Conn(RuntimeErr::SqlxError(late.into()))))
}

/// What `answer` is, or that it was not there in time.
pub(super) async fn within<T>(
    patience: Duration,
    answer: impl Future<Output = Result<T, sqlx::Error>>,
) -> Result<T, sqlx::Error> {
    timeout(patience, answer).await.unwrap_or_else(|late| Err(sqlx::Error::Io(late.into())))
}

/// Has a pool give out, and take back, only connections whose server answers; others are closed.
///
/// One that idled is asked while somebody waits for it, so it gets `quickly`, which leaves time for making another. One
/// that comes back may have a statement under way that nobody waits for any more, so it gets `patience`. The pool asks
/// once more when this has answered, but for as long as it takes: what is lost just between the two is found by the
/// kernel, and so is a connection with more left to be sent than the kernel holds, which the pool sends before it closes.
pub(super) fn answering(pool: PgPoolOptions, quickly: Duration, patience: Duration) -> PgPoolOptions {
    pool.before_acquire(move |connection, state| {
        Box::pin(async move {
            if state.idle_for >= TRUSTED_FOR {
                within(quickly, connection.ping()).await?;
            }
            Ok(true)
        })
    })
    .after_release(move |connection, _| {
        Box::pin(async move { within(patience, connection.ping()).await.map(|()| true) })
    })
}
