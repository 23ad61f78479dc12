//! The generated files of `schema/`: each subgraph's schema, the supergraph, and what clients see.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use souk_kit::clock::Clock;
use souk_kit::subgraph::Subgraph;

use super::{Identity, ports, subgraphs, supergraph};
use crate::config::Config;

/// One generated file.
pub(crate) struct File {
    /// Without the ending.
    pub(crate) name: String,
    pub(crate) text: String,
}

/// What the code of this version says, whatever is configured: every subgraph is built on empty stores in a
/// folder that is thrown away.
pub(crate) fn files(config: &Config) -> anyhow::Result<Vec<File>> {
    let folder = tempfile::tempdir().context("no folder for empty stores")?;
    let mut config = config.clone();
    config.data.dir = folder.path().to_owned();
    config.merchants.url.clear();
    config.catalog.url.clear();
    config.analytics.url.clear();
    config.search.url.clear();
    config.on_embedded_stores();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let clock = Clock::system();
        let (ports, identity) = (ports::open(&config, &clock).await?, Identity::open(&config, &clock)?);
        let here = subgraphs::build(&config, &ports, &identity, |_| true).await?;
        print(&config, &here).await
    })
}

async fn print(config: &Config, here: &[Arc<Subgraph>]) -> anyhow::Result<Vec<File>> {
    let sources = supergraph::sources(config, here).await?;
    let supergraph = supergraph::compose(&sources)?;
    let mut files: Vec<_> =
        sources.into_iter().map(|source| File { name: source.name, text: source.sdl }).collect();
    files.push(File { name: "supergraph".to_owned(), text: supergraph.sdl });
    files.push(File { name: "api".to_owned(), text: supergraph.api_sdl });
    Ok(files)
}

/// What clients see.
pub(crate) fn api(config: &Config) -> anyhow::Result<String> {
    let api = files(config)?.into_iter().find(|file| file.name == "api");
    Ok(api.context("the API schema is missing")?.text)
}

/// Writes each file to `folder`.
pub(crate) fn write(files: &[File], folder: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    for file in files {
        let path = folder.join(format!("{}.graphql", file.name));
        fs::write(&path, &file.text).with_context(|| format!("{} cannot be written", path.display()))?;
    }
    Ok(())
}
