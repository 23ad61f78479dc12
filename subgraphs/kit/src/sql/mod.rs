//! SQL through sea-orm: opening, migrating, and the one way to write an aggregate.
//!
//! A relational subgraph keeps its rows private to its `store/` and reads them through [`Tenanted::visible_to`].
//! It writes through [`Repository::change`] and [`Repository::create`], which put row, outbox event and stored
//! answer into one transaction. SQLite is the embedded side, PostgreSQL the real engine; nothing above this module knows.

mod bounded;
mod database;
mod faults;
mod idempotency;
mod keyset;
mod lean;
mod locks;
mod migration;
mod outbox;
mod postgres;
mod readers;
mod repository;
mod sqlite;
mod sweep;
mod tenanted;

pub use bounded::{Bounded, Reader, Tx};
pub use database::{Access, Durability, IDEMPOTENCY_RETENTION, Sql, SqlOptions, StatementLog};
pub use keyset::{Keyset, SortKey};
pub use lean::{Asked, Lean, ReadOnlyAsked, StandIn};
pub(crate) use migration::KitConsumed;
pub use migration::KitTables;
pub use outbox::SqlOutbox;
pub use postgres::PostgresOptions;
pub use readers::LONGEST_READ;
pub use repository::{Repository, unique_violation};
pub(crate) use sqlite::SqliteFile;
pub use sweep::{sweep, sweeping};
pub use tenanted::{PartOf, Tenanted};
