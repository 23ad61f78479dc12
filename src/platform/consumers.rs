//! The consumers that this version has, by their names: those who look at the event log must not misspell them.

use std::collections::BTreeMap;

use anyhow::{Context, anyhow};
use souk_kit::clock::Clock;
use souk_kit::ports::Ports;
use souk_kit::sql::Durability;

use super::subgraphs::Reach;
use super::{Identity, subgraphs, workers};
use crate::config::Config;

/// Every consumer with the topics that it reads.
pub(crate) struct Known(BTreeMap<&'static str, Vec<String>>);

impl Known {
    /// Those of all subgraphs and workers, wherever they run: they are built on empty stores in a folder that is thrown
    /// away.
    pub(crate) async fn new(config: &Config) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir().context("no folder for empty stores")?;
        let mut config = config.clone();
        config.data.dir = folder.path().to_owned();
        let clock = Clock::system();
        let opened = Ports::embedded(folder.path().to_owned(), clock.clone(), Durability::ProcessCrash).await;
        let ports = opened.map_err(|fault| anyhow!("no empty stores: {fault:?}"))?;
        let identity = Identity::open(&config, &clock)?;
        let subgraphs = subgraphs::build(&config, &ports, &identity, |_| true).await?;
        let reach = Reach::new(&config, &ports, &identity, &subgraphs);
        let beside = workers::build(&ports, &reach, |_| true).await?;
        let workers = subgraphs.iter().map(|subgraph| subgraph.worker()).chain(&beside);
        let consumers = workers.flat_map(souk_kit::worker::Worker::consumers);
        Ok(Self(consumers.map(|consumer| (consumer.name(), consumer.topics())).collect()))
    }

    /// All of them, or only that called `name`. An error names those that there are.
    pub(crate) fn called(&self, name: Option<&str>) -> anyhow::Result<Vec<(&'static str, &[String])>> {
        let found: Vec<_> = self
            .0
            .iter()
            .filter(|(known, _)| name.is_none_or(|name| name == **known))
            .map(|(known, topics)| (*known, topics.as_slice()))
            .collect();
        match name {
            Some(name) if found.is_empty() => {
                let names: Vec<_> = self.0.keys().copied().collect();
                Err(anyhow!("there is no consumer `{name}`; there are {}", names.join(", ")))
            }
            _ => Ok(found),
        }
    }
}
