//! `souk serve`: gateway and every subgraph in one process.

use std::future::ready;
use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Context;
use clap::Args;
use souk_kit::subgraph::{Limits, Subgraph};

use crate::config::Config;
use crate::platform::running::{self, Running};
use crate::platform::{Local, first_start, subgraphs};
use crate::{runtime, telemetry};

#[derive(Debug, Args)]
pub(crate) struct Serve {}

impl Serve {
    pub(crate) fn run(config: &Config) -> anyhow::Result<()> {
        let telemetry = telemetry::start(&config.telemetry, "souk")?;
        let outcome = runtime()?.block_on(serve(config));
        telemetry.flush();
        outcome
    }
}

async fn serve(config: &Config) -> anyhow::Result<()> {
    let (listener, bound) = running::bind(SocketAddr::new(config.gateway.host, config.gateway.port)).await?;
    let mut running = Running::new()?;
    let stop = running.stop();
    let started = stop.run_until_cancelled(Box::pin(start(config, &mut running))).await;
    let Some(local) = started.transpose()? else { return running.until(ready(Ok(()))).await };
    running::announce(bound);
    tracing::info!("Souk is ready: http://{bound}");
    running
        .until(async move {
            local.gateway.serve(listener, stop.cancelled_owned()).await.context("the gateway's server ended")
        })
        .await
}

async fn start(config: &Config, running: &mut Running) -> anyhow::Result<Local> {
    let is_new = first_start::is_ahead(config).await?;
    let local = Local::open(config, &running.stop()).await?;
    running.forget_events(config, &local.ports);
    for subgraph in &local.subgraphs {
        open_own_port(running, config, subgraph, &local).await?;
    }
    // Before anything works in the background: what is told in one go is indexed and counted at a fraction of the cost.
    if config.demo.seed {
        first_start::seed_once(&local.ports, &local.gateway, is_new)
            .await
            .context("the demo cannot be made")?;
    }
    let subgraphs = local.subgraphs.iter().map(|subgraph| subgraph.worker());
    for worker in subgraphs.chain(&local.workers) {
        running.background(worker);
    }
    Ok(local)
}

/// Subgraphs of this process open ports of their own only when they are configured to.
async fn open_own_port(
    running: &mut Running,
    config: &Config,
    subgraph: &Arc<Subgraph>,
    local: &Local,
) -> anyhow::Result<()> {
    let address = &(subgraphs::entry(subgraph.name())?.settings)(config).listen;
    if address.is_empty() {
        return Ok(());
    }
    let address = address.parse().with_context(|| format!("`{}.listen` takes ADDR:PORT", subgraph.name()))?;
    let (listener, bound) = running::bind(address).await?;
    tracing::info!(subgraph = subgraph.name(), "{} listens on http://{bound}/graphql", subgraph.name());
    running.serve_subgraph(subgraph, listener, &local.identity, &local.clock, limits(config));
    Ok(())
}

/// What a request to a subgraph's own port may bring: as much as the gateway lets through.
pub(super) fn limits(config: &Config) -> Limits {
    let gateway = &config.gateway;
    let uploads = &gateway.uploads;
    Limits {
        file: uploads.file_bytes,
        files: uploads.files,
        body: gateway.body_limit_bytes,
        uploads: uploads.at_once,
    }
}
