//! `souk search`: has the indexer build its index anew, beside whatever runs on it.

use std::time::Duration;

use anyhow::{anyhow, bail};
use clap::{Args, Subcommand};
use souk_kit::clock::Clock;
use souk_search::{rebuild_progress, request_rebuild};

use crate::config::Config;
use crate::platform::ports;
use crate::runtime;

/// How often it is asked how far the worker is.
const LOOK: Duration = Duration::from_millis(200);

#[derive(Debug, Args)]
pub(crate) struct Search {
    #[command(subcommand)]
    command: SearchCommand,
}

#[derive(Debug, Subcommand)]
enum SearchCommand {
    /// Build the search index anew while the present one answers, and put it in that one's place. The worker
    /// `search-indexer` does it, here or wherever it runs; this waits until it is done.
    Reindex(Reindex),
}

#[derive(Debug, Args)]
struct Reindex {
    /// Read all products from the catalogue first, instead of what the worker has heard of them.
    #[arg(long)]
    from_source: bool,
    /// How many seconds to wait for a worker to begin before it is an error. The wish stands all the same.
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    wait: u32,
}

impl Search {
    pub(crate) fn run(self, config: &Config) -> anyhow::Result<()> {
        let SearchCommand::Reindex(reindex) = self.command;
        runtime()?.block_on(reindex.run(config))
    }
}

impl Reindex {
    #[expect(clippy::print_stdout, reason = "what the command was asked for")]
    async fn run(self, config: &Config) -> anyhow::Result<()> {
        let clock = Clock::system();
        let ports = ports::open(config, &clock).await?;
        let store = &ports.sessions;
        let asked = request_rebuild(store, self.from_source, clock.now()).await;
        let id = asked.map_err(|fault| anyhow!("the worker cannot be asked: {fault:?}"))?;
        let begun = clock.now();
        loop {
            let progress = rebuild_progress(store, &id).await;
            match progress.map_err(|fault| anyhow!("the worker cannot be asked: {fault:?}"))? {
                Some(progress) if progress.is_done => {
                    if let Some(why) = progress.failed {
                        bail!("the index was not built: {why}");
                    }
                    println!("{} products are in the new index", progress.written);
                    return Ok(());
                }
                None if (clock.now() - begun).num_seconds() > self.wait.into() => {
                    bail!(
                        "no worker `search-indexer` has begun within {} s; it will when it runs",
                        self.wait
                    );
                }
                Some(_) | None => tokio::time::sleep(LOOK).await,
            }
        }
    }
}
