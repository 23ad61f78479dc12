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

/// Answers what no event has told yet: internal operations of merchants.
#[async_trait]
pub trait MarketFacts: Send + Sync {
    /// The company, deactivated ones included.
    async fn company(&self, id: CompanyId) -> Result<Option<Versioned<Company>>, Fault>;

    /// The shop, deactivated ones included.
    async fn shop(&self, id: ShopId) -> Result<Option<Versioned<Shop>>, Fault>;
}
