//! `souk analytics`: puts the figures of analytics in order.

use anyhow::anyhow;
use clap::Subcommand;
use souk_kit::clock::Clock;

use crate::config::Config;
use crate::platform::ports;
use crate::runtime;

#[derive(Debug, Subcommand)]
pub(crate) enum Analytics {
    /// Count again the hours that the event log still holds, to the same figures, and leave earlier ones alone.
    ///
    /// On embedded stores the worker must not run meanwhile; on PostgreSQL it waits.
    Rebuild,
}

impl Analytics {
    #[expect(clippy::print_stdout, reason = "the command's answer")]
    pub(crate) fn run(self, config: &Config) -> anyhow::Result<()> {
        let Self::Rebuild = self;
        let rebuilt = runtime()?.block_on(async {
            let ports = ports::open(config, &Clock::system()).await?;
            let rebuilt = souk_analytics::rebuild(&ports, config.events.retention()).await;
            rebuilt.map_err(|fault| anyhow!("the figures cannot be rebuilt: {fault:?}"))
        })?;
        println!("{} events counted again from {}", rebuilt.events, rebuilt.from.to_rfc3339());
        Ok(())
    }
}
