//! Search from outside: through its schema, its worker and the events of others.
#![expect(clippy::indexing_slicing, clippy::unwrap_used, reason = "tests")]

mod converging;
mod finding;
mod floor;
mod golden;
mod index;
mod model;
mod poison;
mod rebuilding;
mod reindexing;
mod searching;
mod settings;
mod side;
mod tenancy;
