//! The platform's own supergraph: composed from the subgraphs of this process and those at configured URLs.

use std::sync::Arc;
use std::time::Duration;

use anyhow::bail;
use souk_gateway::compose::{self, SubgraphSource, Supergraph, render};
use souk_kit::subgraph::Subgraph;

use super::sdl;
use super::subgraphs::ALL;
use crate::config::Config;

/// How often a subgraph elsewhere is asked for its schema before the gateway refuses to start, and the first pause
/// between two tries, which doubles.
const TRIES: u32 = 8;
const PAUSE: Duration = Duration::from_millis(250);

/// The schema of every subgraph: of `here`, or from where the configuration says that it runs.
pub(crate) async fn sources(config: &Config, here: &[Arc<Subgraph>]) -> anyhow::Result<Vec<SubgraphSource>> {
    let mut sources = Vec::new();
    for entry in &ALL {
        let url = (entry.settings)(config).url.clone();
        let sdl = match here.iter().find(|subgraph| subgraph.name() == entry.name) {
            Some(subgraph) => subgraph.sdl().to_owned(),
            None if url.is_empty() => {
                bail!("`{0}.url` must say where {0} is, as it does not run in this process", entry.name)
            }
            None => wait_for(entry.name, &url).await?,
        };
        let url = (!url.is_empty()).then_some(url);
        sources.push(SubgraphSource { name: entry.name.to_owned(), url, sdl });
    }
    Ok(sources)
}

/// Composes `sources`.
pub(crate) fn compose(sources: &[SubgraphSource]) -> anyhow::Result<Supergraph> {
    let (supergraph, report) = compose::compose(sources);
    match supergraph {
        Some(supergraph) => Ok(supergraph),
        None => bail!("the subgraphs do not compose:\n{}", render::text(&report, sources)),
    }
}

async fn wait_for(name: &str, url: &str) -> anyhow::Result<String> {
    let mut pause = PAUSE;
    for _ in 1..TRIES {
        match sdl::ask(name, url).await {
            Ok(sdl) => return Ok(sdl),
            Err(error) => tracing::warn!(subgraph = name, "waiting for {name}: {error:#}"),
        }
        tokio::time::sleep(pause).await;
        pause *= 2;
    }
    sdl::ask(name, url).await
}
