//! `Documents` in a `SQLite` file: per collection a table of documents, one of indexed values and one of unique keys.
//! The embedded default.

mod index;
mod query;
mod tables;
mod write;

use std::sync::Arc;

use async_trait::async_trait;
use sea_orm::sea_query::{Expr, ExprTrait, Order, Query as Statement};
use sea_orm::{ConnectionTrait, QueryResult};
use sea_orm_migration::SchemaManager;
use tokio::sync::Notify;

use self::tables::{Column, Tables};
use super::collection::Index;
use super::engine::{Documents, Found, LARGEST_RELAYED, Pending, Query, RELAYED_AT_ONCE, Record, Write};
use super::filter::Filter;
use crate::clock::Timestamp;
use crate::fault::Fault;
use crate::id::EventId;
use crate::sql::Sql;

/// Queries that one statement asks together; `SQLite` takes 500 at most.
const TOGETHER: usize = 50;

/// Documents in one database.
pub struct SqlDocuments {
    sql: Sql,
}

impl SqlDocuments {
    /// In `sql`.
    #[must_use]
    pub fn new(sql: Sql) -> Self {
        Self { sql }
    }
}

#[async_trait]
impl Documents for SqlDocuments {
    async fn prepare(&self, collection: &'static str) -> Result<(), Fault> {
        let (tx, tables) = (self.sql.begin().await?, Tables::of(collection));
        for statement in tables.create() {
            tx.execute(&statement).await?;
        }
        if !SchemaManager::new(tx.connection()).has_column(collection, "outcomes_since").await? {
            let (add, fill) = tables.add_outcomes_since();
            tx.execute(&add).await?;
            tx.execute(&fill).await?;
        }
        for statement in tables.create_indexes() {
            tx.execute(&statement).await?;
        }
        Ok(tx.commit().await?)
    }

    async fn find(&self, collection: &'static str, query: &Query) -> Result<Vec<Found>, Fault> {
        let rows = self.sql.reader().query_all(&query::select(&Tables::of(collection), query)).await?;
        rows.iter().map(found).collect()
    }

    async fn find_each(&self, collection: &'static str, queries: &[Query]) -> Result<Vec<Vec<Found>>, Fault> {
        let tables = Tables::of(collection);
        let mut all = Vec::with_capacity(queries.len());
        for some in queries.chunks(TOGETHER) {
            let mut found = vec![Vec::new(); some.len()];
            if let Some(select) = query::select_each(&tables, some) {
                for row in self.sql.reader().query_all(&select).await? {
                    let place: i64 = row.try_get_by_index(5)?;
                    if let Some(rows) = usize::try_from(place).ok().and_then(|place| found.get_mut(place)) {
                        rows.push(self::found(&row)?);
                    }
                }
            }
            all.append(&mut found);
        }
        Ok(all)
    }

    async fn count(&self, collection: &'static str, filter: &Filter) -> Result<u64, Fault> {
        let row = self.sql.reader().query_one(&query::count(&Tables::of(collection), filter)).await?;
        let count: i64 = row.map(|row| row.try_get_by_index(0)).transpose()?.unwrap_or_default();
        Ok(u64::try_from(count).unwrap_or_default())
    }

    async fn load(&self, collection: &'static str, id: &str) -> Result<Option<Record>, Fault> {
        let tables = Tables::of(collection);
        let select = query::record(&tables).and_where(Expr::col(Column::Id).eq(id)).to_owned();
        self.sql.reader().query_one(&select).await?.as_ref().map(record).transpose()
    }

    async fn holder(&self, collection: &'static str, key: &str) -> Result<Option<Record>, Fault> {
        let tables = Tables::of(collection);
        let holding = Statement::select()
            .column(Column::Document)
            .from(tables.keys.clone())
            .and_where(Expr::col(Column::Key).eq(key))
            .to_owned();
        let select = query::record(&tables).and_where(Expr::col(Column::Id).in_subquery(holding)).to_owned();
        self.sql.reader().query_one(&select).await?.as_ref().map(record).transpose()
    }

    async fn insert(&self, collection: &'static str, record: &Record) -> Result<Write, Fault> {
        let outcome = write::insert(&self.sql, &Tables::of(collection), record).await?;
        self.tell(record, &outcome);
        Ok(outcome)
    }

