//! `souk probe`: asks a running role whether it is ready, so that an image needs no other client.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use anyhow::{Context, bail};
use clap::Args;

use crate::config::Config;
use crate::runtime;

/// What takes longer is not ready.
const PATIENCE: Duration = Duration::from_secs(4);

#[derive(Debug, Args)]
pub(crate) struct Probe {
    /// The address to ask; without it `/ready` of the configured gateway on this machine.
    #[arg(value_name = "URL")]
    url: Option<reqwest::Url>,
}

impl Probe {
    /// Fails with what is missing when the answer is anything but success.
    pub(crate) fn run(self, config: &Config) -> anyhow::Result<()> {
        let url = match self.url {
            Some(url) => url,
            None => gateway(config).parse()?,
        };
        runtime()?.block_on(ask(url))
    }
}

fn gateway(config: &Config) -> String {
    let host = match config.gateway.host {
        host if host.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        host => host,
    };
    format!("http://{}/ready", SocketAddr::new(host, config.gateway.port))
}

async fn ask(url: reqwest::Url) -> anyhow::Result<()> {
    let client = reqwest::Client::builder().timeout(PATIENCE).no_proxy().build()?;
    let answer = client.get(url.clone()).send().await.with_context(|| format!("{url} does not answer"))?;
    let status = answer.status();
    if !status.is_success() {
        bail!("{url} answers {status}: {}", answer.text().await.unwrap_or_default());
    }
    Ok(())
}
