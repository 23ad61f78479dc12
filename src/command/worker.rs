//! `souk worker`: one worker, beside subgraphs that run elsewhere.

use std::net::SocketAddr;

use anyhow::Context;
use clap::Args;
use souk_kit::clock::Clock;

use crate::config::Config;
use crate::platform::running::{self, Running};
use crate::platform::subgraphs::Reach;
use crate::platform::{Identity, ports, waiting, workers};
use crate::{runtime, telemetry};

#[derive(Debug, Args)]
pub(crate) struct Worker {
    /// Which one, such as `search-indexer`.
    #[arg(value_name = "NAME")]
    name: String,
}

impl Worker {
    /// Without `listen` it opens no port.
    pub(crate) fn run(self, config: Config, listen: Option<SocketAddr>) -> anyhow::Result<()> {
        let entry = workers::entry(&self.name)?;
        let telemetry = telemetry::start(&config.telemetry, &format!("souk-{}", entry.name))?;
        let outcome = runtime()?.block_on(work(entry, config, listen));
        telemetry.flush();
        outcome
    }
}

async fn work(
    entry: &'static workers::Entry,
    config: Config,
    listen: Option<SocketAddr>,
) -> anyhow::Result<()> {
    let mut running = Running::new()?;
    let stop = running.stop();
    let started = stop.run_until_cancelled(Box::pin(start(entry, &config, listen, &mut running))).await;
    if started.transpose()?.is_some() {
        tracing::info!("{} is at work", entry.name);
    }
    running
        .until(async move {
            stop.cancelled().await;
            Ok(())
        })
        .await
}

async fn start(
    entry: &'static workers::Entry,
    config: &Config,
    listen: Option<SocketAddr>,
    running: &mut Running,
) -> anyhow::Result<()> {
    let clock = Clock::system();
    let (ports, identity) = (ports::open(config, &clock).await?, Identity::open(config, &clock)?);
    waiting::for_engines(config, &ports, [entry.name]).await?;
    running.forget_events(config, &ports);
    let reach = Reach::new(config, &ports, &identity, &[]);
    let here = workers::build(&ports, &reach, |other| other.name == entry.name).await?;
    let worker = here.first().context("the worker was not built")?;
    workers::migrate(worker).await?;
    running.background(worker);
    if let Some(address) = listen {
        let (listener, bound) = running::bind(address).await?;
        running.serve_worker(worker, listener);
        running::announce(bound);
    }
    Ok(())
}
