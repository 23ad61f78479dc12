//! The event log on Kafka.
//!
//! A topic's records stand in partitions by their keys. An event travels in the binary mode of CloudEvents. What a
//! topic forgets is the broker's work, by the policy that [`topics`] gives it.

mod buffer;
mod client;
mod cloud_event;
mod member;
mod options;
mod producer;
pub mod testing;
mod topics;
mod viewer;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use rdkafka::consumer::StreamConsumer;
use rdkafka::error::KafkaError;
use souk_kit::clock::Timestamp;
use souk_kit::event_log::{Delivered, EventLog, Membership, Position, Record, Start};
use souk_kit::fault::Fault;

use client::{Claims, State};
pub use options::{KafkaOptions, Security};
use producer::Producer;
use topics::Topics;
use viewer::Viewer;

/// An event log on a Kafka cluster. Cheap to clone; clones share their connections.
#[derive(Clone)]
pub struct KafkaEventLog(Arc<Shared>);

struct Shared {
    options: KafkaOptions,
    state: State,
    producer: Producer,
    topics: Topics,
    viewer: Viewer,
    members: Mutex<BTreeMap<String, Weak<StreamConsumer<Claims>>>>,
}

impl KafkaEventLog {
    /// The log of a cluster, which need not be up yet: what is asked of it fails until it is. Fails by itself when the
    /// options cannot be, as with a file of authorities that holds none.
    pub fn open(options: KafkaOptions) -> Result<Self, Fault> {
        let state = State::default();
        Ok(Self(Arc::new(Shared {
            producer: Producer::open(&options, &state)?,
            topics: Topics::open(&options, &state)?,
            viewer: Viewer::open(&options, &state)?,
            members: Mutex::default(),
            options,
            state,
        })))
    }
}

#[async_trait::async_trait]
impl EventLog for KafkaEventLog {
    async fn append(&self, records: Vec<Record>) -> Result<(), Fault> {
        self.0.topics.settle(records.iter().map(|record| record.topic.as_str())).await?;
        self.0.producer.append(&records).await
    }

    async fn join(&self, group: &str, topics: &[String]) -> Result<Box<dyn Membership>, Fault> {
        self.0.topics.settle(topics.iter().map(String::as_str)).await?;
        let member = member::Member::join(&self.0.options, &self.0.state, group, topics)?;
        let mut members = self.0.members.lock().unwrap_or_else(PoisonError::into_inner);
        members.insert(group.to_owned(), member.consumer());
        Ok(Box::new(member))
    }

    async fn lag(&self, group: &str, topics: &[String]) -> Result<u64, Fault> {
        self.0.viewer.lag(&self.0.options, group, self.member(group), topics).await
    }

    async fn topics(&self) -> Result<Vec<String>, Fault> {
        self.0.viewer.topics().await
    }

    async fn positions(&self, topic: &str, start: Start) -> Result<Vec<Position>, Fault> {
        self.0.viewer.positions(topic, start).await
    }

    async fn read(&self, from: &Position, limit: usize) -> Result<Vec<Delivered>, Fault> {
        self.0.viewer.read(from, limit).await
    }

    async fn committed(&self, group: &str, topic: &str) -> Result<Vec<Position>, Fault> {
        self.0.viewer.committed(&self.0.options, group, self.member(group), topic).await
    }

    async fn reset(&self, group: &str, positions: &[Position]) -> Result<(), Fault> {
        self.0.viewer.reset(&self.0.options, group, positions).await
    }

    /// Nothing: the brokers forget by themselves.
    async fn trim(&self, _: &[String], _: Timestamp) -> Result<u64, Fault> {
        Ok(0)
    }

    async fn prepare(&self, topics: &[String]) -> Result<(), Fault> {
        self.0.topics.prepare(topics).await
    }

    async fn ready(&self) -> Result<(), Fault> {
        self.0.viewer.ready().await
    }
}

impl KafkaEventLog {
    /// A member of the group in this process, whose connection may be asked.
    fn member(&self, group: &str) -> Option<Arc<StreamConsumer<Claims>>> {
        self.0.members.lock().unwrap_or_else(PoisonError::into_inner).get(group).and_then(Weak::upgrade)
    }
}

impl std::fmt::Debug for KafkaEventLog {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "KafkaEventLog({})", self.0.options.brokers)
    }
}

/// Kafka does not answer, or not as it should. Worth another try: what is wrong there is mended there.
fn away(error: KafkaError) -> Fault {
    Fault::unavailable("the event log does not answer", error)
}
