//! How a store remembers which events have taken effect in it.

use std::collections::HashSet;

use sea_orm::ConnectionTrait;
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict, Query};

use crate::clock::Timestamp;
use crate::fault::Fault;
use crate::id::EventId;
use crate::sql::{KitConsumed, Sql, Tx};

/// SQLite takes some 32,000 values per statement; an event has three.
const EVENTS_PER_INSERT: usize = 1_000;

/// How a store remembers which events have taken effect in it.
#[async_trait::async_trait]
pub trait Inbox: Send + Sync + 'static {
    /// What the effect is written in.
    type Tx: Send + Sync;

    /// Begins, with the event recorded; `None` when it has taken effect before.
    async fn begin(&self, consumer: &str, event: EventId, now: Timestamp) -> Result<Option<Self::Tx>, Fault>;

    /// Makes record and effect durable together.
    async fn commit(&self, tx: Self::Tx) -> Result<(), Fault>;
}

/// The inbox of a relational subgraph: a table beside the domain's own.
#[derive(Debug, Clone)]
pub struct SqlInbox(Sql);

impl SqlInbox {
    /// The inbox in `sql`.
    #[must_use]
    pub fn new(sql: &Sql) -> Self {
        Self(sql.clone())
    }

    /// Begins, with the events recorded; answers those of them that have not taken effect before.
    pub async fn begin_many(
        &self,
        consumer: &str,
        events: &[EventId],
        now: Timestamp,
    ) -> Result<(Tx, HashSet<EventId>), Fault> {
        let tx = self.0.begin().await?;
        let mut new = HashSet::with_capacity(events.len());
        for events in events.chunks(EVENTS_PER_INSERT) {
            let mut insert = Query::insert();
            insert
                .into_table(KitConsumed::Table)
                .columns([KitConsumed::Consumer, KitConsumed::EventId, KitConsumed::ConsumedAt])
                .on_conflict(
                    OnConflict::columns([KitConsumed::Consumer, KitConsumed::EventId])
                        .do_nothing()
                        .to_owned(),
                )
                .returning_col(KitConsumed::EventId);
            for event in events {
                let at = now.timestamp_micros();
                insert.values_panic([consumer.into(), event.to_string().into(), at.into()]);
            }
            for row in tx.query_all(&insert).await? {
                new.insert(row.try_get("", "event_id")?);
            }
        }
        Ok((tx, new))
    }

    /// Forgets the events that `consumer` has consumed before `time`: for one that knows that none of them can come
    /// again. Answers how many.
    pub async fn forget(&self, consumer: &str, time: Timestamp) -> Result<u64, Fault> {
        let delete = Query::delete()
            .from_table(KitConsumed::Table)
            .and_where(Expr::col(KitConsumed::Consumer).eq(consumer))
            .and_where(Expr::col(KitConsumed::ConsumedAt).lt(time.timestamp_micros()))
            .to_owned();
        let tx = self.0.begin().await?;
        let forgotten = tx.execute(&delete).await?.rows_affected();
        tx.commit().await?;
        Ok(forgotten)
    }
}

#[async_trait::async_trait]
impl Inbox for SqlInbox {
    type Tx = Tx;

    async fn begin(&self, consumer: &str, event: EventId, now: Timestamp) -> Result<Option<Tx>, Fault> {
        let tx = self.0.begin().await?;
        let insert = Query::insert()
            .into_table(KitConsumed::Table)
            .columns([KitConsumed::Consumer, KitConsumed::EventId, KitConsumed::ConsumedAt])
            .values_panic([consumer.into(), event.to_string().into(), now.timestamp_micros().into()])
            .on_conflict(
                OnConflict::columns([KitConsumed::Consumer, KitConsumed::EventId]).do_nothing().to_owned(),
            )
            .to_owned();
        let is_new = tx.execute(&insert).await?.rows_affected() == 1;
        Ok(is_new.then_some(tx))
    }

    async fn commit(&self, tx: Tx) -> Result<(), Fault> {
        Ok(tx.commit().await?)
    }
}

/// No record at all: for a consumer whose effect is the same however often it happens, such as writing the state
/// that the event carries unless a later one is there already.
#[derive(Debug, Clone, Copy, Default)]
pub struct Unrecorded;

#[async_trait::async_trait]
impl Inbox for Unrecorded {
    type Tx = ();

    async fn begin(&self, _: &str, _: EventId, _: Timestamp) -> Result<Option<()>, Fault> {
        Ok(Some(()))
    }

    async fn commit(&self, (): ()) -> Result<(), Fault> {
        Ok(())
    }
}
