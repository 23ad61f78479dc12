//! `souk gateway`: the gateway alone, over our own subgraphs at their URLs or over any supergraph.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use souk_kit::clock::Clock;
use tokio_util::sync::CancellationToken;

use crate::config::Config;
use crate::platform::running::{self, Running};
use crate::platform::{Identity, serving};
use crate::{runtime, telemetry};

#[derive(Debug, Args)]
pub(crate) struct Gateway {
    /// A supergraph SDL (join spec) whose subgraphs are reached at the URLs it gives; a change of the file is served
    /// at once. Without it the platform's own subgraphs are composed, each at its configured `url`.
    #[arg(long, value_name = "FILE")]
    supergraph: Option<PathBuf>,
}

impl Gateway {
    pub(crate) fn run(self, config: Config) -> anyhow::Result<()> {
        let telemetry = telemetry::start(&config.telemetry, "souk-gateway")?;
        let outcome = runtime()?.block_on(serve(self.supergraph, config));
        telemetry.flush();
        outcome
    }
}

async fn serve(supergraph: Option<PathBuf>, config: Config) -> anyhow::Result<()> {
    let (listener, bound) = running::bind(SocketAddr::new(config.gateway.host, config.gateway.port)).await?;
    let running = Running::new()?;
    let stop = running.stop();
    let started = stop.run_until_cancelled(start(supergraph.as_deref(), &config, &stop)).await;
    let Some(gateway) = started.transpose()? else { return Ok(()) };
    running::announce(bound);
    tracing::info!("the gateway is ready: http://{bound}");
    running
        .until(async move {
            let follow = async {
                match &supergraph {
                    Some(path) => gateway.follow(path).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                served = gateway.serve(listener, stop.cancelled_owned()) => served.context("the gateway's server ended"),
                () = follow => Ok(()),
            }
        })
        .await
}

async fn start(
    supergraph: Option<&Path>,
    config: &Config,
    stop: &CancellationToken,
) -> anyhow::Result<souk_gateway::Gateway> {
    if let Some(path) = supergraph {
        let sdl = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        return serving::any(config, sdl).await;
    }
    let clock = Clock::system();
    let identity = Identity::open(config, &clock)?;
    serving::own(config, &identity, &[], (&clock, &[]), stop).await
}
