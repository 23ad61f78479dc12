//! `Check`: whether something that a process needs is there.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures::future::{BoxFuture, join_all};

use crate::fault::Fault;

/// What takes longer to answer is not there. Who asks for readiness waits a little longer.
const PATIENCE: Duration = Duration::from_secs(3);

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
    /// Why it is not there; silence is a reason, too.
    pub async fn passes(&self) -> Result<(), Fault> {
        let answer = tokio::time::timeout(PATIENCE, (self.ask)()).await;
        answer.unwrap_or_else(|late| Err(Fault::unavailable("it does not answer in time", late)))
    }

    /// Which of `checks` fail, with why. All are asked at once, so that one that is silent does not hide others.
    pub(crate) async fn failing(checks: &[Self]) -> Vec<(&'static str, Fault)> {
        let asked = checks.iter().map(|check| async { Some((check.what(), check.passes().await.err()?)) });
        join_all(asked).await.into_iter().flatten().collect()
    }
}

impl fmt::Debug for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Check").field(&self.what).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn all_that_fail_are_named_and_so_are_those_that_never_answer() {
        let checks = [
            Check::new("one that is silent", std::future::pending),
            Check::new("one that is there", || async { Ok(()) }),
            Check::new("one that refuses", || async { Err(Fault::forbidden()) }),
        ];
        let begun = tokio::time::Instant::now();
        let failing = Check::failing(&checks).await;
        let named: Vec<_> = failing.iter().map(|(what, _)| *what).collect();
        assert_eq!(named, ["one that is silent", "one that refuses"]);
        assert!(failing.first().is_some_and(|(_, fault)| fault.is_transient()), "it may answer later");
        assert_eq!(begun.elapsed(), PATIENCE);
    }
}
