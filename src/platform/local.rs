//! The whole platform in this process: stores, subgraphs and the gateway over them. `souk serve` opens it to the
//! network; chores use it as it is.

use std::sync::Arc;

use anyhow::anyhow;
use souk_gateway::Gateway;
use souk_kit::clock::Clock;
use souk_kit::ports::Ports;
use souk_kit::subgraph::Subgraph;
use souk_kit::worker::Worker;
use tokio_util::sync::CancellationToken;

use super::subgraphs::Reach;
use super::{Identity, ports, serving, subgraphs, waiting, workers};
use crate::config::Config;

pub(crate) struct Local {
    pub(crate) clock: Clock,
    pub(crate) ports: Ports,
    pub(crate) identity: Identity,
    /// Those that run in this process; the others are behind their URLs.
    pub(crate) subgraphs: Vec<Arc<Subgraph>>,
    /// Those that serve them.
    pub(crate) workers: Vec<Worker>,
    pub(crate) gateway: Gateway,
}

impl Local {
    /// Opens the stores of the data folder and everything on them.
    pub(crate) async fn open(config: &Config, stop: &CancellationToken) -> anyhow::Result<Self> {
        let clock = Clock::system();
        let (ports, identity) = (ports::open(config, &clock).await?, Identity::open(config, &clock)?);
        let runs_here = |entry: &subgraphs::Entry| (entry.settings)(config).url.is_empty();
        let names = subgraphs::ALL.iter().filter(|entry| runs_here(entry)).map(|entry| entry.name);
        waiting::for_engines(config, &ports, names).await?;
        let subgraphs = subgraphs::build(config, &ports, &identity, runs_here).await?;
        subgraphs::migrate(&subgraphs).await?;
        let workers =
            workers::beside(&ports, &Reach::new(config, &ports, &identity, &subgraphs), config).await?;
        for worker in &workers {
            workers::migrate(worker).await?;
        }
        let gateway = serving::own(config, &identity, &subgraphs, (&clock, &ports.engines), stop).await?;
        Ok(Self { clock, ports, identity, subgraphs, workers, gateway })
    }

    /// Hands what was written on to the event log, so that a process that ends now leaves nothing behind.
    pub(crate) async fn settle(&self) -> anyhow::Result<()> {
        for worker in self.subgraphs.iter().map(|subgraph| subgraph.worker()).chain(&self.workers) {
            let name = worker.name();
            worker
                .relay_pending()
                .await
                .map_err(|fault| anyhow!("events of {name} stay behind: {fault:?}"))?;
        }
        Ok(())
    }
}
