//! `souk events replay`: has a consumer take events again that it has taken.
//!
//! It moves the group and nothing else: what a store remembers to have taken changes nothing there when it comes again.
//! So this is for a consumer whose store was emptied or put back to an earlier copy.

use std::fmt::Write;

use anyhow::bail;
use clap::Args;
use souk_kit::event_log::{EventLog, Start};

use super::{From, refused};
use crate::platform::consumers::Known;

/// Which consumer, and from where.
#[derive(Debug, Args)]
pub(super) struct Replay {
    /// A consumer, such as `catalog.learn-companies`.
    #[arg(long, value_name = "NAME")]
    pub(super) consumer: String,
    /// From where: `beginning`, `now` to pass over everything, or a time such as 2026-01-31T12:00:00Z.
    #[arg(long, value_name = "WHERE")]
    pub(super) from: From,
    /// Only these of its topics; all without it. May be given several times.
    #[arg(long = "topic", value_name = "TOPIC")]
    pub(super) topics: Vec<String>,
}

impl Replay {
    pub(super) async fn answer(self, log: &dyn EventLog, known: &Known) -> anyhow::Result<String> {
        let mut told = String::new();
        for (consumer, read) in known.called(Some(&self.consumer))? {
            if let Some(other) = self.topics.iter().find(|topic| !read.contains(topic)) {
                bail!("{consumer} does not read `{other}`; it reads {}", read.join(", "));
            }
            let wanted: Vec<_> =
                read.iter().filter(|topic| self.topics.is_empty() || self.topics.contains(topic)).collect();
            let mut places = Vec::new();
            for topic in &wanted {
                // What was tried again is in the topics that it came from, too.
                let is_retry = **topic == souk_kit::consumer::retry_topic(consumer);
                let start = if is_retry && self.topics.is_empty() { Start::End } else { self.from.0 };
                places.extend(log.positions(topic, start).await.map_err(|fault| refused(&fault))?);
            }
            log.reset(consumer, &places).await.map_err(|fault| refused(&fault))?;
            for topic in wanted {
                let lag = log.lag(consumer, std::slice::from_ref(topic)).await;
                let lag = lag.map_err(|fault| refused(&fault))?;
                // Writing to a string cannot fail.
                let _ = writeln!(told, "{consumer}\t{topic}\t{lag} to be taken");
            }
        }
        Ok(told)
    }
}
