//! The toolkit that every subgraph stands on: ids, money, time, who may do what, stores, events and serving.
//!
//! A domain crate reads top-down with these modules: a resolver asks [`context`] for permission and for its
//! store, the store writes through [`sql`] or [`documents`], events leave through the outbox into the
//! [`event_log`], and [`subgraph`] puts it all behind one value that the binary can run in its own process or
//! beside the others.

pub mod aggregate;
pub mod auth;
pub mod blobs;
pub mod call;
pub mod clock;
pub mod consumer;
pub mod context;
pub mod documents;
pub mod event;
pub mod event_log;
pub mod fault;
pub mod id;
pub mod job;
pub mod key_value;
pub mod loader;
pub mod money;
pub mod page;
pub mod permission;
pub mod ports;
pub mod principal;
pub mod relay;
pub mod sql;
pub mod subgraph;
pub mod testing;
pub mod user_error;
