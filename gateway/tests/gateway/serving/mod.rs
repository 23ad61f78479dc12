//! The gateway over HTTP and without sockets, on a graph of one small subgraph in this process.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that cannot go on fails"
)]

mod bed;
mod conformance;
mod coverage;
mod filtered;
mod guarded;
mod lifecycle;
mod mutated;
mod uploads;
