//! The transactional outbox: events written with the state that they tell, until the relay has put them in the log.
//!
//! Where several processes write one database, each may relay. The events of an aggregate belong to one of a few
//! parts, by a hash of its id, and a relay takes whole parts: it locks them for the transaction in which it deletes
//! what it has relayed, and takes the first events of each. So no two relays are at the same aggregate; a process that
//! dies frees its parts; and an event that a slow transaction commits late, with a lower number than others of its
//! part, is simply the first when it is seen. Within one aggregate numbers go up in the order of commits, because its
//! writers wait for each other (see `locks`).

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use sea_orm::sea_query::{Expr, ExprTrait, Order, Query};
use sea_orm::{ConnectionTrait, DbBackend, QueryResult, Statement};
use tokio::sync::Notify;

use super::bounded::Tx;
use super::database::Sql;
use super::locks;
use super::migration::KitOutbox as Table;
use crate::clock::Timestamp;
use crate::event::{AnyEnvelope, Topic};
use crate::fault::Fault;
use crate::relay::{Batch, Held, Outbox, Pending};

/// How many parts there are. To change it the outbox must be empty: an aggregate's events may not be of two parts.
const PARTS: u32 = 16;
/// How many parts one relay takes at once, so that others find some too.
const PARTS_AT_ONCE: usize = 4;
/// The first number of the parts' locks, which tells them from other locks.
const LOCKS: i32 = 0x0050_B0C5;
/// After how many events this process sweeps the rows that they had. PostgreSQL looks once a minute by itself, and until
/// then each claim walks past all that are gone.
const SWEPT: usize = 25_000;
/// How long to wait before listening again when the connection was lost.
const REST: Duration = Duration::from_secs(1);

/// Locks some parts that have events and that nobody is at, until the transaction ends.
const TAKE_PARTS: &str = "SELECT part FROM (
    SELECT part FROM generate_series(0, $1 - 1) AS part
    WHERE EXISTS (SELECT 1 FROM kit_outbox WHERE kit_outbox.part = part.part) ORDER BY random() OFFSET 0
) AS busy WHERE pg_try_advisory_xact_lock($2, part) LIMIT $3";

/// The first events of these parts. A statement of its own: it must see what the parts' last holders have committed.
const FIRST_OF_PARTS: &str =
    "SELECT seq, topic, subject, envelope, written_at FROM unnest($1) AS taken (part)
CROSS JOIN LATERAL (
    SELECT * FROM kit_outbox WHERE kit_outbox.part = taken.part ORDER BY seq LIMIT $2
) AS first ORDER BY seq";

/// Writes an event in the transaction of its cause.
pub(super) async fn append(tx: &Tx, topic: Topic, event: &AnyEnvelope) -> Result<(), Fault> {
    let insert = Query::insert()
        .into_table(Table::Table)
        .columns([Table::Topic, Table::Subject, Table::Envelope, Table::WrittenAt, Table::Part])
        .values_panic([
            topic.name().into(),
            event.subject.as_str().into(),
            serde_json::to_string(event)?.into(),
            event.time.timestamp_micros().into(),
            part_of(&event.subject).into(),
        ])
        .to_owned();
    tx.execute(&insert).await?;
    Ok(())
}

/// The part that events of `subject` belong to, the same in every release: by the hash FNV-1a.
fn part_of(subject: &str) -> i32 {
    let hash = subject
        .bytes()
        .fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    i32::try_from((hash ^ (hash >> 16)) % PARTS).unwrap_or_default()
}

/// The outbox of one database, as the relay sees it.
#[derive(Debug, Clone)]
pub struct SqlOutbox {
    sql: Sql,
    /// Events relayed here since the last sweep.
    unswept: Arc<AtomicUsize>,
}

impl SqlOutbox {
    /// The outbox of `sql`.
    #[must_use]
    pub fn new(sql: &Sql) -> Self {
        Self { sql: sql.clone(), unswept: Arc::default() }
    }

    /// Writes an event in the transaction of its cause: for what is derived and no aggregate. Those write theirs by
    /// [`Repository`](super::Repository). Others who write events of the same subject wait until `tx` ends.
    pub async fn write(&self, tx: &Tx, topic: Topic, event: &AnyEnvelope) -> Result<(), Fault> {
        locks::aggregate(tx, &event.subject).await?;
        append(tx, topic, event).await
    }

    /// Wakes the relays, once the transaction is committed.
    pub fn wake(&self) {
        self.sql.tell_written();
    }

    /// The oldest events, those of one aggregate in order, as they are: nothing is held.
    pub async fn pending(&self, limit: usize) -> Result<Vec<Pending>, Fault> {
        let query = Query::select()
            .columns([Table::Seq, Table::Topic, Table::Subject, Table::Envelope, Table::WrittenAt])
            .from(Table::Table)
            .order_by(Table::Seq, Order::Asc)
            .limit(u64::try_from(limit).unwrap_or(u64::MAX))
            .to_owned();
        self.sql.reader().query_all(&query).await?.iter().map(pending).collect()
    }

