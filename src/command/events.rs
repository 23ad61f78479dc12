//! `souk events`: looks at the event log of the data folder, beside whatever runs on it.

use std::fmt::Write;

use anyhow::anyhow;
use clap::{Args, Subcommand};
use souk_kit::clock::Clock;
use souk_kit::consumer::{dead_letters, retry, troubled};
use souk_kit::event_log::EventLog;
use souk_kit::fault::Fault;

use crate::config::Config;
use crate::platform::ports;
use crate::runtime;

#[derive(Debug, Args)]
pub(crate) struct Events {
    #[command(subcommand)]
    command: EventsCommand,
}

#[derive(Debug, Subcommand)]
enum EventsCommand {
    /// Events that a consumer could not take.
    #[command(subcommand)]
    Dlq(DeadLetterCommand),
}

#[derive(Debug, Subcommand)]
enum DeadLetterCommand {
    /// Print those that wait to be tried again, from the oldest: when, whose, which event and why.
    List(Of),
    /// Have them tried again by their consumers, where these run or when they are started.
    Retry(Of),
}

#[derive(Debug, Args)]
struct Of {
    /// A consumer, such as `catalog.companies`; all of them without it.
    #[arg(long, value_name = "NAME")]
    consumer: Option<String>,
}

impl Events {
    #[expect(clippy::print_stdout, reason = "the command's answer")]
    pub(crate) fn run(self, config: &Config) -> anyhow::Result<()> {
        let EventsCommand::Dlq(command) = self.command;
        let answer = runtime()?.block_on(async {
            let ports = ports::open(config, &Clock::system()).await?;
            command.answer(&*ports.events).await.map_err(|fault| anyhow!("the event log: {fault:?}"))
        })?;
        print!("{answer}");
        Ok(())
    }
}

impl DeadLetterCommand {
    async fn answer(self, log: &dyn EventLog) -> Result<String, Fault> {
        match self {
            Self::List(of) => list(log, &of.consumers(log).await?).await,
            Self::Retry(of) => {
                let mut told = String::new();
                for consumer in of.consumers(log).await? {
                    let count = retry(log, &consumer).await?;
                    // Writing to a string cannot fail.
                    let _ = writeln!(told, "{consumer}: {count} to be tried again");
                }
                Ok(told)
            }
        }
    }
}

impl Of {
    async fn consumers(self, log: &dyn EventLog) -> Result<Vec<String>, Fault> {
        match self.consumer {
            Some(consumer) => Ok(vec![consumer]),
            None => troubled(log).await,
        }
    }
}

async fn list(log: &dyn EventLog, consumers: &[String]) -> Result<String, Fault> {
    let mut told = String::new();
    for consumer in consumers {
        let mut waiting = dead_letters(log, consumer).await?;
        loop {
            let letters = waiting.next().await?;
            if letters.is_empty() {
                break;
            }
            for letter in letters {
                let at = letter.failed_at.to_rfc3339();
                let from = format!("{}/{}@{}", letter.topic, letter.partition, letter.offset);
                let _ = writeln!(told, "{at}\t{consumer}\t{from}\t{}\t{}", letter.key, letter.reason);
            }
        }
    }
    Ok(told)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn nothing_is_told_of_a_log_without_dead_letters() {
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config::load(None, &[]).unwrap();
        config.data.dir = folder.path().to_owned();
        let ports = ports::open(&config, &Clock::system()).await.unwrap();
        for command in
            [DeadLetterCommand::List(Of { consumer: None }), DeadLetterCommand::Retry(Of { consumer: None })]
        {
            assert_eq!(command.answer(&*ports.events).await.unwrap(), "");
        }
        let one = DeadLetterCommand::Retry(Of { consumer: Some("catalog.companies".to_owned()) });
        assert_eq!(one.answer(&*ports.events).await.unwrap(), "catalog.companies: 0 to be tried again\n");
    }
}
