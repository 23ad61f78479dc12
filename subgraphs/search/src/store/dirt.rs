//! Which products the index does not have as they are, and what the indexer remembers of itself.

use std::cmp::min;
use std::collections::BTreeSet;

use sea_orm::ConnectionTrait;
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict, Order, Query, SelectStatement};
use serde::Serialize;
use serde::de::DeserializeOwned;
use souk_kit::fault::Fault;
use souk_kit::sql::Tx;

use super::indexer_tables::{Memo, Product, ProductPart};
use super::learning::Projections;
use crate::domain::projection::Source;

/// How many products go before those that have waited longer: fewer than are rendered at once, so that no stream of
/// changes holds up the others for good.
const LATEST: u64 = 20;

/// A product at a revision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Revised {
    pub(crate) id: String,
    pub(crate) revision: i64,
}

impl Projections {
    /// Products that the index does not have as they are, the longest waiting first. Where there are more than `limit`,
    /// as when a whole company was closed, the latest few come before them: a change of one product does not wait until
    /// all that came before it is written.
    pub(crate) async fn dirty(&self, limit: u64) -> Result<Vec<Revised>, Fault> {
        let oldest = self.revised(&by_dirt(Order::Asc, limit)).await?;
        if u64::try_from(oldest.len()).is_ok_and(|count| count < limit) {
            return Ok(oldest);
        }
        let mut dirty = self.revised(&by_dirt(Order::Desc, min(LATEST, limit))).await?;
        let latest: BTreeSet<String> = dirty.iter().map(|one| one.id.clone()).collect();
        dirty.extend(oldest.into_iter().filter(|one| !latest.contains(&one.id)));
        dirty.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        Ok(dirty)
    }

    /// The products behind `after`, in the order of their ids.
    pub(crate) async fn walk(&self, after: &str, limit: u64) -> Result<Vec<Revised>, Fault> {
        let query = heads()
            .and_where(Expr::col(Product::Id).gt(after))
            .order_by(Product::Id, Order::Asc)
            .limit(limit)
            .to_owned();
        self.revised(&query).await
    }

    async fn revised(&self, query: &SelectStatement) -> Result<Vec<Revised>, Fault> {
        let rows = self.sql.reader().query_all(query).await?;
        let revised = |row: &sea_orm::QueryResult| -> Result<Revised, Fault> {
            Ok(Revised { id: row.try_get("", "id")?, revision: row.try_get("", "revision")? })
        };
        rows.iter().map(revised).collect()
    }

    /// Whether there are products that the index should have.
    pub(crate) async fn has_clean_products(&self) -> Result<bool, Fault> {
        let query = Query::select()
            .column((Product::Table, Product::Id))
            .from(Product::Table)
            .inner_join(
                ProductPart::Table,
                Expr::col((ProductPart::Table, ProductPart::Product)).equals((Product::Table, Product::Id)),
            )
            .and_where(Expr::col(Product::DirtyAt).is_null())
            .and_where(Expr::col(ProductPart::Source).eq(Source::Product.as_str()))
            .and_where(Expr::col(ProductPart::State).is_not_null())
            .limit(1)
            .to_owned();
        Ok(self.sql.reader().query_one(&query).await?.is_some())
    }

    /// How many products wait for the index, and since when the first of them does.
    pub(crate) async fn backlog(&self) -> Result<(i64, Option<i64>), Fault> {
        let query = Query::select()
            .expr_as(Expr::col(Product::Id).count(), "waiting")
            .expr_as(Expr::col(Product::DirtyAt).min(), "since")
            .from(Product::Table)
            .and_where(Expr::col(Product::DirtyAt).is_not_null())
            .to_owned();
        match self.sql.reader().query_one(&query).await? {
            Some(row) => Ok((row.try_get("", "waiting")?, row.try_get("", "since")?)),
            None => Ok((0, None)),
        }
    }

    /// Notes that the index has these revisions, unless what `key` remembers is no more `expected`: then they stay
    /// dirty. Whether they were noted. A product that has changed since stays dirty in any case.
    pub(crate) async fn settle(
        &self,
        (key, expected): (&str, Option<&str>),
        indexed: &[Revised],
    ) -> Result<bool, Fault> {
        let tx = self.sql.begin().await?;
        if recalled(&tx, key).await?.as_deref() != expected {
            return Ok(false);
        }
        // In the same order everywhere, as several workers settle at once.
        let mut indexed: Vec<&Revised> = indexed.iter().collect();
        indexed.sort_unstable_by(|a, b| a.id.cmp(&b.id));
        for one in indexed {
            let clean = Query::update()
                .table(Product::Table)
                .value(Product::DirtyAt, None::<i64>)
                .and_where(Expr::col(Product::Id).eq(one.id.as_str()))
                .and_where(Expr::col(Product::Revision).eq(one.revision))
                .to_owned();
            tx.execute(&clean).await?;
        }
        tx.commit().await?;
        Ok(true)
    }

    /// What was remembered under `key`, as it is stored.
    pub(crate) async fn recall_text(&self, key: &str) -> Result<Option<String>, Fault> {
        recalled(self.sql.reader(), key).await
    }

