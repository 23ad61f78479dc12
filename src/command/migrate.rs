//! `souk migrate`: brings the stores to the form that this version knows, and stops.

use clap::Args;
use souk_kit::clock::Clock;

use crate::config::Config;
use crate::platform::subgraphs::Reach;
use crate::platform::{Identity, ports, subgraphs, waiting, workers};
use crate::{runtime, telemetry};

#[derive(Debug, Args)]
pub(crate) struct Migrate {}

impl Migrate {
    pub(crate) fn run(config: &Config) -> anyhow::Result<()> {
        let telemetry = telemetry::start(&config.telemetry, "souk-migrate")?;
        let outcome = runtime()?.block_on(migrate(config));
        telemetry.flush();
        outcome
    }
}

/// Migrates the stores of the subgraphs and workers that this process would run.
async fn migrate(config: &Config) -> anyhow::Result<()> {
    let clock = Clock::system();
    let (ports, identity) = (ports::open(config, &clock).await?, Identity::open(config, &clock)?);
    // The stores themselves are waited for by their migrations.
    waiting::for_engines(config, &ports, []).await?;
    let runs_here = |entry: &subgraphs::Entry| (entry.settings)(config).url.is_empty();
    let here = subgraphs::build(config, &ports, &identity, runs_here).await?;
    subgraphs::migrate(&here).await?;
    for worker in workers::beside(&ports, &Reach::new(config, &ports, &identity, &here), config).await? {
        workers::migrate(&worker).await?;
    }
    Ok(())
}
