//! Whether the subgraphs of this process have what they need, asked now and then for `/ready`.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use souk_kit::subgraph::Subgraph;
use tokio_util::sync::CancellationToken;

const EVERY: Duration = Duration::from_secs(1);
/// What takes longer to answer is not there.
const PATIENCE: Duration = Duration::from_secs(5);

/// What was last found of one subgraph.
#[derive(Debug, Clone)]
pub(crate) struct Readiness(Arc<AtomicBool>);

impl Readiness {
    pub(crate) fn holds(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Asks `subgraph` until `stop`.
pub(crate) fn watch(subgraph: Arc<Subgraph>, stop: CancellationToken) -> Readiness {
    let readiness = Readiness(Arc::new(AtomicBool::new(true)));
    let watched = readiness.clone();
    tokio::spawn(async move {
        while stop.run_until_cancelled(tokio::time::sleep(EVERY)).await.is_some() {
            let ready = tokio::time::timeout(PATIENCE, subgraph.worker().ready()).await;
            watched.0.store(matches!(ready, Ok(Ok(()))), Ordering::Relaxed);
        }
    });
    readiness
}
