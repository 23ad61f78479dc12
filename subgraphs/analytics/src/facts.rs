//! What analytics must know of companies and shops: from the copy that their events feed, and from merchants when no
//! event has told yet.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use moka::future::Cache;
use serde::{Deserialize, Serialize};
use souk_kit::fault::Fault;
use souk_kit::id::{CompanyId, ShopId};
use souk_kit::sql::Sql;

use crate::store;

/// A company, as far as analytics cares.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CompanyFact {
    /// Which.
    pub id: CompanyId,
    /// The IANA time zone that its days begin in.
    #[serde(alias = "timeZone")]
    pub time_zone: String,
    /// Whether the public sees it.
    pub active: bool,
    /// Counts its changes: what is older is not taken in place of what is newer. Events carry it beside.
    #[serde(default)]
    pub version: i64,
}

/// A shop, as far as analytics cares.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShopFact {
    /// Which.
    pub id: ShopId,
    /// Whose.
    #[serde(alias = "company_id")]
    pub company: CompanyId,
    /// Whether the public sees it.
    pub active: bool,
    /// Counts its changes: what is older is not taken in place of what is newer. Events carry it beside.
    #[serde(default)]
    pub version: i64,
}

/// Answers what no event has told yet: an internal operation of merchants, which the host supplies.
#[async_trait]
pub trait MerchantFacts: Send + Sync {
    /// The company, deactivated ones included.
    async fn company(&self, id: CompanyId) -> Result<Option<CompanyFact>, Fault>;

    /// The shop, deactivated ones included.
    async fn shop(&self, id: ShopId) -> Result<Option<ShopFact>, Fault>;
}

/// How long a fact is believed without a look at the copy.
const BELIEVED: Duration = Duration::from_secs(2);
/// Facts that a process remembers, those of what does not exist included.
const REMEMBERED: u64 = 10_000;

/// The facts as resolvers ask for them. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Facts {
    sql: Sql,
    merchants: Arc<dyn MerchantFacts>,
    companies: Cache<CompanyId, Option<Arc<CompanyFact>>>,
    shops: Cache<ShopId, Option<Arc<ShopFact>>>,
}

impl Facts {
    pub(crate) fn new(sql: Sql, merchants: Arc<dyn MerchantFacts>) -> Self {
        Self {
            sql,
            merchants,
            companies: Cache::builder().max_capacity(REMEMBERED).time_to_live(BELIEVED).build(),
            shops: Cache::builder().max_capacity(REMEMBERED).time_to_live(BELIEVED).build(),
        }
    }

    /// The company, deactivated ones included.
    pub(crate) async fn company(&self, id: CompanyId) -> Result<Option<Arc<CompanyFact>>, Fault> {
        let look = async {
            // Where the worker has made no tables yet there is no copy either.
            let known = store::facts::company(&self.sql, id).await.ok().flatten();
            let fact = match known {
                Some(fact) => Some(fact),
                None => self.merchants.company(id).await?,
            };
            Ok::<_, Fault>(fact.map(Arc::new))
        };
        self.companies.try_get_with(id, look).await.map_err(|fault| (*fault).clone())
    }

    /// The shop, deactivated ones included.
    pub(crate) async fn shop(&self, id: ShopId) -> Result<Option<Arc<ShopFact>>, Fault> {
        let look = async {
            let known = store::facts::shop(&self.sql, id).await.ok().flatten();
            let fact = match known {
                Some(fact) => Some(fact),
                None => self.merchants.shop(id).await?,
            };
            Ok::<_, Fault>(fact.map(Arc::new))
        };
        self.shops.try_get_with(id, look).await.map_err(|fault| (*fault).clone())
    }
}
