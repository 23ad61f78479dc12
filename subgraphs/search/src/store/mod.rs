//! The two databases of search: `search-indexer`, which the worker alone writes and the index is made from, and
//! `search`, which the subgraph writes: settings of companies, what it must know of companies and shops, and what others
//! search for.

mod api_tables;
pub(crate) mod dirt;
pub(crate) mod facts;
mod indexer_tables;
pub(crate) mod learning;
pub(crate) mod popular;
pub(crate) mod projected;
mod restoring;
pub(crate) mod settings;
mod spreading;

pub(crate) use api_tables::ApiTables;
pub(crate) use indexer_tables::IndexerTables;
pub(crate) use learning::Projections;
