//! What the catalogue must know of companies and shops, and whom it asks when no event has told it yet.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use souk_kit::fault::Fault;
use souk_kit::id::{CompanyId, ShopId};
use souk_kit::money::Currency;

/// A company, as far as the catalogue cares.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CompanyFact {
    /// Which.
    pub id: CompanyId,
    /// The currency of prices when nobody asks for another.
    pub currency: Currency,
    /// Whether prices are entered with tax.
    pub prices_include_tax: bool,
    /// Whether the public sees it.
    pub active: bool,
    /// Counts its changes: what is older is not taken in place of what is newer. Events carry it beside.
    #[serde(default)]
    pub version: i64,
}

/// A shop, as far as the catalogue cares.
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

/// How many are asked for at once at most.
pub const LARGEST_BATCH: usize = 100;

/// Answers what no event has told yet: internal operations of merchants, which the host supplies.
#[async_trait]
pub trait CompanyFacts: Send + Sync {
    /// Those of the companies that exist, deactivated ones included; asked for at most [`LARGEST_BATCH`].
    async fn companies(&self, ids: &[CompanyId]) -> Result<Vec<CompanyFact>, Fault>;

    /// Those of the shops that exist, deactivated ones included; asked for at most [`LARGEST_BATCH`].
    async fn shops(&self, ids: &[ShopId]) -> Result<Vec<ShopFact>, Fault>;
}
