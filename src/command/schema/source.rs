//! Subgraphs named on the command line: `NAME=FILE` or `NAME=URL` of a running service.

use std::fs;

use anyhow::{Context, bail};
use souk_gateway::compose::SubgraphSource;

use crate::platform::sdl;

/// A `NAME=VALUE` argument.
#[derive(Debug, Clone)]
pub(super) struct Named {
    pub(super) name: String,
    pub(super) value: String,
}

/// Parses `NAME=VALUE` for clap.
pub(super) fn named(text: &str) -> Result<Named, String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() && !value.is_empty() => {
            Ok(Named { name: name.to_owned(), value: value.to_owned() })
        }
        _ => Err("takes NAME=VALUE, such as products=products.graphql".to_owned()),
    }
}

/// Reads every subgraph; `urls` says where those are served whose schema comes from a file.
pub(super) fn read(subgraphs: &[Named], urls: &[Named]) -> anyhow::Result<Vec<SubgraphSource>> {
    if let Some(stray) = urls.iter().find(|url| subgraphs.iter().all(|subgraph| subgraph.name != url.name)) {
        bail!("--url {}=… names no --subgraph", stray.name);
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    subgraphs
        .iter()
        .map(|Named { name, value }| {
            let url = urls.iter().find(|url| url.name == *name).map(|url| url.value.clone());
            let (url, sdl) = if value.starts_with("http://") || value.starts_with("https://") {
                (url.or_else(|| Some(value.clone())), runtime.block_on(sdl::ask(name, value))?)
            } else {
                (
                    url,
                    fs::read_to_string(value)
                        .with_context(|| format!("subgraph {name}: cannot read {value}"))?,
                )
            };
            Ok(SubgraphSource { name: name.clone(), url, sdl })
        })
        .collect()
}
