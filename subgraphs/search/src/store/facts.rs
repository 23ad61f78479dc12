//! The small copy of companies and shops: fed by events, filled on a miss.

use std::sync::Arc;

use sea_orm::ConnectionTrait;
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict, Order, Query};
use serde::Serialize;
use serde::de::DeserializeOwned;
use souk_kit::fault::Fault;
use souk_kit::id::{CompanyId, CompanyKind, Kind, ShopId};
use souk_kit::sql::{Sql, Tx};

use super::api_tables::Fact;
use crate::domain::heard::{Company, Shop};
use crate::market::{MarketFacts, Versioned};

/// How many closed companies each search over all of them leaves out by name.
const MOST_CLOSED: u64 = 1_000;

/// What merchants tell of.
pub(crate) trait Known: Serialize + DeserializeOwned + Sync {
    /// Whether the public sees it.
    fn is_active(&self) -> bool;
}

impl Known for Company {
    fn is_active(&self) -> bool {
        self.active
    }
}

impl Known for Shop {
    fn is_active(&self) -> bool {
        self.active
    }
}

/// The copy.
#[derive(Clone)]
pub(crate) struct Facts {
    sql: Sql,
    merchants: Arc<dyn MarketFacts>,
}

impl Facts {
    pub(crate) fn new(sql: &Sql, merchants: Arc<dyn MarketFacts>) -> Self {
        Self { sql: sql.clone(), merchants }
    }

    /// The company; merchants is asked when no event has told of it.
    pub(crate) async fn company(&self, id: CompanyId) -> Result<Option<Company>, Fault> {
        let key = id.to_string();
        match self.known(&key).await? {
            Some(company) => Ok(Some(company)),
            None => self.keep(&key, self.merchants.companies(&[id]).await?.pop()).await,
        }
    }

    /// The shop; merchants is asked when no event has told of it.
    pub(crate) async fn shop(&self, id: ShopId) -> Result<Option<Shop>, Fault> {
        let key = id.to_string();
        match self.known(&key).await? {
            Some(shop) => Ok(Some(shop)),
            None => self.keep(&key, self.merchants.shops(&[id]).await?.pop()).await,
        }
    }

    /// Companies that the public does not see, the youngest [`MOST_CLOSED`] at most. The index knows of those that have
    /// been closed for a while, and with many products it takes a while to learn of another.
    pub(crate) async fn closed(&self) -> Result<Vec<CompanyId>, Fault> {
        let query = Query::select()
            .column(Fact::Id)
            .from(Fact::Table)
            .and_where(Expr::col(Fact::Active).eq(false))
            .and_where(Expr::col(Fact::Id).like(format!("{}%", CompanyKind::PREFIX)))
            .order_by(Fact::Id, Order::Desc)
            .limit(MOST_CLOSED)
            .to_owned();
        let rows = self.sql.reader().query_all(&query).await?;
        let company = |row: &sea_orm::QueryResult| -> Result<CompanyId, Fault> {
            row.try_get::<String>("", "id")?.parse().map_err(Fault::internal)
        };
        rows.iter().map(company).collect()
    }

    async fn known<T: Known>(&self, id: &str) -> Result<Option<T>, Fault> {
        let query = Query::select()
            .column(Fact::State)
            .from(Fact::Table)
            .and_where(Expr::col(Fact::Id).eq(id))
            .to_owned();
        let Some(row) = self.sql.reader().query_one(&query).await? else { return Ok(None) };
        Ok(Some(serde_json::from_str(&row.try_get::<String>("", "state")?)?))
    }

    async fn keep<T: Known>(&self, id: &str, told: Option<Versioned<T>>) -> Result<Option<T>, Fault> {
        let Some(Versioned { version, fact }) = told else { return Ok(None) };
        let tx = self.sql.begin().await?;
        Self::learn(&tx, id, version, &fact).await?;
        tx.commit().await?;
        Ok(Some(fact))
    }

    /// Takes in what is told of a company or shop, unless something newer is known.
    pub(crate) async fn learn<T: Known>(tx: &Tx, id: &str, version: i64, fact: &T) -> Result<(), Fault> {
        let mut replace = OnConflict::column(Fact::Id);
        replace
            .update_columns([Fact::Version, Fact::State, Fact::Active])
            .action_and_where(Expr::col((Fact::Table, Fact::Version)).lt(version));
        let insert = Query::insert()
            .into_table(Fact::Table)
            .columns([Fact::Id, Fact::Version, Fact::State, Fact::Active])
            .values_panic([
                id.into(),
                version.into(),
                serde_json::to_string(fact)?.into(),
                fact.is_active().into(),
            ])
            .on_conflict(replace)
            .to_owned();
        tx.execute(&insert).await?;
        Ok(())
    }
}