    async fn claim_parts(&self, limit: usize) -> Result<Batch, Fault> {
        let statement = |sql, values| Statement::from_sql_and_values(DbBackend::Postgres, sql, values);
        let tx = self.sql.begin().await?;
        let most = i64::try_from(PARTS_AT_ONCE).unwrap_or(i64::MAX);
        let take = statement(TAKE_PARTS, vec![part_count().into(), LOCKS.into(), most.into()]);
        let parts = tx.query_all_raw(take).await?;
        let parts: Vec<i32> = parts.iter().map(|row| row.try_get_by_index(0)).collect::<Result<_, _>>()?;
        if parts.is_empty() {
            tx.rollback().await?;
            return Ok(Batch::empty());
        }
        let each = i64::try_from(limit.div_ceil(parts.len())).unwrap_or(i64::MAX);
        let rows = tx.query_all_raw(statement(FIRST_OF_PARTS, vec![parts.into(), each.into()])).await?;
        let events = rows.iter().map(pending).collect::<Result<_, _>>()?;
        Ok(Batch::new(events, Box::new(Parts { tx, outbox: self.clone() })))
    }

    /// Counts relayed events, and sweeps when there are enough of them.
    async fn sweep(&self, relayed: usize) {
        let Some(postgres) = self.sql.postgres() else { return };
        if self.unswept.fetch_add(relayed, Ordering::Relaxed) + relayed < SWEPT {
            return;
        }
        self.unswept.store(0, Ordering::Relaxed);
        if let Err(error) = postgres.vacuum("kit_outbox").await {
            tracing::debug!(outbox = self.name(), cause = %error, "{} is left to be swept by the server", self.name());
        }
    }
}

fn part_count() -> i32 {
    i32::try_from(PARTS).unwrap_or(i32::MAX)
}

fn pending(row: &QueryResult) -> Result<Pending, Fault> {
    let seq: i64 = row.try_get("", "seq")?;
    let topic: String = row.try_get("", "topic")?;
    let micros: i64 = row.try_get("", "written_at")?;
    Ok(Pending {
        handle: seq.to_string(),
        topic: topic.parse()?,
        key: row.try_get("", "subject")?,
        payload: row.try_get::<String>("", "envelope")?.into(),
        written_at: Timestamp::from_timestamp_micros(micros).unwrap_or_default(),
    })
}

fn seqs(events: &[Pending]) -> Vec<i64> {
    events.iter().filter_map(|event| event.handle.parse().ok()).collect()
}

#[async_trait]
impl Outbox for SqlOutbox {
    fn name(&self) -> &str {
        self.sql.name()
    }

    fn written(&self) -> Arc<Notify> {
        Arc::clone(self.sql.written())
    }

    async fn listen(&self) {
        let Some(postgres) = self.sql.postgres() else { return std::future::pending().await };
        loop {
            let written = self.sql.written();
            if let Err(fault) = postgres.listen(|| written.notify_one()).await {
                tracing::debug!(outbox = self.name(), cause = ?fault, "{} is not told of what others write", self.name());
            }
            tokio::time::sleep(REST).await;
        }
    }

    async fn claim(&self, limit: usize) -> Result<Batch, Fault> {
        if self.sql.postgres().is_some() {
            return self.claim_parts(limit).await;
        }
        // The one process that writes the file relays it, too.
        let events = self.pending(limit).await?;
        Ok(Batch::new(events, Box::new(Whole(self.sql.clone()))))
    }

    async fn oldest(&self) -> Result<Option<Timestamp>, Fault> {
        Ok(self.pending(1).await?.first().map(|event| event.written_at))
    }
}

/// All of a file's outbox.
struct Whole(Sql);

#[async_trait]
impl Held for Whole {
    async fn relayed(self: Box<Self>, events: &[Pending]) -> Result<(), Fault> {
        let delete = Query::delete()
            .from_table(Table::Table)
            .and_where(Expr::col(Table::Seq).is_in(seqs(events)))
            .to_owned();
        let tx = self.0.begin().await?;
        tx.execute(&delete).await?;
        Ok(tx.commit().await?)
    }

    async fn kept(self: Box<Self>) {}
}

/// Some parts of an outbox, locked by this transaction.
struct Parts {
    tx: Tx,
    outbox: SqlOutbox,
}

#[async_trait]
impl Held for Parts {
    /// Deletes these rows and no others: a lower number may have been committed since they were read.
    async fn relayed(self: Box<Self>, events: &[Pending]) -> Result<(), Fault> {
        let delete = Statement::from_sql_and_values(
            DbBackend::Postgres,
            "DELETE FROM kit_outbox WHERE seq = ANY($1)",
            [seqs(events).into()],
        );
        self.tx.execute_raw(delete).await?;
        self.tx.commit().await?;
        self.outbox.sweep(events.len()).await;
        Ok(())
    }

    async fn kept(self: Box<Self>) {
        if let Err(error) = self.tx.rollback().await {
            tracing::debug!(cause = %error, "the parts of an outbox are freed with their connection");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn parts_are_about_equal_and_never_change() {
        let mut sizes: BTreeMap<i32, u32> = BTreeMap::new();
        for n in 0..16_000 {
            *sizes.entry(part_of(&format!("prod_01h{n:023}"))).or_default() += 1;
        }
        assert_eq!(sizes.keys().copied().collect::<Vec<_>>(), (0..part_count()).collect::<Vec<_>>());
        assert!(sizes.values().all(|size| (800..1_200).contains(size)), "{sizes:?}");
        assert_eq!(["", "prod_1", "prod_2", "shop_1"].map(part_of), [9, 6, 15, 5]);
    }
}
