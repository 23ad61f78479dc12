//! A member of a consumer group on Kafka.
//!
//! Partitions are shared out cooperatively: who joins takes some, and nobody stops for it. Records wait in a bounded
//! buffer per partition; while it is full, the partitions are paused. The member lives as long as it is asked for
//! something: the library counts how long ago that was, and leaves the group when it is too long.

use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use futures::FutureExt;
use rdkafka::consumer::{CommitMode, Consumer, StreamConsumer};
use rdkafka::error::{KafkaError, KafkaResult};
use rdkafka::message::{BorrowedMessage, Headers as _, Message};
use rdkafka::types::RDKafkaErrorCode;
use rdkafka::{Offset, TopicPartitionList};
use souk_kit::event_log::{Delivered, Lease, Membership, Position, Record};
use souk_kit::fault::Fault;

use super::buffer::Buffer;
use super::client::{Claims, Partition, State};
use super::{KafkaOptions, away, cloud_event};

/// After how long the others take a dead process's partitions; brokers refuse less by default.
const SESSION: &str = "6000";
/// After how long they take those of a member that is silent.
const SILENCE: &str = "10000";
/// How long a commit may take, with the tries that a change of members costs.
const PATIENCE: Duration = Duration::from_secs(10);
/// Between two tries of a commit, and after an error of the library.
const REST: Duration = Duration::from_millis(50);

/// One consumer.
pub(super) struct Member {
    group: String,
    prefix: String,
    /// Taken when it leaves.
    consumer: Option<Arc<StreamConsumer<Claims>>>,
    buffer: Buffer,
    paused: bool,
}

impl Member {
    pub(super) fn join(
        options: &KafkaOptions,
        state: &State,
        group: &str,
        topics: &[String],
    ) -> Result<Self, Fault> {
        let mut config = options.client()?;
        config
            .set("group.id", options.name(group))
            .set("partition.assignment.strategy", "cooperative-sticky")
            .set("enable.auto.commit", "false")
            .set("enable.auto.offset.store", "false")
            .set("auto.offset.reset", "earliest")
            .set("allow.auto.create.topics", "false")
            .set("session.timeout.ms", SESSION)
            .set("heartbeat.interval.ms", "1500")
            .set("max.poll.interval.ms", SILENCE)
            .set("queued.min.messages", "1000")
            .set("queued.max.messages.kbytes", "4096");
        let consumer: StreamConsumer<Claims> =
            config.create_with_context(Claims::new(state)).map_err(away)?;
        let names: Vec<_> = topics.iter().map(|topic| options.name(topic)).collect();
        consumer.subscribe(&names.iter().map(String::as_str).collect::<Vec<_>>()).map_err(away)?;
        Ok(Self {
            group: group.to_owned(),
            prefix: options.prefix.clone(),
            consumer: Some(Arc::new(consumer)),
            buffer: Buffer::default(),
            paused: false,
        })
    }

    /// Its connection, for as long as it is a member.
    pub(super) fn consumer(&self) -> Weak<StreamConsumer<Claims>> {
        self.consumer.as_ref().map(Arc::downgrade).unwrap_or_default()
    }

    fn here(&self) -> Result<Arc<StreamConsumer<Claims>>, Fault> {
        self.consumer.clone().ok_or_else(|| Fault::broken(format!("a member of {} has left", self.group)))
    }

    /// Takes in what has come, without waiting: changes of members, and records while there is room.
    fn take_in(&mut self, consumer: &StreamConsumer<Claims>) -> Result<(), Fault> {
        loop {
            let message = consumer.recv().now_or_never();
            self.forget_gone(consumer);
            match message {
                None => return Ok(()),
                Some(Ok(message)) => self.keep(&message),
                Some(Err(error)) => passing(error)?,
            }
            if self.buffer.is_full() {
                return self.pause(consumer);
            }
        }
    }

    /// Waits until something comes, and takes it in.
    async fn wait(&mut self, consumer: &StreamConsumer<Claims>) -> Result<(), Fault> {
        let message = consumer.recv().await;
        self.forget_gone(consumer);
        match message {
            Ok(message) => {
                consumer.context().answered();
                self.keep(&message);
                Ok(())
            }
            Err(error) => {
                passing(error)?;
                tokio::time::sleep(REST).await;
                Ok(())
            }
        }
    }

    fn keep(&mut self, message: &BorrowedMessage<'_>) {
        let partition = (message.topic().to_owned(), message.partition());
        self.buffer.push(partition, delivered(message, &self.prefix));
    }

    /// Records of partitions that are another's now, or came back: those are delivered anew from what was committed.
    fn forget_gone(&mut self, consumer: &StreamConsumer<Claims>) {
        for partition in consumer.context().gone() {
            self.buffer.forget(&partition);
        }
    }

    fn pause(&mut self, consumer: &StreamConsumer<Claims>) -> Result<(), Fault> {
        // Each time anew: partitions that came meanwhile are not paused.
        let all = consumer.assignment().map_err(away)?;
        consumer.pause(&all).map_err(away)?;
        self.paused = true;
        Ok(())
    }

    fn resume_with_room(&mut self, consumer: &StreamConsumer<Claims>) -> Result<(), Fault> {
        if self.paused && self.buffer.has_room() {
            consumer.resume(&consumer.assignment().map_err(away)?).map_err(away)?;
            self.paused = false;
        }
        Ok(())
    }

