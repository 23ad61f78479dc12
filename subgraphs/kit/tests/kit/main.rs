//! The toolkit from outside: the ports' contracts, the write path, serving, consumers, crashes.

#![expect(clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(clippy::unused_async, reason = "the macros want every resolver async")]

mod breaking;
mod consumer;
mod crash;
mod documents;
mod encryption;
mod event_log;
mod lag;
mod lamps;
mod notes;
mod postgres;
mod relays;
mod serve;
mod side;
mod sql;
mod subgraph;