    async fn replace(
        &self,
        collection: &'static str,
        record: &Record,
        expected: i64,
    ) -> Result<Write, Fault> {
        let outcome = write::replace(&self.sql, &Tables::of(collection), record, expected).await?;
        self.tell(record, &outcome);
        Ok(outcome)
    }

    async fn pending(&self, collection: &'static str, limit: usize) -> Result<Vec<Pending>, Fault> {
        let tables = Tables::of(collection);
        let mut select = Statement::select()
            .columns([Column::Id, Column::Pending])
            .from(tables.documents)
            .and_where(Expr::col(Column::PendingSince).is_not_null())
            .order_by(Column::PendingSince, Order::Asc)
            .to_owned();
        let (mut found, mut events, mut bytes) = (Vec::new(), 0, 0);
        while found.len() < limit {
            let asked = RELAYED_AT_ONCE.min(limit - found.len());
            select.reset_limit().limit(u64::try_from(asked).unwrap_or(u64::MAX));
            select.reset_offset().offset(u64::try_from(found.len()).unwrap_or(u64::MAX));
            let rows = self.sql.reader().query_all(&select).await?;
            for row in &rows {
                let told: String = row.try_get_by_index(1)?;
                let pending = Pending { id: row.try_get_by_index(0)?, events: serde_json::from_str(&told)? };
                events += pending.events.len();
                bytes += told.len();
                found.push(pending);
                if events >= limit || bytes >= LARGEST_RELAYED {
                    return Ok(found);
                }
            }
            if rows.len() < asked {
                break;
            }
        }
        Ok(found)
    }

    async fn acknowledge(&self, collection: &'static str, id: &str, events: &[EventId]) -> Result<(), Fault> {
        write::acknowledge(&self.sql, &Tables::of(collection), id, events).await
    }

    async fn forget(&self, collection: &'static str, time: Timestamp) -> Result<u64, Fault> {
        write::forget(&self.sql, &Tables::of(collection), time).await
    }

    fn written(&self) -> Arc<Notify> {
        Arc::clone(self.sql.written())
    }

    async fn ping(&self) -> Result<(), Fault> {
        Ok(self.sql.reader().ping().await?)
    }
}

impl SqlDocuments {
    fn tell(&self, record: &Record, outcome: &Write) {
        if *outcome == Write::Done && !record.pending.is_empty() {
            self.sql.tell_written();
        }
    }
}

/// Reads a row of [`query::select`].
fn found(row: &QueryResult) -> Result<Found, Fault> {
    let sorted_by: Option<String> = row.try_get_by_index(4)?;
    Ok(Found {
        id: row.try_get_by_index(0)?,
        version: row.try_get_by_index(1)?,
        schema_version: schema_version(row.try_get_by_index(2)?),
        state: row.try_get_by_index(3)?,
        sorted_by: sorted_by.map(Into::into),
    })
}

/// Reads a row of [`query::record`].
fn record(row: &QueryResult) -> Result<Record, Fault> {
    let (pending, outcomes): (String, String) = (row.try_get_by_index(6)?, row.try_get_by_index(7)?);
    Ok(Record {
        id: row.try_get_by_index(0)?,
        version: row.try_get_by_index(1)?,
        schema_version: schema_version(row.try_get_by_index(2)?),
        state: row.try_get_by_index(3)?,
        company: row.try_get_by_index(4)?,
        tombstone: row.try_get_by_index(5)?,
        pending: serde_json::from_str(&pending)?,
        outcomes: serde_json::from_str(&outcomes)?,
        index: Index::default(),
    })
}

fn schema_version(column: i64) -> u32 {
    u32::try_from(column).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::documents::contract;
    use crate::sql::{Durability, SqlOptions};

    #[tokio::test(flavor = "multi_thread")]
    async fn the_embedded_engine_keeps_the_contract() {
        let folders = Mutex::new(Vec::new());
        let open = || async {
            let folder = tempfile::tempdir().unwrap();
            let options = SqlOptions {
                durability: Durability::ProcessCrash,
                ..SqlOptions::new(folder.path(), "documents")
            };
            folders.lock().unwrap().push(folder);
            Arc::new(SqlDocuments::new(Sql::open(options).await.unwrap())) as Arc<dyn Documents>
        };
        contract::documents(open).await.unwrap();
    }
}
