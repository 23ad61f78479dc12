//! Waiting at start-up for those engines that no migration waits for.

use anyhow::anyhow;
use souk_engines::wait::until_there;
use souk_kit::ports::Ports;

use super::{ports, search};
use crate::config::Config;

/// Waits, and says for which in the log, until the engines are there that a process needs in which subgraphs and
/// workers of these names run.
pub(crate) async fn for_engines<'n>(
    config: &Config,
    ports: &Ports,
    names: impl IntoIterator<Item = &'n str>,
) -> anyhow::Result<()> {
    for engine in &ports.engines {
        let what = engine.what();
        until_there(what, || engine.passes())
            .await
            .map_err(|fault| anyhow!("{what} does not take us: {fault:?}"))?;
    }
    for name in names {
        match name {
            souk_search::NAME | souk_search::INDEXER => search::wait(config).await?,
            // The subgraph only reads what the worker of its name migrates.
            souk_analytics::NAME => {
                ports::has_database(config, name).await?;
            }
            _ => {}
        }
    }
    Ok(())
}
