//! The transactional outbox: events written with the state that they tell, until the relay has put them in the log.

use std::sync::Arc;

use sea_orm::ConnectionTrait;
use sea_orm::sea_query::{Expr, ExprTrait, Order, Query};
use tokio::sync::Notify;

use super::database::{Sql, Tx};
use super::migration::KitOutbox as Table;
use crate::clock::Timestamp;
use crate::event::{AnyEnvelope, Topic};
use crate::fault::Fault;
use crate::relay::{Outbox, Pending};

/// Writes an event in the transaction of its cause.
pub(super) async fn append(tx: &Tx, topic: Topic, event: &AnyEnvelope) -> Result<(), Fault> {
    let insert = Query::insert()
        .into_table(Table::Table)
        .columns([Table::Topic, Table::Subject, Table::Envelope, Table::WrittenAt])
        .values_panic([
            topic.name().into(),
            event.subject.as_str().into(),
            serde_json::to_string(event)?.into(),
            event.time.timestamp_micros().into(),
        ])
        .to_owned();
    tx.execute(&insert).await?;
    Ok(())
}

/// The outbox of one database, as the relay sees it.
#[derive(Debug, Clone)]
pub struct SqlOutbox(Sql);

impl SqlOutbox {
    /// The outbox of `sql`.
    #[must_use]
    pub fn new(sql: &Sql) -> Self {
        Self(sql.clone())
    }

    /// Writes an event in the transaction of its cause: for what is derived and no aggregate. Those write theirs by
    /// [`Repository`](super::Repository).
    pub async fn write(&self, tx: &Tx, topic: Topic, event: &AnyEnvelope) -> Result<(), Fault> {
        append(tx, topic, event).await
    }

    /// Wakes the relay, once the transaction is committed.
    pub fn wake(&self) {
        self.0.written().notify_one();
    }
}

#[async_trait::async_trait]
impl Outbox for SqlOutbox {
    fn name(&self) -> &str {
        self.0.name()
    }

    fn written(&self) -> Arc<Notify> {
        Arc::clone(self.0.written())
    }

    async fn pending(&self, limit: usize) -> Result<Vec<Pending>, Fault> {
        let query = Query::select()
            .columns([Table::Seq, Table::Topic, Table::Subject, Table::Envelope, Table::WrittenAt])
            .from(Table::Table)
            .order_by(Table::Seq, Order::Asc)
            .limit(u64::try_from(limit).unwrap_or(u64::MAX))
            .to_owned();
        let rows = self.0.reader().query_all(&query).await?;
        let pending = rows.into_iter().map(|row| {
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
        });
        pending.collect()
    }

    async fn relayed(&self, events: &[Pending]) -> Result<(), Fault> {
        let seqs: Vec<i64> = events.iter().filter_map(|event| event.handle.parse().ok()).collect();
        let delete =
            Query::delete().from_table(Table::Table).and_where(Expr::col(Table::Seq).is_in(seqs)).to_owned();
        let tx = self.0.begin().await?;
        tx.execute(&delete).await?;
        Ok(tx.commit().await?)
    }
}
