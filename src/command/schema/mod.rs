//! `souk schema`: composing any federated graph, and the schema of our own.

mod check;
mod compose;
mod explain;
mod print;
mod source;

use clap::{Args, Subcommand};

use crate::config::Config;

#[derive(Debug, Args)]
pub(crate) struct Schema {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Compose subgraphs, from files or running services, into a supergraph.
    Compose(compose::Compose),
    /// Print the platform's own schemas.
    Print(print::Print),
    /// Refuse changes that break clients of the checked-in schema.
    Check(check::Check),
    /// Say what a code of composition means, with examples.
    Explain(explain::Explain),
}

impl Schema {
    pub(crate) fn run(self, config: &Config) -> anyhow::Result<()> {
        match self.command {
            Command::Compose(compose) => compose.run(),
            Command::Print(print) => print.run(config),
            Command::Check(check) => check.run(config),
            Command::Explain(explain) => explain.run(),
        }
    }
}
