//! `souk events tail`: prints what stands in the log, and what comes.

use std::io::{self, Write};
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use clap::Args;
use serde::Serialize;
use serde_json::value::RawValue;
use souk_kit::event_log::{Delivered, EventLog, Position, Start};

use super::{From, refused};

/// Between two looks at what came.
const POLL: Duration = Duration::from_millis(200);
/// Records that are read at once.
const AT_ONCE: usize = 500;

/// One line per record: `{"topic","partition","offset","key","headers","event"}`, in the order of each partition.
#[derive(Debug, Args)]
pub(super) struct Tail {
    /// Topics such as `product.events`; all that have records without it.
    #[arg(value_name = "TOPIC")]
    topics: Vec<String>,
    /// From where: `beginning`, `now`, or a time such as 2026-01-31T12:00:00Z.
    #[arg(long, value_name = "WHERE", default_value = "beginning")]
    from: From,
    /// Go on with what comes, until stopped.
    #[arg(long)]
    follow: bool,
}

#[derive(Serialize)]
struct Line<'r> {
    topic: &'r str,
    partition: i32,
    offset: i64,
    key: &'r str,
    /// As text; bytes that are none in base64.
    #[serde(skip_serializing_if = "std::collections::BTreeMap::is_empty")]
    headers: std::collections::BTreeMap<&'r str, String>,
    event: Box<RawValue>,
}

impl Tail {
    pub(super) async fn run(self, log: &dyn EventLog) -> anyhow::Result<()> {
        let mut out = io::stdout().lock();
        match self.print(log, &mut out).await {
            // Who reads the lines has enough of them.
            Err(error) if error.downcast_ref::<io::Error>().is_some_and(is_closed) => Ok(()),
            other => other,
        }
    }

    async fn print(self, log: &dyn EventLog, out: &mut impl Write) -> anyhow::Result<()> {
        let mut places: Vec<Position> = Vec::new();
        let mut start = self.from.0;
        loop {
            let topics = match self.topics.as_slice() {
                [] => log.topics().await.map_err(|fault| refused(&fault))?,
                named => named.to_vec(),
            };
            for topic in topics {
                for place in log.positions(&topic, start).await.map_err(|fault| refused(&fault))? {
                    let known = |other: &&mut Position| {
                        other.topic == place.topic && other.partition == place.partition
                    };
                    if places.iter_mut().find(known).is_none() {
                        places.push(place);
                    }
                }
            }
            // What appears later is new from its first record on.
            start = Start::Beginning;
            let mut found = 0;
            for place in &mut places {
                found += print_from(log, place, out).await?;
            }
            out.flush()?;
            if !self.follow {
                return Ok(());
            }
            if found == 0 {
                tokio::time::sleep(POLL).await;
            }
        }
    }
}

/// Prints all that stands behind a place, and moves it on.
async fn print_from(log: &dyn EventLog, place: &mut Position, out: &mut impl Write) -> anyhow::Result<usize> {
    let mut count = 0;
    loop {
        let found = log.read(place, AT_ONCE).await.map_err(|fault| refused(&fault))?;
        let Some(last) = found.last() else { return Ok(count) };
        place.offset = last.offset + 1;
        for one in &found {
            serde_json::to_writer(&mut *out, &line(one)?).map_err(io::Error::from)?;
            out.write_all(b"\n")?;
        }
        count += found.len();
    }
}

fn line(one: &Delivered) -> anyhow::Result<Line<'_>> {
    let event = match serde_json::from_slice::<Box<RawValue>>(&one.record.payload) {
        Ok(event) => event,
        Err(_) => serde_json::value::to_raw_value(&String::from_utf8_lossy(&one.record.payload))?,
    };
    let text = |bytes: &[u8]| match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => BASE64_STANDARD.encode(bytes),
    };
    let headers = one.record.headers.iter().map(|(name, value)| (name.as_str(), text(value)));
    Ok(Line {
        topic: &one.record.topic,
        partition: one.partition,
        offset: one.offset,
        key: &one.record.key,
        headers: headers.collect(),
        event,
    })
}

fn is_closed(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::BrokenPipe
}

#[cfg(test)]
mod tests {
    use souk_kit::clock::Clock;
    use souk_kit::event_log::{Record, SqliteEventLog};
    use souk_kit::sql::Durability;

    use super::*;

    async fn printed(log: &dyn EventLog, from: &str, topics: &[&str]) -> String {
        let topics = topics.iter().map(|topic| (*topic).to_owned()).collect();
        let tail = Tail { topics, from: from.parse().unwrap(), follow: false };
        let mut out = Vec::new();
        tail.print(log, &mut out).await.unwrap();
        String::from_utf8(out).unwrap()
    }

    #[tokio::test]
    async fn a_record_is_a_line_of_json() {
        let folder = tempfile::tempdir().unwrap();
        let clock = Clock::fixed("2026-01-01T00:00:00Z".parse().unwrap());
        let log = SqliteEventLog::open(folder.path(), clock.clone(), Durability::ProcessCrash).await.unwrap();
        log.append(vec![Record::new("a", "k", r#"{"n": 1}"#)]).await.unwrap();
        clock.advance(chrono::TimeDelta::hours(1));
        let mut dead = Record::new("b", "k", "no json");
        dead.headers.insert("why".to_owned(), "because".into());
        log.append(vec![dead]).await.unwrap();
        let first = "{\"topic\":\"a\",\"partition\":0,\"offset\":1,\"key\":\"k\",\"event\":{\"n\": 1}}\n";
        let second = "{\"topic\":\"b\",\"partition\":0,\"offset\":2,\"key\":\"k\",\"headers\":{\"why\":\"because\"},\"event\":\"no json\"}\n";
        assert_eq!(printed(&log, "beginning", &[]).await, format!("{first}{second}"));
        assert_eq!(printed(&log, "beginning", &["b"]).await, second);
        assert_eq!(printed(&log, "2026-01-01T00:30:00Z", &[]).await, second);
        assert_eq!(printed(&log, "now", &[]).await, "");
        assert!("yesterday".parse::<From>().is_err());
    }
}
