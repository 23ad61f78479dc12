//! `souk subgraph`: one subgraph on a port of its own.

use std::net::SocketAddr;

use anyhow::Context;
use clap::Args;
use souk_kit::clock::Clock;
use tokio::net::TcpListener;

use super::serve::limits;
use crate::config::Config;
use crate::platform::running::{self, Running};
use crate::platform::{Identity, ports, subgraphs, waiting};
use crate::{runtime, telemetry};

#[derive(Debug, Args)]
pub(crate) struct Subgraph {
    /// Which one, such as `catalog`.
    #[arg(value_name = "NAME")]
    name: String,
}

impl Subgraph {
    pub(crate) fn run(self, config: Config, listen: Option<SocketAddr>) -> anyhow::Result<()> {
        let entry = subgraphs::entry(&self.name)?;
        let telemetry = telemetry::start(&config.telemetry, &format!("souk-{}", entry.name))?;
        let outcome = runtime()?.block_on(serve(entry, config, listen));
        telemetry.flush();
        outcome
    }
}

async fn serve(
    entry: &'static subgraphs::Entry,
    config: Config,
    listen: Option<SocketAddr>,
) -> anyhow::Result<()> {
    let configured = &(entry.settings)(&config).listen;
    let address = match listen {
        Some(address) => address,
        None => configured.parse().with_context(|| {
            format!("--listen or `{}.listen` must say where to listen, as ADDR:PORT", entry.name)
        })?,
    };
    let (listener, bound) = running::bind(address).await?;
    let mut running = Running::new()?;
    let stop = running.stop();
    let started = stop.run_until_cancelled(Box::pin(start(entry, &config, listener, &mut running))).await;
    if started.transpose()?.is_some() {
        running::announce(bound);
        tracing::info!("{} is ready: http://{bound}/graphql", entry.name);
    }
    running
        .until(async move {
            stop.cancelled().await;
            Ok(())
        })
        .await
}

async fn start(
    entry: &'static subgraphs::Entry,
    config: &Config,
    listener: TcpListener,
    running: &mut Running,
) -> anyhow::Result<()> {
    let clock = Clock::system();
    let (ports, identity) = (ports::open(config, &clock).await?, Identity::open(config, &clock)?);
    waiting::for_engines(config, &ports, [entry.name]).await?;
    running.forget_events(config, &ports);
    let here = subgraphs::build(config, &ports, &identity, |other| other.name == entry.name).await?;
    subgraphs::migrate(&here).await?;
    let subgraph = here.first().context("the subgraph was not built")?;
    running.background(subgraph.worker());
    running.serve_subgraph(subgraph, listener, &identity, &clock, limits(config));
    Ok(())
}
