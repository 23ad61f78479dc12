//! Jobs: what a subgraph does now and then by itself, such as sweeping what has expired.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use tokio_util::sync::CancellationToken;

use crate::fault::Fault;

type Work = Arc<dyn Fn() -> BoxFuture<'static, Result<(), Fault>> + Send + Sync>;

/// Something done now and then. It must bear being done twice, and being broken off.
#[derive(Clone)]
pub struct Job {
    name: &'static str,
    every: Duration,
    work: Work,
}

impl Job {
    /// A job that runs at the start and then `every` so often, counted from the end of the run before.
    pub fn every<F>(every: Duration, name: &'static str, work: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<(), Fault>> + Send + 'static,
    {
        Self { name, every, work: Arc::new(move || Box::pin(work())) }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Does it once.
    pub async fn once(&self) -> Result<(), Fault> {
        (self.work)().await
    }

    /// Does it until `stop`, which breaks it off. A fault is logged, and the next turn tries again.
    pub async fn run(&self, stop: CancellationToken) {
        let turns = async {
            loop {
                if let Err(fault) = self.once().await {
                    tracing::error!(job = self.name, cause = ?fault, "the job {} failed", self.name);
                }
                tokio::time::sleep(self.every).await;
            }
        };
        let _stopped: Option<()> = stop.run_until_cancelled(turns).await;
    }
}

impl fmt::Debug for Job {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Job({} every {:?})", self.name, self.every)
    }
}
