//! The subgraph `merchants` from outside: real stores, no sockets, callers as values.
#![expect(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "tests")]

mod batches;
mod companies;
mod events;
mod internal;
mod lists;
mod market;
mod naming;
mod near_and_open;
mod nearby;
mod open_now;
mod plans;
mod schema;
mod shops;
mod tenancy;
