//! What our connections to Kafka have in common: they say once that it is away instead of whenever a connection fails,
//! they remember why it does not let us in, and consumers know which partitions are theirs.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rdkafka::client::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::{BaseConsumer, ConsumerContext, Rebalance};
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
    /// Why it did not let the last connection in.
    refusal: Mutex<Option<Refused>>,
}

/// Why a cluster does not let us in, in the words of the client library: it names no password.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Refused(String);

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Kafka does not let us in: {}", self.0)
    }
}

impl std::error::Error for Refused {}

impl State {
    /// It has answered.
    pub(super) fn answered(&self) {
        self.refusal().take();
        if self.0.away.swap(false, Ordering::Relaxed) {
            tracing::info!("Kafka answers again");
        }
    }

    /// Why a call has failed: what waiting does not mend, such as a wrong password, is told as it is.
    pub(super) fn fault(&self, error: KafkaError) -> Fault {
        let refusal = self.refusal().clone();
        refusal.map_or_else(|| away(error), Fault::internal)
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
                let refused = Refused(reason.to_owned());
                if self.refusal().replace(refused.clone()).is_none() {
                    tracing::warn!("{refused}");
                }
            }
            Some(RDKafkaErrorCode::BrokerTransportFailure) => {
                self.refusal().take();
                tracing::debug!(%error, "Kafka: {reason}");
            }
            _ => tracing::debug!(%error, "Kafka: {reason}"),
        }
    }

    fn refusal(&self) -> MutexGuard<'_, Option<Refused>> {
        self.0.refusal.lock().unwrap_or_else(PoisonError::into_inner)
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
    fn pre_rebalance(&self, _: &BaseConsumer<Self>, rebalance: &Rebalance<'_>) {
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
            }
            Rebalance::Error(error) => tracing::warn!(%error, "Kafka cannot share out partitions"),
        }
    }
}
