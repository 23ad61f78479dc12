//! `Documents`: the port for aggregates that are kept as one document each.
//!
//! It is small and typed, not a query language. A collection says which values of a document are indexed and
//! which are unique; queries are a typed set over those. One document holds an aggregate's state, version,
//! pending events and recent idempotency outcomes, and all of them change in one atomic update; nothing else
//! is asked of an engine: no transactions over several documents, no partial indexes, no change streams.
//!
//! [`Documents`] is what an engine implements, on documents without types. [`Repository`] puts on top what is
//! the same for every engine: types, scope, guards, retries, upgrades.

mod change;
mod collection;
mod collection_set;
mod engine;
mod filter;
mod outcomes;
mod repository;
mod view;

pub mod contract;
pub mod sql;

pub use change::{Decided, LARGEST_STATE};
pub use collection::{Collection, Document, Draft, Index};
pub use collection_set::CollectionSet;
pub use engine::{
    DocumentEngines, Documents, Found, LARGEST_RELAYED, Outcome, Pending, Query, RELAYED_AT_ONCE, Record,
    Write,
};
pub use filter::{Direction, Filter, IndexValue, Missing, Sort, Test};
pub use repository::{Listed, Repository, Sought};
pub use view::View;
