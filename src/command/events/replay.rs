//! `souk events replay`: has a consumer take events again that it has taken.
//!
//! It moves the group and nothing else: what a store remembers to have taken changes nothing there when it comes again.
//! So this is for a consumer whose store was emptied or put back to an earlier copy.

use std::fmt::Write;

use anyhow::bail;
use clap::Args;
use souk_kit::consumer::retry_topic;
use souk_kit::event_log::Start;
use souk_kit::ports::Ports;

use super::{From, refused};
use crate::platform::consumers::{Known, may_take_again};

/// Which consumer, and from where.
#[derive(Debug, Args)]
pub(super) struct Replay {
    /// A consumer, such as `catalog.learn-companies`.
    #[arg(long, value_name = "NAME")]
    pub(super) consumer: String,
    /// From where: `beginning`, `now` to pass over everything, or a time such as 2026-01-31T12:00:00Z.
    #[arg(long, value_name = "WHERE")]
    pub(super) from: From,
    /// Only these of its topics; without it all but the one of what it is to try again, which only `--from now` passes
    /// over. May be given several times.
    #[arg(long = "topic", value_name = "TOPIC")]
    pub(super) topics: Vec<String>,
}

impl Replay {
    pub(super) async fn answer(self, ports: &Ports, known: &Known) -> anyhow::Result<String> {
        let (mut told, log) = (String::new(), &*ports.events);
        for (consumer, read) in known.called(Some(&self.consumer))? {
            if let Some(other) = self.topics.iter().find(|topic| !read.contains(topic)) {
                bail!("{consumer} does not read `{other}`; it reads {}", read.join(", "));
            }
            may_take_again(ports, consumer, self.from.0).await?;
            // What was tried again is in the topics that it came from, too, and what waits to be tried again may not be.
            let retry = retry_topic(consumer);
            let is_wanted = |topic: &&String| match self.topics.as_slice() {
                [] => **topic != retry || self.from.0 == Start::End,
                wanted => wanted.contains(topic),
            };
            let wanted: Vec<_> = read.iter().filter(is_wanted).collect();
            let mut places = Vec::new();
            for topic in &wanted {
                places.extend(log.positions(topic, self.from.0).await.map_err(|fault| refused(&fault))?);
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
