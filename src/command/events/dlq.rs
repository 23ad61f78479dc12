//! `souk events dlq`: the events that consumers could not take, and another try for them.

use std::fmt::Write;

use clap::Subcommand;
use souk_kit::consumer::{DeadLetter, dead_letters, retry, troubled};
use souk_kit::event_log::EventLog;
use souk_kit::fault::Fault;

use super::{Of, refused};
use crate::platform::consumers::Known;

#[derive(Debug, Subcommand)]
pub(super) enum DeadLetterCommand {
    /// Print those that wait to be tried again, from the oldest: when, whose, where the event stands, its key and why.
    ///
    /// A line each, with tabs between: when it was given up, the consumer, TOPIC/PARTITION@OFFSET of the event in the
    /// log, its key, the reason.
    List(Of),
    /// Have them tried again by their consumers, where these run or when they are started.
    ///
    /// To be done when what caused them was mended, such as after a newer version was deployed. Each takes effect once,
    /// however often this is run; one that is older than what the consumer has learnt since changes nothing. What fails
    /// again waits again. What was no JSON, or too large to be kept whole, cannot be tried again and waits on: it is told
    /// with TOPIC/PARTITION@OFFSET, where it stands in the log.
    Retry(Of),
}

impl DeadLetterCommand {
    pub(super) async fn answer(self, log: &dyn EventLog, known: &Known) -> anyhow::Result<String> {
        let (Self::List(of) | Self::Retry(of)) = &self;
        let consumers = of.consumers(log, known).await?;
        let told = match self {
            Self::List(_) => list(log, &consumers).await,
            Self::Retry(_) => try_again(log, &consumers).await,
        };
        told.map_err(|fault| refused(&fault))
    }
}

impl Of {
    /// Those that have dead letters, or the one that is named: also one that an older version had.
    async fn consumers(&self, log: &dyn EventLog, known: &Known) -> anyhow::Result<Vec<String>> {
        let troubled = troubled(log).await.map_err(|fault| refused(&fault))?;
        match &self.consumer {
            None => Ok(troubled),
            Some(name) if troubled.contains(name) => Ok(vec![name.clone()]),
            Some(name) => {
                Ok(known.called(Some(name))?.into_iter().map(|(name, _)| name.to_owned()).collect())
            }
        }
    }
}

async fn try_again(log: &dyn EventLog, consumers: &[String]) -> Result<String, Fault> {
    let mut told = String::new();
    for consumer in consumers {
        let count = retry(log, consumer).await?;
        // Writing to a string cannot fail.
        let _ = writeln!(told, "{consumer}: {count} to be tried again");
        let why = "it was no JSON, or too large to be kept whole";
        each(log, consumer, |letter| {
            if !letter.is_whole() {
                let _ = writeln!(told, "{consumer}: {} cannot be tried again: {why}", place(letter));
            }
        })
        .await?;
    }
    Ok(told)
}

async fn list(log: &dyn EventLog, consumers: &[String]) -> Result<String, Fault> {
    let mut told = String::new();
    for consumer in consumers {
        each(log, consumer, |letter| {
            let (at, from) = (letter.failed_at.to_rfc3339(), place(letter));
            let _ = writeln!(told, "{at}\t{consumer}\t{from}\t{}\t{}", letter.key, letter.reason);
        })
        .await?;
    }
    Ok(told)
}

/// Gives `tell` each letter that waits.
async fn each(log: &dyn EventLog, consumer: &str, mut tell: impl FnMut(&DeadLetter)) -> Result<(), Fault> {
    let mut waiting = dead_letters(log, consumer).await?;
    loop {
        let letters = waiting.next().await?;
        if letters.is_empty() {
            return Ok(());
        }
        letters.iter().for_each(&mut tell);
    }
}

/// Where the event of `letter` stands in the log.
fn place(letter: &DeadLetter) -> String {
    format!("{}/{}@{}", letter.topic, letter.partition, letter.offset)
}

#[cfg(test)]
mod tests {
    use souk_kit::clock::Clock;
    use souk_kit::consumer::{dead_letter_topic, retry_topic};
    use souk_kit::event_log::Start;

    use super::*;
    use crate::command::events::{From, lag, replay};
    use crate::config::Config;
    use crate::platform::ports;

    struct Scene {
        ports: souk_kit::ports::Ports,
        known: Known,
        _folder: tempfile::TempDir,
    }

    async fn scene() -> Scene {
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config::load(None, &[]).unwrap();
        config.data.dir = folder.path().to_owned();
        let ports = ports::open(&config, &Clock::system()).await.unwrap();
        Scene { ports, known: Known::new(&config).await.unwrap(), _folder: folder }
    }

