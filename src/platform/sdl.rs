//! Asks a running subgraph for its schema.

use std::time::Duration;

use anyhow::Context;
use serde::Deserialize;

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

/// The SDL of the subgraph `name` at `url`, by the query that the federation subgraph specification gives for it:
/// `_service { sdl }`.
pub(crate) async fn ask(name: &str, url: &str) -> anyhow::Result<String> {
    let context = || format!("subgraph {name}: {url} does not tell its schema");
    let client = reqwest::Client::builder().timeout(Duration::from_secs(10)).no_proxy().build()?;
    let query = serde_json::json!({ "query": "{ _service { sdl } }" });
    let answer = client.post(url).json(&query).send().await.with_context(context)?;
    let answer: Answer = answer.json().await.with_context(context)?;
    Ok(answer.data.with_context(context)?.service.sdl)
}
