//! The consumers that this version has, by their names: those who look at the event log must not misspell them.

use std::collections::BTreeMap;

use anyhow::{Context, anyhow, bail};
use chrono::SecondsFormat;
use souk_kit::clock::{Clock, Timestamp};
use souk_kit::event_log::Start;
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

/// Refuses to have `consumer` take events again from there on that it has counted and remembers no more.
pub(crate) async fn may_take_again(ports: &Ports, consumer: &str, from: Start) -> anyhow::Result<()> {
    let earliest = souk_analytics::earliest_replay(ports, consumer).await;
    let earliest = earliest.map_err(|fault| anyhow!("what {consumer} has counted: {fault:?}"))?;
    match earliest.filter(|earliest| is_earlier(from, *earliest)) {
        Some(earliest) => bail!(
            "{consumer} would count twice what it took before {}, the earliest that `--from` may say; to count again \
             what was counted wrongly, run `souk analytics rebuild`",
            earliest.to_rfc3339_opts(SecondsFormat::Micros, true)
        ),
        None => Ok(()),
    }
}

fn is_earlier(from: Start, earliest: Timestamp) -> bool {
    match from {
        Start::Beginning => true,
        Start::At(at) => at < earliest,
        Start::End => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_beginning_is_earlier_than_all_and_an_end_than_nothing() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let earliest = at("2026-03-10T09:00:00Z");
        let cases = [
            (Start::Beginning, true),
            (Start::At(at("2026-03-10T08:59:59.999999Z")), true),
            (Start::At(earliest), false),
            (Start::End, false),
        ];
        for (from, expected) in cases {
            assert_eq!(is_earlier(from, earliest), expected, "{from:?}");
        }
    }

    #[tokio::test]
    async fn who_has_counted_nothing_may_take_all() {
        let folder = tempfile::tempdir().unwrap();
        let opened =
            Ports::embedded(folder.path().to_owned(), Clock::system(), Durability::ProcessCrash).await;
        let ports = opened.unwrap();
        for consumer in ["analytics.fold-visits", "analytics.learn-owners", "catalog.learn-companies"] {
            may_take_again(&ports, consumer, Start::Beginning).await.unwrap();
        }
    }
}
