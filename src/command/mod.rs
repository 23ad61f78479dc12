//! The command line: one file per command, each with its arguments and what it does.

mod analytics;
mod config;
mod events;
mod gateway;
mod import;
mod migrate;
mod probe;
mod schema;
mod search;
mod seed;
mod serve;
mod subgraph;
mod token;
mod worker;

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::{Args, CommandFactory, Parser, Subcommand};

use crate::config::Config;

/// Souk: a unified-commerce platform served as one federated GraphQL supergraph.
///
/// Without a command, `serve` runs: the whole platform in one process on embedded stores.
#[derive(Debug, Parser)]
#[command(version)]
pub(crate) struct Cli {
    #[command(flatten)]
    flags: Flags,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Args)]
struct Flags {
    /// A configuration file; without it `souk.toml` in the working directory, when there is one.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The folder of the embedded stores.
    #[arg(long, global = true, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Where a serving role listens; port 0 takes any free one. The bound address is the first line on
    /// standard output.
    #[arg(long, global = true, value_name = "ADDR:PORT")]
    listen: Option<SocketAddr>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the gateway and every subgraph in one process (the default).
    Serve(serve::Serve),
    /// Run the gateway alone, over subgraphs that run elsewhere.
    Gateway(gateway::Gateway),
    /// Run one subgraph alone.
    Subgraph(subgraph::Subgraph),
    /// Run one worker alone: what serves a subgraph beside its answers.
    Worker(worker::Worker),
    /// Bring the stores to the schema of this version, and stop.
    Migrate(migrate::Migrate),
    /// Compose, print, check and explain schemas.
    Schema(schema::Schema),
    /// Make the demo company with its shops and products.
    Seed(seed::Seed),
    /// Bring products in from files.
    Import(import::Import),
    /// Sign an access token with the configured key, or that of the data folder.
    Token(token::Token),
    /// Put the figures of analytics in order.
    #[command(subcommand)]
    Analytics(analytics::Analytics),
    /// Build the search index anew.
    Search(search::Search),
    /// Look at the event log.
    Events(events::Events),
    /// Ask a running role whether it is ready: the health check of containers.
    Probe(probe::Probe),
    /// Print the configuration in force, without secrets.
    Config(config::ConfigCommand),
}

impl Command {
    /// Whether the command opens a port.
    fn serves(&self) -> bool {
        match self {
            Self::Serve(_) | Self::Gateway(_) | Self::Subgraph(_) | Self::Worker(_) => true,
            Self::Migrate(_)
            | Self::Schema(_)
            | Self::Seed(_)
            | Self::Import(_)
            | Self::Token(_)
            | Self::Analytics(_)
            | Self::Search(_)
            | Self::Events(_)
            | Self::Probe(_)
            | Self::Config(_) => false,
        }
    }
}

impl Cli {
    /// Reads the configuration and runs the command.
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let Self { flags, command } = self;
        let command = command.unwrap_or(Command::Serve(serve::Serve {}));
        if flags.listen.is_some() && !command.serves() {
            let message =
                "--listen goes with serve, gateway, subgraph and worker: this command opens no port\n";
            Self::command().error(ErrorKind::ArgumentConflict, message).exit();
        }
        match command {
            Command::Serve(serve::Serve {}) => serve::Serve::run(&flags.load()?),
            Command::Gateway(gateway) => gateway.run(flags.load()?),
            Command::Subgraph(subgraph) => {
                let listen = flags.listen;
                subgraph.run(flags.load()?, listen)
            }
            Command::Worker(worker) => {
                let listen = flags.listen;
                worker.run(flags.load()?, listen)
            }
            Command::Migrate(migrate::Migrate {}) => migrate::Migrate::run(&flags.load()?),
            Command::Schema(schema) => schema.run(&flags.load()?),
            Command::Seed(seed::Seed {}) => seed::Seed::run(&flags.load()?),
            Command::Import(import) => import.run(&flags.load()?),
            Command::Token(token) => token.run(&flags.load()?),
            Command::Analytics(analytics) => analytics.run(&flags.load()?),
            Command::Search(search) => search.run(&flags.load()?),
            Command::Events(events) => events.run(&flags.load()?),
            Command::Probe(probe) => probe.run(&flags.load()?),
            Command::Config(config::ConfigCommand {}) => config::ConfigCommand::run(&flags.load()?),
        }
    }
}

impl Flags {
    /// The configuration of the defaults, the file, the environment and these flags.
    fn load(self) -> anyhow::Result<Config> {
        let mut environment: Vec<_> = std::env::vars().collect();
        environment.sort();
        let mut config = Config::load(self.config.as_deref(), &environment)?;
        if let Some(dir) = self.data {
            config.data.dir = dir;
        }
        if let Some(address) = self.listen {
            config.gateway.host = address.ip();
            config.gateway.port = address.port();
        }
        Ok(config)
    }
}