    fn of(consumer: Option<&str>) -> Of {
        Of { consumer: consumer.map(str::to_owned) }
    }

    #[tokio::test]
    async fn nothing_is_told_of_a_log_without_dead_letters() {
        let scene = scene().await;
        let log = &*scene.ports.events;
        for command in [DeadLetterCommand::List(of(None)), DeadLetterCommand::Retry(of(None))] {
            assert_eq!(command.answer(log, &scene.known).await.unwrap(), "");
        }
        let one = DeadLetterCommand::Retry(of(Some("catalog.learn-companies")));
        let told = one.answer(log, &scene.known).await.unwrap();
        assert_eq!(told, "catalog.learn-companies: 0 to be tried again\n");
    }

    #[tokio::test]
    async fn what_will_never_be_an_event_is_told_and_stays_a_dead_letter() {
        let scene = scene().await;
        let log = &*scene.ports.events;
        let consumer = "catalog.learn-companies";
        let letter = |offset: i64, event: serde_json::Value| {
            let letter = serde_json::json!({
                "consumer": consumer, "reason": "why", "failed_at": "2026-01-31T12:00:00Z",
                "topic": "company.events", "partition": 0, "offset": offset, "key": "k", "event": event,
            });
            souk_kit::event_log::Record::new(dead_letter_topic(consumer), "k", letter.to_string())
        };
        let (whole, beginning) = (serde_json::json!({ "id": "e" }), serde_json::json!("not JSON"));
        log.append(vec![letter(7, beginning), letter(8, whole)]).await.unwrap();
        let cannot = format!(
            "{consumer}: company.events/0@7 cannot be tried again: it was no JSON, or too large to be kept whole\n"
        );
        for count in [1, 0] {
            let told = DeadLetterCommand::Retry(of(None)).answer(log, &scene.known).await.unwrap();
            assert_eq!(told, format!("{consumer}: {count} to be tried again\n{cannot}"));
            let listed = DeadLetterCommand::List(of(None)).answer(log, &scene.known).await.unwrap();
            assert_eq!(
                listed,
                format!("2026-01-31T12:00:00+00:00\t{consumer}\tcompany.events/0@7\tk\twhy\n")
            );
        }
        let mut retried = 0;
        for from in log.positions(&retry_topic(consumer), Start::Beginning).await.unwrap() {
            retried += log.read(&from, 10).await.unwrap().len();
        }
        assert_eq!(retried, 1);
    }

    #[tokio::test]
    async fn who_misspells_a_consumer_is_told_those_that_there_are() {
        let scene = scene().await;
        let one = DeadLetterCommand::Retry(of(Some("catalog.learn-company")));
        let refused = one.answer(&*scene.ports.events, &scene.known).await.unwrap_err().to_string();
        assert!(refused.starts_with("there is no consumer `catalog.learn-company`; there are "), "{refused}");
        assert!(refused.contains("catalog.learn-companies"), "{refused}");
    }

    #[tokio::test]
    async fn a_consumer_takes_again_what_it_is_put_back_to() {
        let scene = scene().await;
        let log = &*scene.ports.events;
        let topic = "company.events";
        let records = (0..3).map(|n| souk_kit::event_log::Record::new(topic, "k", n.to_string()));
        log.append(records.collect()).await.unwrap();
        let replay = |from: &str| replay::Replay {
            consumer: "catalog.learn-companies".to_owned(),
            from: from.parse::<From>().unwrap(),
            topics: Vec::new(),
        };
        let behind = async || {
            let told =
                lag::Lag { of: of(Some("catalog.learn-companies")) }.answer(log, &scene.known).await.unwrap();
            let lag =
                told.lines().find_map(|line| line.strip_prefix("catalog.learn-companies\tcompany.events\t"));
            lag.and_then(|lag| lag.parse::<u64>().ok())
        };
        assert_eq!(behind().await, Some(3));
        replay("now").answer(&scene.ports, &scene.known).await.unwrap();
        assert_eq!(behind().await, Some(0));
        let mut member = log.join("catalog.learn-companies", &[topic.to_owned()]).await.unwrap();
        log.append(vec![souk_kit::event_log::Record::new(topic, "k", "3")]).await.unwrap();
        member.next(1).await.unwrap();
        let refused = replay("beginning").answer(&scene.ports, &scene.known).await.unwrap_err().to_string();
        assert!(refused.contains("at work"), "{refused}");
        member.leave().await.unwrap();
        let told = replay("beginning").answer(&scene.ports, &scene.known).await.unwrap();
        assert!(told.contains("catalog.learn-companies\tcompany.events\t4 to be taken\n"), "{told}");
        assert_eq!(behind().await, Some(4));
    }
}
