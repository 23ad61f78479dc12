//! The subgraph `analytics` and its worker from outside: real stores, no sockets, callers as values.
#![expect(clippy::indexing_slicing, clippy::unwrap_used, reason = "tests")]

mod exactly_once;
mod figures;
mod merchants;
mod plans;
mod poison;
mod popularity;
mod rebuild;
mod replay;
mod side;
mod storefront;
mod tenancy;
mod tracking;
