//! The event log on one SQLite file, for any number of processes on one machine.
//!
//! Appends that wait at the same time share one transaction, and so one wait for the disk. Consumers of this
//! process are woken by an append; what other processes append they find by polling. A topic is one partition.

mod batch;
mod member;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sea_orm::sea_query::{
    Alias, ColumnDef, DeleteStatement, Expr, ExprTrait, Func, Index, InsertStatement, OnConflict, Query,
    SelectStatement, Table, Value,
};
use sea_orm::{ConnectionTrait, DeriveIden, Order};
use sea_orm_migration::SchemaManager;
use tokio::sync::{Notify, oneshot};

use self::batch::records;
use self::member::Member;
use super::{Delivered, EventLog, Headers, Membership, Position, Record, Start};
use crate::clock::{Clock, Timestamp};
use crate::fault::Fault;
use crate::sql::{Durability, LONGEST_READ, SqliteFile};

/// How often one waiting consumer looks, for all of this process, for what other processes appended.
const POLL: Duration = Duration::from_millis(80);
/// SQLite takes some 32,000 values per statement; a record has five.
const ROWS_PER_INSERT: usize = 1_000;
/// Records that one transaction deletes.
const TRIMMED_AT_ONCE: u64 = 1_000;

#[derive(DeriveIden)]
enum Records {
    Table,
    Offset,
    Topic,
    Key,
    Payload,
    /// As JSON, a header's bytes as numbers; null without any.
    Headers,
    /// In microseconds since 1970.
    AppendedAt,
}

#[derive(DeriveIden)]
enum Positions {
    Table,
    #[sea_orm(iden = "consumer_group")]
    Group,
    Topic,
    Committed,
    Owner,
    LeaseUntil,
}

/// The embedded event log. Cheap to clone; clones share their waiting appends.
#[derive(Clone)]
pub struct SqliteEventLog(Arc<Shared>);

struct Shared {
    file: SqliteFile,
    appending: Clock,
    leasing: Clock,
    queue: Mutex<Vec<Append>>,
    committing: tokio::sync::Mutex<()>,
    appended: Notify,
    /// The newest record when a consumer last looked for all; locked by the one that does.
    newest: tokio::sync::Mutex<Option<i64>>,
    commits: AtomicU64,
}

struct Append {
    records: Vec<Record>,
    done: oneshot::Sender<Result<(), Fault>>,
}

impl SqliteEventLog {
    /// Opens the log in `folder`, making it when it is not there. `clock` says when records are appended; leases
    /// go by the system's time, which is the same for all processes.
    pub async fn open(folder: &Path, clock: Clock, durability: Durability) -> Result<Self, Fault> {
        tokio::fs::create_dir_all(folder).await.map_err(Fault::internal)?;
        let file =
            SqliteFile::open(&folder.join("events.sqlite"), (4, LONGEST_READ), durability, None).await?;
        make_tables(&file, clock.now()).await?;
        Ok(Self(Arc::new(Shared {
            file,
            appending: clock,
            leasing: Clock::system(),
            queue: Mutex::default(),
            committing: tokio::sync::Mutex::default(),
            appended: Notify::new(),
            newest: tokio::sync::Mutex::default(),
            commits: AtomicU64::new(0),
        })))
    }

    /// How often this handle has waited for the disk: fewer than its appends, when some came together.
    #[must_use]
    pub fn commits(&self) -> u64 {
        self.0.commits.load(Ordering::Relaxed)
    }
}

