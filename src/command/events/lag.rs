//! `souk events lag`: how far the consumers are behind.

use std::fmt::Write;

use clap::Args;
use souk_kit::event_log::EventLog;

use super::{Of, refused};
use crate::platform::consumers::Known;

/// One line per consumer and topic: the consumer, the topic, and how many events it has not taken.
#[derive(Debug, Args)]
pub(super) struct Lag {
    #[command(flatten)]
    pub(super) of: Of,
}

impl Lag {
    pub(super) async fn answer(self, log: &dyn EventLog, known: &Known) -> anyhow::Result<String> {
        let mut told = String::new();
        for (consumer, topics) in known.called(self.of.consumer.as_deref())? {
            for topic in topics {
                let lag = log.lag(consumer, std::slice::from_ref(topic)).await;
                let lag = lag.map_err(|fault| refused(&fault))?;
                // Writing to a string cannot fail.
                let _ = writeln!(told, "{consumer}\t{topic}\t{lag}");
            }
        }
        Ok(told)
    }
}
