//! `souk config`: what configuration is in force.

use clap::Args;

use crate::config::Config;

#[derive(Debug, Args)]
pub(crate) struct ConfigCommand {}

impl ConfigCommand {
    #[expect(clippy::print_stdout, reason = "the command's answer")]
    pub(crate) fn run(config: &Config) -> anyhow::Result<()> {
        print!("{}", config.print()?);
        Ok(())
    }
}
