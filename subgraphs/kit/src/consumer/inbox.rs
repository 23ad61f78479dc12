//! How a store remembers which events have taken effect in it.

use sea_orm::ConnectionTrait;
use sea_orm::sea_query::{OnConflict, Query};

use crate::clock::Timestamp;
use crate::fault::Fault;
use crate::id::EventId;
use crate::sql::{KitConsumed, Sql, Tx};

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
