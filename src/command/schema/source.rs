//! Subgraphs named on the command line: `NAME=FILE` or `NAME=URL` of a running service.

use std::fs;
use std::time::Duration;

use anyhow::{Context, bail};
use serde::Deserialize;
use souk_gateway::compose::SubgraphSource;

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
                (url.or_else(|| Some(value.clone())), runtime.block_on(ask(name, value))?)
            } else {
                (url, fs::read_to_string(value).with_context(|| format!("subgraph {name}: cannot read {value}"))?)
            };
            Ok(SubgraphSource { name: name.clone(), url, sdl })
        })
        .collect()
}

#[derive(Deserialize)]
struct Answer {
    data: Option<Data>,
}

#[derive(Deserialize)]
struct Data {
    #[serde(rename = "_service")]
    service: Service,
}

#[derive(Deserialize)]
struct Service {
    sdl: String,
}

/// Asks a running subgraph for its schema, as the federation subgraph specification says: `_service { sdl }`.
async fn ask(name: &str, url: &str) -> anyhow::Result<String> {
    let context = || format!("subgraph {name}: {url} does not tell its schema");
    let client = reqwest::Client::builder().timeout(Duration::from_secs(10)).build()?;
    let query = serde_json::json!({ "query": "{ _service { sdl } }" });
    let answer = client.post(url).json(&query).send().await.with_context(context)?;
    let answer: Answer = answer.json().await.with_context(context)?;
    Ok(answer.data.with_context(context)?.service.sdl)
}
