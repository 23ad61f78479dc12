//! Whether this process has what it needs, asked now and then for `/ready`.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Context;
use reqwest::{Client, Url};
use souk_kit::check::Check;
use souk_kit::subgraph::Subgraph;
use tokio_util::sync::CancellationToken;

const EVERY: Duration = Duration::from_secs(1);
/// How long a process elsewhere may take to answer.
const PATIENCE: Duration = Duration::from_secs(4);

/// What was last found to be missing.
#[derive(Debug, Clone, Default)]
pub(crate) struct Readiness(Arc<Mutex<Option<String>>>);

impl Readiness {
    pub(crate) fn missing(&self) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Asks `subgraph` what it misses until `stop`.
pub(crate) fn watch(subgraph: Arc<Subgraph>, stop: CancellationToken) -> Readiness {
    watching(stop, move || {
        let subgraph = Arc::clone(&subgraph);
        async move {
            let missing = subgraph.worker().missing().await;
            (!missing.is_empty()).then(|| format!("{}: {}", subgraph.name(), missing.join(", ")))
        }
    })
}

/// Asks whether an engine is there until `stop`.
pub(crate) fn watch_engine(engine: Check, stop: CancellationToken) -> Readiness {
    watching(stop, move || {
        let engine = engine.clone();
        async move { engine.passes().await.err().map(|_| engine.what().to_owned()) }
    })
}

/// Asks the process of a subgraph elsewhere, whose GraphQL endpoint is at `url`, whether it is ready until `stop`.
pub(crate) fn watch_elsewhere(
    name: &'static str,
    url: &str,
    stop: CancellationToken,
) -> anyhow::Result<Readiness> {
    let parsed = Url::parse(url).and_then(|endpoint| endpoint.join("ready"));
    let url = parsed.with_context(|| format!("`{url}` is no URL"))?;
    let client = Client::builder().timeout(PATIENCE).no_proxy().build()?;
    Ok(watching(stop, move || {
        let asked = client.get(url.clone()).send();
        async move {
            let is_ready = asked.await.is_ok_and(|answer| answer.status().is_success());
            (!is_ready).then(|| name.to_owned())
        }
    }))
}

fn watching<Asked>(stop: CancellationToken, ask: impl Fn() -> Asked + Send + 'static) -> Readiness
where
    Asked: Future<Output = Option<String>> + Send,
{
    let readiness = Readiness::default();
    let watched = readiness.clone();
    tokio::spawn(async move {
        while stop.run_until_cancelled(tokio::time::sleep(EVERY)).await.is_some() {
            let missing = ask().await;
            let mut found = watched.0.lock().unwrap_or_else(PoisonError::into_inner);
            if *found != missing {
                match (&*found, &missing) {
                    (_, Some(missing)) => tracing::warn!("not there: {missing}"),
                    (Some(missing), None) => tracing::info!("there again: {missing}"),
                    (None, None) => {}
                }
                *found = missing;
            }
        }
    });
    readiness
}
