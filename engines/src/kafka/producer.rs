//! Appends to Kafka: many records under way at once, in order per key, and an answer when all of them are safe.

use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use futures::future::join_all;
use rdkafka::ClientConfig;
use rdkafka::error::KafkaError;
use rdkafka::message::{Header, OwnedHeaders};
use rdkafka::producer::{DeliveryFuture, FutureProducer, FutureRecord, Producer as _, PurgeConfig};
use rdkafka::types::RDKafkaErrorCode;
use souk_kit::event_log::{LARGEST_RECORD, Record};
use souk_kit::fault::Fault;
use tokio::time::Instant;

use super::client::{Quiet, State};
use super::{KafkaOptions, cloud_event};

/// How long an append waits for its acknowledgements.
const PATIENCE: Duration = Duration::from_secs(10);
/// Between two tries to get a record into the full queue of those under way.
const REST: Duration = Duration::from_millis(5);
/// The largest record on its way: what frames it is counted along, and an envelope's attributes become headers.
pub(super) const LARGEST: usize = LARGEST_RECORD + 1_000_000;

/// The one producer of a log.
pub(super) struct Producer {
    config: ClientConfig,
    state: State,
    prefix: String,
    current: Mutex<Arc<Generation>>,
}

/// A producer, and how many there were before it.
struct Generation {
    number: u64,
    producer: FutureProducer<Quiet>,
    /// Whether it was ended. Appends that began before that hold it still.
    retired: RwLock<bool>,
}

/// A record as Kafka gets it.
struct Outgoing<'r> {
    topic: String,
    key: &'r str,
    headers: OwnedHeaders,
    payload: bytes::Bytes,
}

impl Producer {
    pub(super) fn open(options: &KafkaOptions, state: &State) -> Result<Self, Fault> {
        let mut config = options.client()?;
        config
            .set("enable.idempotence", "true")
            .set("acks", "all")
            .set("compression.codec", "lz4")
            .set("linger.ms", "1")
            .set("message.max.bytes", LARGEST.to_string())
            // Where a Java client would put the key, too.
            .set("partitioner", "murmur2_random")
            .set("queue.buffering.max.kbytes", "65536")
            // We give up earlier.
            .set("message.timeout.ms", "60000");
        let producer = config.create_with_context(Quiet(state.clone()));
        let producer =
            producer.map_err(|error| Fault::bad_input(format!("Kafka's options do not hold: {error}")))?;
        Ok(Self {
            config,
            state: state.clone(),
            prefix: options.prefix.clone(),
            current: Mutex::new(Arc::new(Generation::new(0, producer))),
        })
    }

    /// Answers when all brokers that must have the records have them. With a fault, some may be there.
    pub(super) async fn append(&self, records: &[Record]) -> Result<(), Fault> {
        records.iter().try_for_each(Record::check_size)?;
        let outgoing: Vec<_> = records.iter().map(|record| self.outgoing(record)).collect();
        let current = self.current();
        let sent = tokio::time::timeout(PATIENCE, send_all(&current, &outgoing)).await;
        match sent {
            Ok(Ok(())) => {
                self.state.answered();
                Ok(())
            }
            Ok(Err(error)) => {
                self.replace(&current);
                Err(self.state.fault(error))
            }
            Err(_) => {
                self.replace(&current);
                Err(self.state.fault(KafkaError::MessageProduction(RDKafkaErrorCode::MessageTimedOut)))
            }
        }
    }

    fn current(&self) -> Arc<Generation> {
        Arc::clone(&self.current.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn outgoing<'r>(&self, record: &'r Record) -> Outgoing<'r> {
        let (told, payload) = cloud_event::taken_apart(&record.payload);
        let own = record.headers.iter().map(|(name, value)| (name.as_str(), &**value));
        let all = told.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).chain(own);
        let headers = all.fold(OwnedHeaders::new(), |headers, (key, value)| {
            headers.insert(Header { key, value: Some(value) })
        });
        Outgoing { topic: format!("{}{}", self.prefix, record.topic), key: &record.key, headers, payload }
    }

    /// Ends a producer of which an append has failed. What others have under way in it fails with it: it could
    /// otherwise come before what this caller appends again.
    fn replace(&self, failed: &Generation) {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        if current.number != failed.number {
            return;
        }
        let Ok(producer) = self.config.create_with_context(Quiet(self.state.clone())) else { return };
        let next = Arc::new(Generation::new(failed.number + 1, producer));
        let old = std::mem::replace(&mut *current, next);
        drop(current);
        old.retire();
        // Its last clone waits for its thread to end.
        tokio::task::spawn_blocking(move || drop(old));
    }
}

