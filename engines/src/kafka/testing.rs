//! An event log of a test's own on a cluster that others use, too. Its topics go with it: a broker cannot have any number
//! of them.

use std::sync::Arc;

use souk_kit::clock::Clock;
use souk_kit::event_log::EventLog;
use souk_kit::fault::Fault;
use souk_kit::id::EventId;

use super::{KafkaEventLog, KafkaOptions, Security};

/// The event log of one test.
#[derive(Debug)]
pub struct TestKafka(KafkaEventLog);

impl TestKafka {
    /// On the cluster at `brokers`, under names that nobody else has. Topics of events have two partitions, so that no
    /// test relies on an order of all keys.
    pub fn on(brokers: &str) -> Result<Self, Fault> {
        let options = KafkaOptions {
            brokers: brokers.to_owned(),
            prefix: format!("test-{}.", EventId::new(Clock::system().now())),
            partitions: 2,
            replication: 1,
            retention: None,
            security: Security::default(),
        };
        KafkaEventLog::open(options).map(Self)
    }

    /// The log.
    #[must_use]
    pub fn log(&self) -> Arc<dyn EventLog> {
        Arc::new(self.0.clone())
    }
}

impl Drop for TestKafka {
    /// On a thread of its own: this one may be busy with the test's runtime.
    fn drop(&mut self) {
        let deleted = std::thread::scope(|scope| {
            let deleting = scope.spawn(|| {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().ok()?;
                runtime.block_on(self.0.0.topics.delete()).ok()
            });
            deleting.join()
        });
        if !matches!(deleted, Ok(Some(()))) {
            tracing::warn!("topics {}* are left behind", self.0.0.options.prefix);
        }
    }
}
