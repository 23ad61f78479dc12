//! The toolkit that every subgraph stands on: ids, money, time, who may do what, stores, events and serving.
//!
//! # Where to find what
//! | to | look into |
//! | --- | --- |
//! | name things, count money, tell the time | [`id`], [`money`], [`clock`] |
//! | ask who calls and what they may reach | [`principal`], [`permission`], [`auth`] |
//! | write a resolver | [`context`], [`loader`], [`page`], [`budget`], [`metadata`], [`user_error`], [`fault`] |
//! | keep aggregates in tables | [`aggregate`], [`sql`] |
//! | keep aggregates as documents | [`documents`] |
//! | tell others what happened, and hear it | [`event`], [`relay`], [`event_log`], [`consumer`] |
//! | keep files and small values | [`blobs`], [`key_value`] |
//! | put a domain together and run it | [`ports`], [`subgraph`], [`worker`], [`migration`], [`job`], [`check`] |
//! | test it | [`testing`], and a `contract` module beside each port |
//!
//! # A mutation, from the wire to the log
//! 1. [`subgraph::Subgraph::execute`] gets the request with a verified [`principal::Principal`] in its
//!    [`context::RequestContext`].
//! 2. The resolver asks `ctx.may(Action::Update, Resource::Shop)`; the answer is a [`permission::Visibility`],
//!    without which no store can be asked. `ctx.call()` reads idempotency key, expected version and the hash of
//!    the input out of the field's own arguments.
//! 3. [`sql::Repository::change`] loads the aggregate within that scope, checks the guard, runs the domain's pure
//!    decision, and saves rows, event and outcome in one transaction.
//! 4. The [`relay`] wakes, appends the event to the [`event_log`], and takes it out of the outbox once it is
//!    acknowledged there.
//! 5. Each [`consumer::Consumer`] of the topic gets it, and writes its effect together with the event's id.
//!
//! `tests/kit/lamps.rs` is a whole domain in one file, to imitate.

pub mod aggregate;
pub mod auth;
pub mod blobs;
pub mod budget;
pub mod call;
pub mod check;
pub mod clock;
pub mod consumer;
pub mod context;
pub mod documents;
pub mod event;
pub mod event_log;
pub mod fault;
pub mod id;
mod idempotency;
pub mod job;
pub mod key_value;
pub mod loader;
pub mod metadata;
pub mod migration;
pub mod money;
pub mod page;
pub mod permission;
pub mod ports;
pub mod principal;
pub mod relay;
pub mod sql;
pub mod subgraph;
pub mod testing;
mod trace;
pub mod user_error;
pub mod worker;