impl Generation {
    fn new(number: u64, producer: FutureProducer<Quiet>) -> Self {
        Self { number, producer, retired: RwLock::new(false) }
    }

    /// Gets a record under way. A retired one takes none, as it may have purged one of the same key that stands before it.
    #[expect(
        clippy::result_large_err,
        reason = "a record that finds no room is given back, as the library does"
    )]
    fn enqueue<'r>(
        &self,
        record: FutureRecord<'r, str, [u8]>,
    ) -> Result<DeliveryFuture, (KafkaError, FutureRecord<'r, str, [u8]>)> {
        let retired = self.retired.read().unwrap_or_else(PoisonError::into_inner);
        if *retired {
            return Err((KafkaError::MessageProduction(RDKafkaErrorCode::PurgeQueue), record));
        }
        self.producer.send_result(record)
    }

    /// Fails what is under way, and all that would follow.
    fn retire(&self) {
        let mut retired = self.retired.write().unwrap_or_else(PoisonError::into_inner);
        *retired = true;
        self.producer.purge(PurgeConfig::default().queue().inflight());
    }
}

async fn send_all(producer: &Generation, records: &[Outgoing<'_>]) -> Result<(), KafkaError> {
    let mut under_way = Vec::with_capacity(records.len());
    for record in records {
        under_way.push(send(producer, record).await?);
    }
    for answer in join_all(under_way).await {
        answer.unwrap_or(Err((KafkaError::Canceled, empty()))).map_err(|(error, _)| error)?;
    }
    Ok(())
}

async fn send(producer: &Generation, record: &Outgoing<'_>) -> Result<DeliveryFuture, KafkaError> {
    let begun = Instant::now();
    let mut next = FutureRecord::to(&record.topic)
        .key(record.key)
        .payload(&*record.payload)
        .headers(record.headers.clone());
    loop {
        match producer.enqueue(next) {
            Ok(under_way) => return Ok(under_way),
            Err((error, back)) => {
                let full = error.rdkafka_error_code() == Some(RDKafkaErrorCode::QueueFull);
                if !full || begun.elapsed() > PATIENCE {
                    return Err(error);
                }
                next = back;
                tokio::time::sleep(REST).await;
            }
        }
    }
}

/// Stands for the message of a delivery of which nothing is known.
fn empty() -> rdkafka::message::OwnedMessage {
    let time = rdkafka::Timestamp::NotAvailable;
    rdkafka::message::OwnedMessage::new(None, None, String::new(), time, 0, 0, None)
}

#[cfg(test)]
mod tests {
    use super::super::Security;
    use super::*;

    fn record() -> FutureRecord<'static, str, [u8]> {
        FutureRecord::to("product.events").key("k").payload(b"{}")
    }

    #[tokio::test]
    async fn a_producer_that_was_replaced_takes_nothing_more() {
        let options = KafkaOptions {
            brokers: "127.0.0.1:9".to_owned(),
            prefix: String::new(),
            partitions: 1,
            replication: 1,
            retention: None,
            security: Security::default(),
        };
        let producer = Producer::open(&options, &State::default()).unwrap();
        let failed = producer.current();
        let Ok(first) = failed.enqueue(record()) else { panic!("it takes records") };
        producer.replace(&failed);
        assert!(first.await.unwrap().is_err(), "what was under way is purged");
        let Err((refused, _)) = failed.enqueue(record()) else {
            panic!("a later one of the key would stand first")
        };
        assert_eq!(refused.rdkafka_error_code(), Some(RDKafkaErrorCode::PurgeQueue));
        assert!(State::default().fault(refused).is_transient(), "its caller appends all of them again");
        assert!(producer.current().enqueue(record()).is_ok());
    }
}
