//! `souk seed`: makes the demo in a data folder that no server is running on.

use clap::Args;
use tokio_util::sync::CancellationToken;

use crate::config::Config;
use crate::demo;
use crate::platform::{Client, Local};
use crate::{runtime, telemetry};

#[derive(Debug, Args)]
pub(crate) struct Seed {}

impl Seed {
    pub(crate) fn run(config: &Config) -> anyhow::Result<()> {
        let telemetry = telemetry::start(&config.telemetry, "souk-seed")?;
        let outcome = runtime()?.block_on(seed(config));
        telemetry.flush();
        outcome
    }
}

async fn seed(config: &Config) -> anyhow::Result<()> {
    let local = Local::open(config, &CancellationToken::new()).await?;
    demo::seed(&Client::here(local.gateway.clone(), demo::operator())).await?;
    local.settle().await
}