    /// The next records of the partition whose turn it is, unless it is another's by now.
    fn hand_out(&mut self, consumer: &StreamConsumer<Claims>, limit: usize) -> Option<Vec<Delivered>> {
        let turn = self.buffer.turn()?;
        if consumer.context().hand_out(&turn) {
            return Some(self.buffer.take(&turn, limit)).filter(|batch| !batch.is_empty());
        }
        self.buffer.forget(&turn);
        None
    }

    fn place(&self, position: &Position) -> Partition {
        (format!("{}{}", self.prefix, position.topic), position.partition)
    }
}

#[async_trait::async_trait]
impl Membership for Member {
    async fn next(&mut self, limit: usize) -> Result<Vec<Delivered>, Fault> {
        let consumer = self.here()?;
        loop {
            self.resume_with_room(&consumer)?;
            if !self.buffer.is_full() {
                self.take_in(&consumer)?;
            }
            while !self.buffer.is_empty() {
                if let Some(batch) = self.hand_out(&consumer, limit) {
                    return Ok(batch);
                }
            }
            self.resume_with_room(&consumer)?;
            self.wait(&consumer).await?;
        }
    }

    async fn commit(&mut self, done: &Position) -> Result<Lease, Fault> {
        let consumer = self.here()?;
        let partition = self.place(done);
        let begun = Instant::now();
        loop {
            self.take_in(&consumer)?;
            if !consumer.context().holds(&partition) {
                return Ok(Lease::Lost);
            }
            match commit(&consumer, &partition, done.offset.saturating_add(1)).await? {
                Ok(()) => return Ok(Lease::Held),
                Err(error) if was_taken_over(&error) => return Ok(Lease::Lost),
                Err(error) if begun.elapsed() > PATIENCE => return Err(away(error)),
                // The members are changing, or a broker is: what is still ours then can be committed then.
                Err(_) => tokio::time::sleep(REST).await,
            }
        }
    }

    async fn renew(&mut self, at: &Position) -> Result<Lease, Fault> {
        let consumer = self.here()?;
        self.take_in(&consumer)?;
        let holds = consumer.context().holds(&self.place(at));
        Ok(if holds { Lease::Held } else { Lease::Lost })
    }

    async fn leave(mut self: Box<Self>) -> Result<(), Fault> {
        let consumer = self.consumer.take();
        // Its last owner says good-bye to the cluster, and waits for that.
        tokio::task::spawn_blocking(move || drop(consumer)).await.map_err(Fault::internal)
    }
}

/// Says good-bye to the cluster on a thread where waiting is allowed.
impl Drop for Member {
    fn drop(&mut self) {
        if let Some(consumer) = self.consumer.take() {
            let _ = std::thread::Builder::new().spawn(move || drop(consumer));
        }
    }
}

async fn commit(
    consumer: &Arc<StreamConsumer<Claims>>,
    partition: &Partition,
    next: i64,
) -> Result<KafkaResult<()>, Fault> {
    let mut places = TopicPartitionList::new();
    places.add_partition_offset(&partition.0, partition.1, Offset::Offset(next)).map_err(away)?;
    let consumer = Arc::clone(consumer);
    let committing = tokio::task::spawn_blocking(move || consumer.commit(&places, CommitMode::Sync));
    match tokio::time::timeout(PATIENCE, committing).await {
        Ok(outcome) => outcome.map_err(Fault::internal),
        Err(_) => Ok(Err(KafkaError::ConsumerCommit(RDKafkaErrorCode::OperationTimedOut))),
    }
}

/// A record as the port has it.
pub(super) fn delivered(message: &BorrowedMessage<'_>, prefix: &str) -> Delivered {
    let told: Vec<(&str, &[u8])> = message
        .headers()
        .map(|headers| headers.iter().map(|one| (one.key, one.value.unwrap_or_default())).collect())
        .unwrap_or_default();
    let (payload, headers) = cloud_event::put_together(&told, message.payload().unwrap_or_default());
    let topic = message.topic();
    Delivered {
        partition: message.partition(),
        offset: message.offset(),
        record: Record {
            topic: topic.strip_prefix(prefix).unwrap_or(topic).to_owned(),
            key: String::from_utf8_lossy(message.key().unwrap_or_default()).into_owned(),
            headers,
            payload,
        },
    }
}

/// Whether a commit was refused because the group has gone on without us.
pub(super) fn was_taken_over(error: &KafkaError) -> bool {
    matches!(
        error.rdkafka_error_code(),
        Some(
            RDKafkaErrorCode::IllegalGeneration
                | RDKafkaErrorCode::UnknownMemberId
                | RDKafkaErrorCode::FencedInstanceId
                | RDKafkaErrorCode::AssignmentLost
                | RDKafkaErrorCode::UnknownPartition
        )
    )
}

/// Errors of the library that it gets over by itself are none.
fn passing(error: KafkaError) -> Result<(), Fault> {
    let stays = matches!(error, KafkaError::MessageConsumptionFatal(_))
        || matches!(
            error.rdkafka_error_code(),
            Some(
                RDKafkaErrorCode::TopicAuthorizationFailed
                    | RDKafkaErrorCode::GroupAuthorizationFailed
                    | RDKafkaErrorCode::SaslAuthenticationFailed
            )
        );
    if stays {
        return Err(away(error));
    }
    tracing::debug!(%error, "Kafka: {error}");
    Ok(())
}