async fn make_tables(file: &SqliteFile, now: Timestamp) -> Result<(), Fault> {
    // Records from before there was the column count as new.
    let appended_at = ColumnDef::new(Records::AppendedAt)
        .big_integer()
        .not_null()
        .default(now.timestamp_micros())
        .to_owned();
    let headers = ColumnDef::new(Records::Headers).text().null().to_owned();
    let records = Table::create()
        .table(Records::Table)
        .if_not_exists()
        .col(ColumnDef::new(Records::Offset).big_integer().not_null().auto_increment().primary_key())
        .col(ColumnDef::new(Records::Topic).text().not_null())
        .col(ColumnDef::new(Records::Key).text().not_null())
        .col(ColumnDef::new(Records::Payload).blob().not_null())
        .col(appended_at.clone())
        .col(headers.clone())
        .to_owned();
    let by_topic = Index::create()
        .name("records_topic_offset")
        .if_not_exists()
        .table(Records::Table)
        .col(Records::Topic)
        .col(Records::Offset)
        .to_owned();
    let by_key = Index::create()
        .name("records_topic_key_offset")
        .if_not_exists()
        .table(Records::Table)
        .col(Records::Topic)
        .col(Records::Key)
        .col(Records::Offset)
        .to_owned();
    let positions = Table::create()
        .table(Positions::Table)
        .if_not_exists()
        .col(ColumnDef::new(Positions::Group).text().not_null())
        .col(ColumnDef::new(Positions::Topic).text().not_null())
        .col(ColumnDef::new(Positions::Committed).big_integer().not_null())
        .col(ColumnDef::new(Positions::Owner).text().not_null())
        .col(ColumnDef::new(Positions::LeaseUntil).big_integer().not_null())
        .primary_key(Index::create().col(Positions::Group).col(Positions::Topic))
        .to_owned();
    let tx = file.begin().await?;
    tx.execute(&records).await?;
    for (name, column) in [("appended_at", appended_at), ("headers", headers)] {
        if !SchemaManager::new(tx.connection()).has_column("records", name).await? {
            tx.execute(&Table::alter().table(Records::Table).add_column(column).to_owned()).await?;
        }
    }
    tx.execute(&by_topic).await?;
    tx.execute(&by_key).await?;
    tx.execute(&positions).await?;
    Ok(tx.commit().await?)
}

#[async_trait::async_trait]
impl EventLog for SqliteEventLog {
    async fn append(&self, records: Vec<Record>) -> Result<(), Fault> {
        if records.is_empty() {
            return Ok(());
        }
        records.iter().try_for_each(Record::check_size)?;
        let (done, mut answer) = oneshot::channel();
        self.0.queue.lock().unwrap_or_else(PoisonError::into_inner).push(Append { records, done });

        // Whoever holds this commits for all who wait; the others find their answer when their turn comes.
        let _turn = self.0.committing.lock().await;
        if let Ok(answered) = answer.try_recv() {
            return answered;
        }
        let batch = std::mem::take(&mut *self.0.queue.lock().unwrap_or_else(PoisonError::into_inner));
        let outcome = self.0.write(&batch).await;
        for append in batch {
            // An appender that is gone needs no answer.
            let _ = append.done.send(outcome.clone());
        }
        self.0.appended.notify_waiters();
        // A leader before this one was dropped with this append in its hands: whether it is written is unknown.
        answer.try_recv().unwrap_or_else(|error| Err(Fault::unavailable("the append was broken off", error)))
    }

    async fn join(&self, group: &str, topics: &[String]) -> Result<Box<dyn Membership>, Fault> {
        let tx = self.0.file.begin().await?;
        for topic in topics {
            let mut known = OnConflict::columns([Positions::Group, Positions::Topic]);
            known.do_nothing();
            tx.execute(&beginning(group, topic, 0, known)).await?;
        }
        tx.commit().await?;
        Ok(Box::new(Member::new(Arc::clone(&self.0), group, topics)))
    }

    async fn lag(&self, group: &str, topics: &[String]) -> Result<u64, Fault> {
        let committed = Query::select()
            .expr(Func::coalesce([Expr::col(Positions::Committed).max(), Expr::val(0_i64)]))
            .from(Positions::Table)
            .and_where(Expr::col(Positions::Group).eq(group))
            .and_where(Expr::col(Positions::Topic).equals((Records::Table, Records::Topic)))
            .to_owned();
        let behind = Query::select()
            .expr_as(Expr::col(Records::Offset).count(), Alias::new("behind"))
            .from(Records::Table)
            .and_where(Expr::col(Records::Topic).is_in(topics))
            .and_where(Expr::col(Records::Offset).gt(Expr::SubQuery(None, Box::new(committed.into()))))
            .to_owned();
        let row = self.0.file.reader().query_one(&behind).await?;
        let count: i64 = row.map_or(Ok(0), |row| row.try_get("", "behind"))?;
        Ok(u64::try_from(count).unwrap_or_default())
    }

    async fn topics(&self) -> Result<Vec<String>, Fault> {
        let query = Query::select()
            .distinct()
            .column(Records::Topic)
            .from(Records::Table)
            .order_by(Records::Topic, Order::Asc)
            .to_owned();
        let rows = self.0.file.reader().query_all(&query).await?;
        rows.iter().map(|row| Ok(row.try_get("", "topic")?)).collect()
    }

