//! What our connections to Kafka have in common: they say once that it is away instead of whenever a connection fails,
//! they remember why it does not let us in, and consumers know which partitions are theirs.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rdkafka::client::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::{BaseConsumer, Consumer as _, ConsumerContext, Rebalance};
use rdkafka::error::KafkaError;
use rdkafka::types::RDKafkaErrorCode;
use souk_kit::fault::Fault;

use super::away;

/// What is known of the cluster; shared by all connections of a log.
#[derive(Clone, Default)]
pub(super) struct State(Arc<Known>);

#[derive(Default)]
struct Known {
    away: AtomicBool,
    /// What became of the last connection that failed, unless the cluster has answered since.
    trouble: Mutex<Option<Trouble>>,
}

/// Why there is no connection, in the words of the client library: they name no password.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Trouble {
    /// The cluster is there and does not let us in, or we do not trust it.
    Refused(String),
    /// It is not there, or breaks off.
    Broken(String),
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(reason) => write!(f, "Kafka does not let us in: {reason}"),
            Self::Broken(reason) => write!(f, "Kafka cannot be reached: {reason}"),
        }
    }
}

impl std::error::Error for Trouble {}

impl State {
    /// It has answered.
    pub(super) fn answered(&self) {
        self.trouble().take();
        if self.0.away.swap(false, Ordering::Relaxed) {
            tracing::info!("Kafka answers again");
        }
    }

    /// Why a call has failed: most end with their time alone, and what waiting does not mend, such as a wrong password,
    /// is to be told as it is.
    pub(super) fn fault(&self, error: KafkaError) -> Fault {
        match self.trouble().clone() {
            Some(refused @ Trouble::Refused(_)) => Fault::internal(refused),
            Some(broken) => away(error).caused_by(broken),
            None => away(error),
        }
    }

    fn told(&self, error: &KafkaError, reason: &str) {
        match error.rdkafka_error_code() {
            Some(RDKafkaErrorCode::AllBrokersDown) => {
                if !self.0.away.swap(true, Ordering::Relaxed) {
                    tracing::warn!("Kafka does not answer: {reason}");
                }
            }
            // A connection that breaks off while one signs in is reported as if that had failed.
            Some(RDKafkaErrorCode::Authentication | RDKafkaErrorCode::SSL)
                if !reason.contains("transport failure") && !reason.contains("isconnected") =>
            {
                let refused = Trouble::Refused(reason.to_owned());
                tracing::warn!("{refused}");
                *self.trouble() = Some(refused);
            }
            Some(RDKafkaErrorCode::BrokerTransportFailure) => {
                tracing::debug!(%error, "Kafka: {reason}");
                *self.trouble() = Some(Trouble::Broken(reason.to_owned()));
            }
            _ => tracing::debug!(%error, "Kafka: {reason}"),
        }
    }

    fn trouble(&self) -> MutexGuard<'_, Option<Trouble>> {
        self.0.trouble.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The context of connections that are no members of a group.
#[derive(Clone)]
pub(super) struct Quiet(pub(super) State);

impl ClientContext for Quiet {
    fn log(&self, _: RDKafkaLogLevel, facility: &str, message: &str) {
        tracing::debug!("librdkafka {facility}: {message}");
    }

    fn error(&self, error: KafkaError, reason: &str) {
        self.0.told(&error, reason);
    }
}

impl ConsumerContext for Quiet {}

/// A partition: its topic, as the cluster knows it, and its number.
pub(super) type Partition = (String, i32);

/// The context of a member of a group: which partitions are its own.
pub(super) struct Claims {
    state: State,
    held: Mutex<Held>,
}

#[derive(Default)]
struct Held {
    /// Whether records of the partition were handed out since it came.
    partitions: BTreeMap<Partition, bool>,
    /// Those that went since somebody asked.
    gone: Vec<Partition>,
}

impl Claims {
    pub(super) fn new(state: &State) -> Self {
        Self { state: state.clone(), held: Mutex::default() }
    }

    /// The cluster has answered.
    pub(super) fn answered(&self) {
        self.state.answered();
    }

    /// The partitions that went since this was asked before, also those that came back.
    pub(super) fn gone(&self) -> Vec<Partition> {
        std::mem::take(&mut self.lock().gone)
    }

    /// Records of a partition are handed out; false when it is another's.
    pub(super) fn hand_out(&self, partition: &Partition) -> bool {
        self.lock().partitions.get_mut(partition).map(|out| *out = true).is_some()
    }

    /// Whether a partition is the member's without a break since its records were handed out.
    pub(super) fn holds(&self, partition: &Partition) -> bool {
        self.lock().partitions.get(partition).copied().unwrap_or_default()
    }

    fn lock(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ClientContext for Claims {
    fn log(&self, _: RDKafkaLogLevel, facility: &str, message: &str) {
        tracing::debug!("librdkafka {facility}: {message}");
    }

    fn error(&self, error: KafkaError, reason: &str) {
        self.state.told(&error, reason);
    }
}

impl ConsumerContext for Claims {
    fn pre_rebalance(&self, consumer: &BaseConsumer<Self>, rebalance: &Rebalance<'_>) {
        let mut held = self.lock();
        match rebalance {
            Rebalance::Assign(list) => {
                for one in list.elements() {
                    held.partitions.insert((one.topic().to_owned(), one.partition()), false);
                }
            }
            Rebalance::Revoke(list) => {
                for one in list.elements() {
                    let partition = (one.topic().to_owned(), one.partition());
                    held.partitions.remove(&partition);
                    held.gone.push(partition);
                }
                // The library remembers a pause for as long as it lives: one that comes back would never be read.
                if let Err(error) = consumer.resume(list) {
                    tracing::warn!(%error, "Kafka: partitions that go cannot be resumed");
                }
            }
            Rebalance::Error(error) => tracing::warn!(%error, "Kafka cannot share out partitions"),
        }
    }
}
