//! Planning and executing: answers through subgraphs must equal the answers of one schema over the same data.
#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that meets the unexpected has failed"
)]

mod allocations;
mod answers;
mod differential;
mod faults;
mod gateway;
mod hostile;
mod judge;
mod operations;
mod planning;
mod resolve;
mod running;
mod script;
mod suite;
mod world;