    /// What was remembered under `key`.
    pub(crate) async fn recall<V: DeserializeOwned>(&self, key: &str) -> Result<Option<V>, Fault> {
        let text = self.recall_text(key).await?;
        Ok(text.map(|text| serde_json::from_str(&text)).transpose()?)
    }

    /// Remembers `value` under `key`, unless something is remembered there or what `other` remembers is no more
    /// `expected`. Whether it was remembered.
    pub(crate) async fn remember_first(
        &self,
        (key, value): (&str, &str),
        (other, expected): (&str, Option<&str>),
    ) -> Result<bool, Fault> {
        let tx = self.sql.begin().await?;
        if recalled(&tx, key).await?.is_some() || recalled(&tx, other).await?.as_deref() != expected {
            return Ok(false);
        }
        remember(&tx, key, Some(serde_json::to_string(value)?)).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Remembers `value` under `key`; none forgets.
    pub(crate) async fn remember<V: Serialize + Sync + ?Sized>(
        &self,
        key: &str,
        value: Option<&V>,
    ) -> Result<(), Fault> {
        let tx = self.sql.begin().await?;
        remember(&tx, key, value.map(serde_json::to_string).transpose()?).await?;
        Ok(tx.commit().await?)
    }
}

async fn recalled(connection: &impl ConnectionTrait, key: &str) -> Result<Option<String>, Fault> {
    let query = Query::select()
        .column(Memo::Value)
        .from(Memo::Table)
        .and_where(Expr::col(Memo::Key).eq(key))
        .to_owned();
    match connection.query_one(&query).await? {
        Some(row) => Ok(Some(row.try_get("", "value")?)),
        None => Ok(None),
    }
}

async fn remember(tx: &Tx, key: &str, value: Option<String>) -> Result<(), Fault> {
    match value {
        Some(value) => {
            let insert = Query::insert()
                .into_table(Memo::Table)
                .columns([Memo::Key, Memo::Value])
                .values_panic([key.into(), value.into()])
                .on_conflict(OnConflict::column(Memo::Key).update_column(Memo::Value).to_owned())
                .to_owned();
            tx.execute(&insert).await?;
        }
        None => {
            let delete =
                Query::delete().from_table(Memo::Table).and_where(Expr::col(Memo::Key).eq(key)).to_owned();
            tx.execute(&delete).await?;
        }
    }
    Ok(())
}

fn by_dirt(order: Order, limit: u64) -> SelectStatement {
    heads()
        .and_where(Expr::col(Product::DirtyAt).is_not_null())
        .order_by(Product::DirtyAt, order.clone())
        .order_by(Product::Id, order)
        .limit(limit)
        .to_owned()
}

fn heads() -> SelectStatement {
    Query::select().columns([Product::Id, Product::Revision]).from(Product::Table).to_owned()
}

#[cfg(test)]
mod tests {
    use souk_kit::testing::Stage;

    use super::*;
    use crate::store::IndexerTables;

    #[tokio::test]
    async fn a_change_does_not_wait_for_all_that_came_before_it() {
        let stage = Stage::new().await.unwrap();
        let sql = stage.ports.sql(crate::INDEXER).await.unwrap();
        sql.migrate::<IndexerTables>().await.unwrap();
        let projections = Projections::new(&sql);
        let tx = sql.begin().await.unwrap();
        for n in 0..60 {
            let mut note = Query::insert();
            note.into_table(Product::Table).columns([Product::Id, Product::Revision, Product::DirtyAt]);
            note.values_panic([format!("p{n:02}").into(), 1.into(), i64::from(n).into()]);
            tx.execute(&note).await.unwrap();
        }
        tx.commit().await.unwrap();
        let ids = async |limit| -> Vec<String> {
            projections.dirty(limit).await.unwrap().into_iter().map(|one| one.id).collect()
        };
        let named = |numbers: Vec<u32>| numbers.iter().map(|n| format!("p{n:02}")).collect::<Vec<_>>();
        assert_eq!(ids(61).await, named((0..60).collect()));
        assert_eq!(ids(30).await, named((40..60).rev().chain(0..10).collect()));
        assert_eq!(ids(60).await, named((40..60).rev().chain(0..40).collect()), "each once");
    }

    #[tokio::test]
    async fn of_several_who_notice_a_loss_one_remembers_it_and_none_after_it_was_mended() {
        let stage = Stage::new().await.unwrap();
        let sql = stage.ports.sql(crate::INDEXER).await.unwrap();
        sql.migrate::<IndexerTables>().await.unwrap();
        let projections = Projections::new(&sql);
        projections.remember("live", Some("one")).await.unwrap();
        let noted = projections.recall_text("live").await.unwrap();
        let notice = || projections.remember_first(("build", "needed"), ("live", noted.as_deref()));
        assert!(notice().await.unwrap());
        assert!(!notice().await.unwrap());
        assert_eq!(projections.recall::<String>("build").await.unwrap().as_deref(), Some("needed"));
        // Another has built and published meanwhile.
        projections.remember("live", Some("other")).await.unwrap();
        projections.remember::<String>("build", None).await.unwrap();
        assert!(!notice().await.unwrap());
        assert_eq!(projections.recall_text("build").await.unwrap(), None);
    }
}
