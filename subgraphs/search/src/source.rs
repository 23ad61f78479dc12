//! Whom the indexer asks for what the catalogue and merchants have, when its projections are built anew: internal
//! operations of theirs, which the host supplies.

use async_trait::async_trait;
use serde::Deserialize;
use souk_kit::fault::Fault;
use souk_kit::id::CompanyId;

use crate::domain::heard::{Category, PriceList, Product};
use crate::market::MarketFacts;

/// A product as the catalogue has it.
#[derive(Debug, Clone, Deserialize)]
pub struct SourceProduct {
    /// Its version: the sequence of the event that told it last.
    pub version: i64,
    /// The product.
    pub state: Product,
}

/// What many products share, as the catalogue or merchants have it.
#[derive(Debug, Clone, Deserialize)]
pub struct SourceShared<S> {
    /// Whose.
    pub company: CompanyId,
    /// Its version: the sequence of the event that told it last.
    pub version: i64,
    /// What it is.
    pub state: S,
}

/// Reads what products are made of, a page at a time.
#[async_trait]
pub trait CatalogSource: Send + Sync {
    /// At most `first` products behind the id `after`, in the order of their ids; unpublished ones included.
    async fn products(&self, after: Option<&str>, first: u32) -> Result<Vec<SourceProduct>, Fault>;

    /// Those of the products that exist.
    async fn products_by_id(&self, ids: &[String]) -> Result<Vec<SourceProduct>, Fault>;

    /// All categories of these companies.
    async fn categories(&self, companies: &[CompanyId]) -> Result<Vec<SourceShared<Category>>, Fault>;

    /// All price lists of these companies.
    async fn price_lists(&self, companies: &[CompanyId]) -> Result<Vec<SourceShared<PriceList>>, Fault>;

    /// Who answers for the companies and shops that products name. Without that, those count of which events have told:
    /// products of any other are not public.
    fn merchants(&self) -> Option<&dyn MarketFacts> {
        None
    }
}
