//! What search must know of companies and shops when it is asked: the host supplies whom it asks when no event has
//! told it yet.

use async_trait::async_trait;
use souk_kit::fault::Fault;
use souk_kit::id::{CompanyId, ShopId};

use crate::domain::heard::{Company, Shop};

/// Something with the version that it was told at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Versioned<T> {
    /// Counts its changes: what is older is not taken in place of what is newer.
    pub version: i64,
    /// What it is.
    pub fact: T,
}

/// How many are asked for at once at most.
pub const LARGEST_BATCH: usize = 100;

/// Answers what no event has told yet: internal operations of merchants.
#[async_trait]
pub trait MarketFacts: Send + Sync {
    /// Those of the companies that exist, deactivated ones included; asked for at most [`LARGEST_BATCH`].
    async fn companies(&self, ids: &[CompanyId]) -> Result<Vec<Versioned<Company>>, Fault>;

    /// Those of the shops that exist, deactivated ones included; asked for at most [`LARGEST_BATCH`].
    async fn shops(&self, ids: &[ShopId]) -> Result<Vec<Versioned<Shop>>, Fault>;
}
