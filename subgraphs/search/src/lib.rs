//! Product search: the subgraph `search`, the worker `search-indexer` that keeps its index, and the index itself.
//!
//! The worker hears of products and of all that their documents are made of, keeps a projection of each in a database
//! of its own, and writes documents from that to the index. The subgraph asks the index, and owns what companies say
//! of how their products are found. It answers keys; the catalogue fills in the rest.

pub mod domain;
pub mod error_code;
mod events;
pub mod index;
pub mod market;
mod schema;
pub mod source;
mod store;
mod worker;

use std::sync::Arc;

use souk_kit::fault::Fault;
use souk_kit::ports::Ports;
use souk_kit::sql::{SqlOutbox, sweeping};
use souk_kit::subgraph::Subgraph;

use crate::events::{LearnCompanies, LearnPopular, LearnShops};
use crate::index::SharedSearchIndex;
use crate::market::MarketFacts;
use crate::store::facts::Facts;
use crate::store::popular::PopularSearches;
use crate::store::settings::SettingsStore;

pub use crate::worker::{INDEXER, Progress, indexer, rebuild_progress, request_rebuild};

/// The name in the supergraph, of the database and of the source of its events.
pub const NAME: &str = "search";

/// The subgraph `search` over `index`, which it only asks. `facts` answers for companies and shops of which no event
/// has told yet: internal operations of merchants.
pub async fn subgraph(
    ports: &Ports,
    index: SharedSearchIndex,
    facts: Arc<dyn MarketFacts>,
) -> Result<Subgraph, Fault> {
    let sql = ports.sql(NAME).await?;
    let schema = schema::schema()
        .enable_federation()
        .data(Facts::new(&sql, facts))
        .data(PopularSearches::new(&sql))
        .data(SettingsStore::new(&sql))
        .data(Arc::clone(&index))
        .finish();
    let probe = sql.clone();
    Ok(Subgraph::new(NAME, schema, ports)
        .migration(sql.migration::<store::ApiTables>())
        .outbox(SqlOutbox::new(&sql))
        .consumer(LearnCompanies::new(&sql))
        .consumer(LearnShops::new(&sql))
        .consumer(LearnPopular::new(&sql))
        .job(sweeping("search.sweep", &sql, &ports.clock))
        .check("the database of search", move || {
            let probe = probe.clone();
            async move { Ok(probe.reader().ping().await?) }
        })
        .check("the search index", move || {
            let index = Arc::clone(&index);
            async move { index.check().await }
        }))
}
