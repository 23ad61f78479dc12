//! Values that outlive the process, in a SQLite file that several processes may share.

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict, Query};
use sea_orm::{ConnectionTrait, DeriveIden, QueryResult};
use sea_orm_migration::prelude::{ColumnDef, Index, Table as CreateTable};

use super::SharedKeyValue;
use super::embedded::{Atomic, Embedded};
use super::operations::{Change, Entry};
use crate::clock::Clock;
use crate::fault::Fault;
use crate::sql::{Durability, LONGEST_READ, SqliteFile, Tx};

/// How many expired rows one write sweeps at most.
const SWEEP: u64 = 8;
const READERS: u32 = 4;

/// The store `key_value.sqlite` in `folder`, made when missing.
pub async fn durable(folder: &Path, clock: Clock) -> Result<SharedKeyValue, Fault> {
    tokio::fs::create_dir_all(folder).await.map_err(Fault::internal)?;
    let store = Durable(
        SqliteFile::open(
            &folder.join("key_value.sqlite"),
            (READERS, LONGEST_READ),
            Durability::default(),
            None,
        )
        .await?,
    );
    store.create().await?;
    Ok(Arc::new(Embedded { store, clock }))
}

#[derive(Debug)]
struct Durable(SqliteFile);

#[derive(DeriveIden)]
enum KeyValueEntry {
    Table,
    Key,
    Value,
    ExpiresAt,
}

impl Durable {
    async fn create(&self) -> Result<(), Fault> {
        let table = CreateTable::create()
            .table(KeyValueEntry::Table)
            .if_not_exists()
            .col(ColumnDef::new(KeyValueEntry::Key).text().not_null().primary_key())
            .col(ColumnDef::new(KeyValueEntry::Value).binary().not_null())
            .col(ColumnDef::new(KeyValueEntry::ExpiresAt).big_integer())
            .to_owned();
        let expiry = Index::create()
            .if_not_exists()
            .name("key_value_entry_expires_at")
            .table(KeyValueEntry::Table)
            .col(KeyValueEntry::ExpiresAt)
            .to_owned();
        let tx = self.0.begin().await?;
        tx.execute(&table).await?;
        tx.execute(&expiry).await?;
        Ok(tx.commit().await?)
    }
}

fn select(key: &str, now: i64) -> sea_orm::sea_query::SelectStatement {
    Query::select()
        .columns([KeyValueEntry::Value, KeyValueEntry::ExpiresAt])
        .from(KeyValueEntry::Table)
        .and_where(Expr::col(KeyValueEntry::Key).eq(key))
        .and_where(
            Expr::col(KeyValueEntry::ExpiresAt).is_null().or(Expr::col(KeyValueEntry::ExpiresAt).gt(now)),
        )
        .to_owned()
}

fn entry(row: &QueryResult) -> Result<(Vec<u8>, Option<i64>), Fault> {
    Ok((row.try_get("", "value")?, row.try_get("", "expires_at")?))
}

#[async_trait]
impl Atomic for Durable {
    async fn update<T: Send>(
        &self,
        key: &str,
        now: i64,
        decide: impl for<'e> FnOnce(Option<Entry<'e>>) -> (Change, T) + Send,
    ) -> Result<T, Fault> {
        let tx = self.0.begin().await?;
        let present = tx.query_one(&select(key, now)).await?.map(|row| entry(&row)).transpose()?;
        let (change, answer) = decide(present.as_ref().map(|(value, until)| Entry { value, until: *until }));
        apply(&tx, key, change).await?;
        sweep(&tx, now).await?;
        tx.commit().await?;
        Ok(answer)
    }

    async fn read(&self, key: &str, now: i64) -> Result<Option<Bytes>, Fault> {
        let row = self.0.reader().query_one(&select(key, now)).await?;
        row.map(|row| Ok(entry(&row)?.0.into())).transpose()
    }
}

async fn apply(tx: &Tx, key: &str, change: Change) -> Result<(), Fault> {
    match change {
        Change::Keep => {}
        Change::Delete => {
            let delete = Query::delete()
                .from_table(KeyValueEntry::Table)
                .and_where(Expr::col(KeyValueEntry::Key).eq(key))
                .to_owned();
            tx.execute(&delete).await?;
        }
        Change::Put { value, until } => {
            let mut replace = OnConflict::column(KeyValueEntry::Key);
            replace.update_columns([KeyValueEntry::Value, KeyValueEntry::ExpiresAt]);
            let insert = Query::insert()
                .into_table(KeyValueEntry::Table)
                .columns([KeyValueEntry::Key, KeyValueEntry::Value, KeyValueEntry::ExpiresAt])
                .values_panic([key.into(), value.into(), until.into()])
                .on_conflict(replace)
                .to_owned();
            tx.execute(&insert).await?;
        }
    }
    Ok(())
}

async fn sweep(tx: &Tx, now: i64) -> Result<(), Fault> {
    let expired = Query::select()
        .column(KeyValueEntry::Key)
        .from(KeyValueEntry::Table)
        .and_where(Expr::col(KeyValueEntry::ExpiresAt).lte(now))
        .limit(SWEEP)
        .to_owned();
    let delete = Query::delete()
        .from_table(KeyValueEntry::Table)
        .and_where(Expr::col(KeyValueEntry::Key).in_subquery(expired))
        .to_owned();
    tx.execute(&delete).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;
    use crate::key_value::contract;

    #[tokio::test(flavor = "multi_thread")]
    async fn a_durable_store_keeps_the_contract_and_what_it_was_given() {
        let folder = tempfile::tempdir().unwrap();
        let clock = Clock::fixed(Timestamp::UNIX_EPOCH);
        let store = durable(folder.path(), clock.clone()).await.unwrap();
        let other = durable(folder.path(), clock.clone()).await.unwrap();
        // Turns between two handles, as two processes on one folder have them.
        let turn = std::sync::atomic::AtomicBool::new(false);
        let open = || {
            let first = turn.fetch_xor(true, std::sync::atomic::Ordering::Relaxed);
            if first { store.clone() } else { other.clone() }
        };
        contract::key_value(contract::Time::Moved(&clock), open).await;
        store.put("kept", Bytes::from_static(b"yes"), None).await.unwrap();
        drop((store, other));
        let reopened = durable(folder.path(), clock).await.unwrap();
        assert_eq!(reopened.get("kept").await.unwrap().unwrap(), "yes");
    }
}