    async fn positions(&self, topic: &str, start: Start) -> Result<Vec<Position>, Fault> {
        let any = |time: Option<Timestamp>| {
            Query::select()
                .column(Records::Offset)
                .from(Records::Table)
                .and_where(Expr::col(Records::Topic).eq(topic))
                .and_where_option(
                    time.map(|time| Expr::col(Records::AppendedAt).gte(time.timestamp_micros())),
                )
                .limit(1)
                .to_owned()
        };
        let ordered =
            |query: &SelectStatement, order| query.clone().order_by(Records::Offset, order).to_owned();
        let newest = self.0.offset(&ordered(&any(None), Order::Desc)).await?;
        let Some(newest) = newest else { return Ok(Vec::new()) };
        let first = match start {
            Start::End => None,
            Start::Beginning => self.0.offset(&ordered(&any(None), Order::Asc)).await?,
            Start::At(time) => self.0.offset(&ordered(&any(Some(time)), Order::Asc)).await?,
        };
        Ok(vec![only(topic, first.unwrap_or(newest + 1))])
    }

    async fn read(&self, from: &Position, limit: usize) -> Result<Vec<Delivered>, Fault> {
        records(&self.0, &from.topic, from.offset.saturating_sub(1), limit).await
    }

    async fn committed(&self, group: &str, topic: &str) -> Result<Vec<Position>, Fault> {
        let done = committed(self.0.file.reader(), group, topic).await?;
        Ok(vec![only(topic, if done > 0 { done + 1 } else { 0 })])
    }

    async fn reset(&self, group: &str, positions: &[Position]) -> Result<(), Fault> {
        let at_work = Query::select()
            .column(Positions::Topic)
            .from(Positions::Table)
            .and_where(Expr::col(Positions::Group).eq(group))
            .and_where(Expr::col(Positions::LeaseUntil).gte(self.0.now_micros()))
            .to_owned();
        let tx = self.0.file.begin().await?;
        if tx.query_one(&at_work).await?.is_some() {
            return Err(Fault::bad_input(format!("{group} is at work: stop it first")));
        }
        for position in positions {
            let mut known = OnConflict::columns([Positions::Group, Positions::Topic]);
            known.update_columns([Positions::Committed, Positions::Owner]);
            tx.execute(&beginning(group, &position.topic, position.offset.saturating_sub(1), known)).await?;
        }
        Ok(tx.commit().await?)
    }

    async fn trim(&self, topics: &[String], time: Timestamp) -> Result<u64, Fault> {
        let mut deleted = 0;
        loop {
            let tx = self.0.file.begin().await?;
            let rows = tx.execute(&trimming(topics, time)).await?.rows_affected();
            tx.commit().await?;
            deleted += rows;
            if rows < TRIMMED_AT_ONCE {
                return Ok(deleted);
            }
        }
    }

    async fn ready(&self) -> Result<(), Fault> {
        let any = Query::select().column(Records::Offset).from(Records::Table).limit(1).to_owned();
        self.0.offset(&any).await.map(|_| ())
    }
}

/// A place in a topic's one partition.
fn only(topic: &str, offset: i64) -> Position {
    Position { topic: topic.to_owned(), partition: 0, offset }
}

/// A group that has done a topic up to `done`.
fn beginning(group: &str, topic: &str, done: i64, known: OnConflict) -> InsertStatement {
    Query::insert()
        .into_table(Positions::Table)
        .columns([
            Positions::Group,
            Positions::Topic,
            Positions::Committed,
            Positions::Owner,
            Positions::LeaseUntil,
        ])
        .values_panic([group.into(), topic.into(), done.into(), "".into(), 0_i64.into()])
        .on_conflict(known)
        .to_owned()
}

