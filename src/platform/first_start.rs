//! What the first start on an empty data folder does once: the demo.

use anyhow::anyhow;
use bytes::Bytes;
use souk_gateway::Gateway;
use souk_kit::ports::Ports;

use super::{Client, ports};
use crate::config::Config;
use crate::demo;

/// Remembers how far the demo has come.
const KEY: &str = "demo:seeded";
const BEGUN: &[u8] = b"begun";
const DONE: &[u8] = b"done";

/// Whether there has never been a company: the data folder may hold a signing key all the same.
pub(crate) async fn is_ahead(config: &Config) -> anyhow::Result<bool> {
    Ok(!ports::has_database(config, souk_merchants::NAME).await?)
}

/// Makes the demo when this is the first start, or when the first start was broken off: everything in it is
/// idempotent.
pub(crate) async fn seed_once(ports: &Ports, gateway: &Gateway, is_new: bool) -> anyhow::Result<()> {
    let remembered = ports.sessions.get(KEY).await.map_err(|fault| anyhow!("{fault:?}"))?;
    let is_due = match remembered.as_deref() {
        Some(how_far) => how_far == BEGUN,
        None => is_new,
    };
    if !is_due {
        return Ok(());
    }
    remember(ports, BEGUN).await?;
    let client = Client::here(gateway.clone(), demo::operator());
    demo::seed(&client).await?;
    remember(ports, DONE).await
}

async fn remember(ports: &Ports, how_far: &'static [u8]) -> anyhow::Result<()> {
    let kept = ports.sessions.put(KEY, Bytes::from_static(how_far), None).await;
    kept.map_err(|fault| anyhow!("{fault:?}"))
}
