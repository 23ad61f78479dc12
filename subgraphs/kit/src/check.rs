//! `Check`: whether something that a process needs is there.

use std::fmt;
use std::sync::Arc;

use futures::future::BoxFuture;

use crate::fault::Fault;

/// Whether something that is needed is there. Cheap to clone.
#[derive(Clone)]
pub struct Check {
    what: &'static str,
    ask: Arc<dyn Fn() -> BoxFuture<'static, Result<(), Fault>> + Send + Sync>,
}

impl Check {
    /// `what` is there unless `ask` fails.
    pub fn new<F>(what: &'static str, ask: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<(), Fault>> + Send + 'static,
    {
        Self { what, ask: Arc::new(move || Box::pin(ask())) }
    }

    /// What is asked for, as operators know it.
    #[must_use]
    pub fn what(&self) -> &'static str {
        self.what
    }

    /// Asks.
    ///
    /// # Errors
    /// Why it is not there.
    pub async fn passes(&self) -> Result<(), Fault> {
        (self.ask)().await
    }
}

impl fmt::Debug for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Check").field(&self.what).finish()
    }
}
