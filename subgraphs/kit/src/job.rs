//! Jobs: what a subgraph does now and then by itself, such as sweeping what has expired.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use tokio_util::sync::CancellationToken;

use crate::fault::Fault;

/// How long a frequent job that fails again and again rests before it tries once more.
const SLOWEST: Duration = Duration::from_secs(1);

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

    /// Does it until `stop`, which breaks it off. A fault is logged, and the next turn tries again: each time later, up
    /// to [`SLOWEST`] or as often as it runs anyway.
    pub async fn run(&self, stop: CancellationToken) {
        let turns = async {
            let mut pause = self.every;
            loop {
                match self.once().await {
                    Ok(()) => pause = self.every,
                    Err(fault) => {
                        tracing::error!(job = self.name, cause = ?fault, "the job {} failed", self.name);
                        pause = (pause * 2).min(SLOWEST).max(self.every);
                    }
                }
                tokio::time::sleep(pause).await;
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

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use tokio::time::Instant;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn what_fails_is_tried_ever_later_until_it_is_well() {
        let times: Arc<Mutex<Vec<u128>>> = Arc::default();
        let (begun, noted) = (Instant::now(), Arc::clone(&times));
        let job = Job::every(Duration::from_millis(100), "test", move || {
            let mut times = noted.lock().unwrap();
            times.push(begun.elapsed().as_millis());
            let is_well = times.len() > 6;
            async move { if is_well { Ok(()) } else { Err(Fault::broken("not yet")) } }
        });
        let stop = CancellationToken::new();
        let stopping = stop.clone();
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(4_750)).await;
            stopping.cancel();
        });
        job.run(stop).await;
        assert_eq!(*times.lock().unwrap(), [0, 200, 600, 1_400, 2_400, 3_400, 4_400, 4_500, 4_600, 4_700]);
    }
}
