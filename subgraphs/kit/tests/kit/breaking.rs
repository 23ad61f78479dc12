//! An event log that breaks: it takes some records more, and then none.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use souk_kit::clock::Timestamp;
use souk_kit::event_log::{Delivered, EventLog, Membership, Position, Record, Start};
use souk_kit::fault::Fault;

/// A log that takes some records more. Of an append that breaks it the first ones are there.
pub(crate) struct Breaking {
    log: Arc<dyn EventLog>,
    room: AtomicUsize,
}

impl Breaking {
    /// `log`, until it has taken `room` records.
    pub(crate) fn after(log: Arc<dyn EventLog>, room: usize) -> Self {
        Self { log, room: AtomicUsize::new(room) }
    }
}

#[async_trait]
impl EventLog for Breaking {
    async fn append(&self, mut records: Vec<Record>) -> Result<(), Fault> {
        let (asked, room) = (records.len(), self.room.load(Ordering::SeqCst));
        records.truncate(room);
        self.room.store(room - records.len(), Ordering::SeqCst);
        self.log.append(records).await?;
        if asked <= room { Ok(()) } else { Err(Fault::broken("the log broke").transient()) }
    }

    async fn join(&self, group: &str, topics: &[String]) -> Result<Box<dyn Membership>, Fault> {
        self.log.join(group, topics).await
    }

    async fn lag(&self, group: &str, topics: &[String]) -> Result<u64, Fault> {
        self.log.lag(group, topics).await
    }

    async fn topics(&self) -> Result<Vec<String>, Fault> {
        self.log.topics().await
    }

    async fn positions(&self, topic: &str, start: Start) -> Result<Vec<Position>, Fault> {
        self.log.positions(topic, start).await
    }

    async fn read(&self, from: &Position, limit: usize) -> Result<Vec<Delivered>, Fault> {
        self.log.read(from, limit).await
    }

    async fn committed(&self, group: &str, topic: &str) -> Result<Vec<Position>, Fault> {
        self.log.committed(group, topic).await
    }

    async fn reset(&self, group: &str, positions: &[Position]) -> Result<(), Fault> {
        self.log.reset(group, positions).await
    }

    async fn trim(&self, topics: &[String], time: Timestamp) -> Result<u64, Fault> {
        self.log.trim(topics, time).await
    }

    async fn ready(&self) -> Result<(), Fault> {
        self.log.ready().await
    }
}