/// Deletes some of the records that nobody needs: not too many, because appends wait meanwhile.
fn trimming(topics: &[String], time: Timestamp) -> DeleteStatement {
    let (record, later) = (Alias::new("record"), Alias::new("later"));
    let of = |column| Expr::col((record.clone(), column));
    let newer_state = Query::select()
        .expr(Expr::val(1))
        .from_as(Records::Table, later.clone())
        .and_where(Expr::col((later.clone(), Records::Topic)).equals((record.clone(), Records::Topic)))
        .and_where(Expr::col((later.clone(), Records::Key)).equals((record.clone(), Records::Key)))
        .and_where(Expr::col((later, Records::Offset)).gt(of(Records::Offset)))
        .to_owned();
    let still_to_come = Query::select()
        .expr(Expr::val(1))
        .from(Positions::Table)
        .and_where(Expr::col((Positions::Table, Positions::Topic)).equals((record.clone(), Records::Topic)))
        .and_where(Expr::col(Positions::Committed).lt(of(Records::Offset)))
        .to_owned();
    let due = Query::select()
        .column((record.clone(), Records::Offset))
        .from_as(Records::Table, record.clone())
        .and_where(of(Records::Topic).is_in(topics))
        .and_where(of(Records::AppendedAt).lt(time.timestamp_micros()))
        .and_where(Expr::exists(newer_state))
        .and_where(Expr::exists(still_to_come).not())
        .limit(TRIMMED_AT_ONCE)
        .to_owned();
    Query::delete()
        .from_table(Records::Table)
        .and_where(Expr::col(Records::Offset).in_subquery(due))
        .to_owned()
}

impl Shared {
    async fn write(&self, batch: &[Append]) -> Result<(), Fault> {
        let rows: Vec<&Record> = batch.iter().flat_map(|append| &append.records).collect();
        let now = self.appending.now().timestamp_micros();
        let tx = self.file.begin().await?;
        for rows in rows.chunks(ROWS_PER_INSERT) {
            let mut insert = Query::insert();
            insert.into_table(Records::Table).columns([
                Records::Topic,
                Records::Key,
                Records::Payload,
                Records::Headers,
                Records::AppendedAt,
            ]);
            for row in rows {
                let payload = Value::Bytes(Some(row.payload.to_vec()));
                insert.values_panic([
                    row.topic.as_str().into(),
                    row.key.as_str().into(),
                    payload.into(),
                    headers_in_json(&row.headers)?.into(),
                    now.into(),
                ]);
            }
            tx.execute(&insert).await?;
        }
        self.commits.fetch_add(1, Ordering::Relaxed);
        Ok(tx.commit().await?)
    }

    /// Ends when another process has appended. Consumers that wait cost one query at a time, however many they are.
    async fn look_out(&self) -> Result<(), Fault> {
        let query = Query::select()
            .column(Records::Offset)
            .from(Records::Table)
            .order_by(Records::Offset, Order::Desc)
            .limit(1)
            .to_owned();
        let mut newest = self.newest.lock().await;
        loop {
            tokio::time::sleep(POLL).await;
            let found = self.offset(&query).await?;
            if found != *newest {
                *newest = found;
                self.appended.notify_waiters();
                return Ok(());
            }
        }
    }

    /// The offset that a query finds.
    async fn offset(&self, query: &SelectStatement) -> Result<Option<i64>, Fault> {
        let row = self.file.reader().query_one(query).await?;
        Ok(row.map(|row| row.try_get("", "offset")).transpose()?)
    }

    fn now_micros(&self) -> i64 {
        self.leasing.now().timestamp_micros()
    }
}

fn headers_in_json(headers: &Headers) -> Result<Option<String>, Fault> {
    let bytes: BTreeMap<&str, &[u8]> =
        headers.iter().map(|(name, value)| (name.as_str(), &**value)).collect();
    if bytes.is_empty() { Ok(None) } else { Ok(Some(serde_json::to_string(&bytes)?)) }
}

fn headers_of_json(json: Option<String>) -> Result<Headers, Fault> {
    let Some(json) = json else { return Ok(Headers::new()) };
    let bytes: BTreeMap<String, Vec<u8>> = serde_json::from_str(&json)?;
    Ok(bytes.into_iter().map(|(name, value)| (name, value.into())).collect())
}

async fn committed(on: &impl ConnectionTrait, group: &str, topic: &str) -> Result<i64, Fault> {
    let query = Query::select()
        .column(Positions::Committed)
        .from(Positions::Table)
        .and_where(Expr::col(Positions::Group).eq(group))
        .and_where(Expr::col(Positions::Topic).eq(topic))
        .to_owned();
    let row = on.query_one(&query).await?;
    Ok(row.map_or(Ok(0), |row| row.try_get("", "committed"))?)
}
