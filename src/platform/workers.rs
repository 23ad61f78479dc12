//! The workers of the platform that are no part of a subgraph, and what every worker goes through before it runs.

use std::sync::Arc;

use anyhow::{Context, anyhow};
use futures::future::BoxFuture;
use souk_kit::ports::Ports;
use souk_kit::worker::Worker;
use souk_search::source::CatalogSource;

use super::internal::{Catalog, Merchants};
use super::search;
use super::subgraphs::{Reach, refused};
use crate::config::{self, Config};

/// One worker: its name on the command line, the subgraph that it serves, and how it is built.
pub(crate) struct Entry {
    pub(crate) name: &'static str,
    /// It runs in the process of `souk serve` when the subgraph does.
    pub(crate) subgraph: fn(&Config) -> &config::Subgraph,
    build: for<'a> fn(&'a Ports, &'a Reach<'a>) -> BoxFuture<'a, anyhow::Result<Worker>>,
}

/// All of them.
pub(crate) const ALL: [Entry; 2] = [
    Entry {
        name: souk_analytics::NAME,
        subgraph: |config| &config.analytics,
        build: |ports, reach| {
            Box::pin(async move {
                let retention = reach.config.events.retention();
                souk_analytics::worker(ports, retention).await.map_err(|fault| refused(&fault))
            })
        },
    },
    Entry {
        name: souk_search::INDEXER,
        subgraph: |config| &config.search,
        build: |ports, reach| {
            Box::pin(async move {
                let index = search::writer(reach.config)?;
                // Only building the projections anew needs the catalogue, and merchants.
                let (identity, caller) = (reach.identity, souk_search::INDEXER);
                let merchants = reach.transport(souk_merchants::NAME).ok();
                let merchants =
                    merchants.map(|merchants| Merchants::new(merchants, identity.clone(), caller));
                let source =
                    reach.transport(souk_catalog::NAME).ok().map(|catalog| -> Arc<dyn CatalogSource> {
                        Arc::new(Catalog::new(catalog, identity.clone(), caller, merchants))
                    });
                souk_search::indexer(ports, index, source).await.map_err(|fault| refused(&fault))
            })
        },
    },
];

/// The worker called `name`.
pub(crate) fn entry(name: &str) -> anyhow::Result<&'static Entry> {
    ALL.iter().find(|entry| entry.name == name).ok_or_else(|| {
        let names: Vec<_> = ALL.iter().map(|entry| entry.name).collect();
        anyhow!("there is no worker `{name}`; there are {}", names.join(", "))
    })
}

/// Builds those that run where their subgraph does, unless that is elsewhere.
pub(crate) async fn beside(ports: &Ports, reach: &Reach<'_>, config: &Config) -> anyhow::Result<Vec<Worker>> {
    build(ports, reach, |entry| (entry.subgraph)(config).url.is_empty()).await
}

/// Builds those for which `wanted` holds. Their stores stay as they are: see [`migrate`].
pub(crate) async fn build(
    ports: &Ports,
    reach: &Reach<'_>,
    wanted: impl Fn(&Entry) -> bool,
) -> anyhow::Result<Vec<Worker>> {
    let mut here = Vec::new();
    for entry in ALL.iter().filter(|entry| wanted(entry)) {
        let worker = (entry.build)(ports, reach).await;
        here.push(worker.with_context(|| format!("worker {}", entry.name))?);
    }
    Ok(here)
}

/// Brings the stores of a worker to the form that this version knows, before it runs.
pub(crate) async fn migrate(worker: &Worker) -> anyhow::Result<()> {
    let name = worker.name();
    let migrated = worker.migrate().await.map_err(|fault| refused(&fault));
    migrated.with_context(|| format!("the stores of {name} cannot be migrated"))?;
    tracing::info!(worker = name, "{name} is in this version's form");
    Ok(())
}
