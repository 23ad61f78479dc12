//! Migrations: what brings a store of a subgraph to the form that this version knows.
//!
//! A subgraph lists them beside its consumers and jobs; whoever runs it applies them before it serves. Building a
//! subgraph changes no store, so that a process may print its schema, or read beside the one that writes.

use std::fmt;
use std::sync::Arc;

use futures::future::BoxFuture;

use crate::fault::Fault;

type Up = Arc<dyn Fn() -> BoxFuture<'static, Result<(), Fault>> + Send + Sync>;

/// The migrations of one store. They may be applied any number of times, and broken off in between.
#[derive(Clone)]
pub struct Migration {
    store: String,
    up: Up,
}

impl Migration {
    /// What `up` does to `store`, which is a name for people.
    pub fn new<F>(store: impl Into<String>, up: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<(), Fault>> + Send + 'static,
    {
        Self { store: store.into(), up: Arc::new(move || Box::pin(up())) }
    }

    /// What is brought to its newest form.
    #[must_use]
    pub fn store(&self) -> &str {
        &self.store
    }

    /// Brings the store to the form that this version knows; nothing happens when it is there already.
    pub async fn apply(&self) -> Result<(), Fault> {
        (self.up)().await
    }
}

impl fmt::Debug for Migration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Migration({})", self.store)
    }
}
