//! The subgraphs of the platform, and where each one runs.

use std::sync::Arc;

use anyhow::{Context, anyhow};
use futures::future::BoxFuture;
use souk_catalog::MediaBase;
use souk_gateway::transport::{Http, Subgraph as Transport, bounded};
use souk_kit::fault::Fault;
use souk_kit::ports::Ports;
use souk_kit::subgraph::Subgraph;

use super::internal::Merchants;
use super::{Identity, in_process, search, workers};
use crate::config::{self, Config};

/// One subgraph: its name in the supergraph, its section of the configuration, and how it is built.
pub(crate) struct Entry {
    pub(crate) name: &'static str,
    pub(crate) settings: fn(&Config) -> &config::Subgraph,
    /// Beginnings of the paths that it serves beside GraphQL.
    pub(crate) files: &'static [&'static str],
    build: for<'a> fn(&'a Ports, &'a Reach<'a>) -> BoxFuture<'a, anyhow::Result<Subgraph>>,
}

/// All of them. One that asks another stands below it.
pub(crate) const ALL: [Entry; 4] = [
    Entry {
        name: souk_merchants::NAME,
        settings: |config| &config.merchants,
        files: &[],
        build: |ports, _| {
            Box::pin(async move { souk_merchants::subgraph(ports).await.map_err(|fault| refused(&fault)) })
        },
    },
    Entry {
        name: souk_catalog::NAME,
        settings: |config| &config.catalog,
        files: &["/media"],
        build: |ports, reach| {
            Box::pin(async move {
                let merchants = reach.transport(souk_merchants::NAME)?;
                let facts = Merchants::new(merchants, reach.identity.clone(), souk_catalog::NAME);
                let media = MediaBase::below(reach.public_url()?);
                souk_catalog::subgraph(ports, Arc::new(facts), media).await.map_err(|fault| refused(&fault))
            })
        },
    },
    Entry {
        name: souk_analytics::NAME,
        settings: |config| &config.analytics,
        files: &[],
        build: |ports, reach| {
            Box::pin(async move {
                let merchants = reach.transport(souk_merchants::NAME)?;
                let facts = Merchants::new(merchants, reach.identity.clone(), souk_analytics::NAME);
                souk_analytics::subgraph(ports, Arc::new(facts)).await.map_err(|fault| refused(&fault))
            })
        },
    },
    Entry {
        name: souk_search::NAME,
        settings: |config| &config.search,
        files: &[],
        build: |ports, reach| {
            Box::pin(async move {
                let merchants = reach.transport(souk_merchants::NAME)?;
                let facts = Merchants::new(merchants, reach.identity.clone(), souk_search::NAME);
                let index = search::reader(reach.config)?;
                souk_search::subgraph(ports, index, Arc::new(facts)).await.map_err(|fault| refused(&fault))
            })
        },
    },
];

/// How the subgraphs that are built already are reached: a call in this process, or the configured URL.
pub(crate) struct Reach<'a> {
    pub(super) config: &'a Config,
    pub(super) identity: &'a Identity,
    here: &'a [Arc<Subgraph>],
    ports: &'a Ports,
}

impl<'a> Reach<'a> {
    pub(crate) fn new(
        config: &'a Config,
        ports: &'a Ports,
        identity: &'a Identity,
        here: &'a [Arc<Subgraph>],
    ) -> Self {
        Self { config, identity, here, ports }
    }

    fn public_url(&self) -> anyhow::Result<&str> {
        let url = self.config.api.public_url.as_str();
        let is_web = reqwest::Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
        if url.is_empty() || is_web {
            return Ok(url);
        }
        Err(anyhow!("`api.public_url` takes an address such as https://api.shop.example, not `{url}`"))
    }

    pub(super) fn transport(&self, name: &str) -> anyhow::Result<Arc<dyn Transport>> {
        let bounds = self.config.gateway.subgraphs.bounds();
        if let Some(here) = self.here.iter().find(|subgraph| subgraph.name() == name) {
            return Ok(bounded(
                name,
                in_process::transport(Arc::clone(here), self.ports.clock.clone()),
                &bounds,
            ));
        }
        let entry = entry(name)?;
        let url = &(entry.settings)(self.config).url;
        if url.is_empty() {
            return Err(anyhow!("`{name}.url` must say where {name} is, as it does not run in this process"));
        }
        let options = self.config.gateway.subgraphs.http_options();
        let http = Http::new(url, &options).with_context(|| format!("`{name}.url`"))?;
        Ok(bounded(name, Arc::new(http), &bounds))
    }
}

/// The subgraph called `name`.
pub(crate) fn entry(name: &str) -> anyhow::Result<&'static Entry> {
    ALL.iter().find(|entry| entry.name == name).ok_or_else(|| {
        let names: Vec<_> = ALL.iter().map(|entry| entry.name).collect();
        anyhow!("there is no subgraph `{name}`; there are {}", names.join(", "))
    })
}

/// Builds those subgraphs for which `wanted` holds, in order. Their stores stay as they are: see [`migrate`].
pub(crate) async fn build(
    config: &Config,
    ports: &Ports,
    identity: &Identity,
    wanted: impl Fn(&Entry) -> bool,
) -> anyhow::Result<Vec<Arc<Subgraph>>> {
    let mut here = Vec::new();
    for entry in ALL.iter().filter(|entry| wanted(entry)) {
        let reach = Reach::new(config, ports, identity, &here);
        let subgraph =
            (entry.build)(ports, &reach).await.with_context(|| format!("subgraph {}", entry.name))?;
        here.push(Arc::new(subgraph));
    }
    Ok(here)
}

/// Brings the stores of subgraphs that are built here to the form that this version knows, before they serve.
pub(crate) async fn migrate(here: &[Arc<Subgraph>]) -> anyhow::Result<()> {
    for subgraph in here {
        workers::migrate(subgraph.worker()).await?;
    }
    Ok(())
}

/// How the subgraph called `name` is reached from outside of it: at its configured URL, or built here.
pub(crate) async fn reach(
    config: &Config,
    ports: &Ports,
    identity: &Identity,
    name: &str,
) -> anyhow::Result<Arc<dyn Transport>> {
    let here = match (entry(name)?.settings)(config).url.as_str() {
        "" => build(config, ports, identity, |entry| entry.name == name).await?,
        _ => Vec::new(),
    };
    Reach::new(config, ports, identity, &here).transport(name)
}

pub(super) fn refused(fault: &Fault) -> anyhow::Error {
    anyhow!("{fault:?}")
}
