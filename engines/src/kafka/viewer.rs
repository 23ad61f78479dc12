//! Looking at Kafka without being a member of a group: how far a topic and a group are, and what stands where.
//!
//! The client library waits in its calls for the answer, so each is made on a thread where waiting is allowed.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use std::{slice, thread};

use futures::FutureExt;
use futures::future::{BoxFuture, Shared};
use rdkafka::ClientConfig;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer, ConsumerContext, StreamConsumer};
use rdkafka::error::{KafkaError, KafkaResult};
use rdkafka::message::Message;
use rdkafka::types::RDKafkaErrorCode;
use rdkafka::{Offset, TopicPartitionList};
use souk_kit::event_log::{Delivered, LARGEST_BATCH, Position, Start};
use souk_kit::fault::Fault;
use tokio::task::JoinError;

use super::client::{Claims, Quiet, State};
use super::{KafkaOptions, away, buffer, member};

/// How long one answer may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long a broker may take to say that it is there.
const PROBE: Duration = Duration::from_secs(2);
/// How long who asks whether a broker answers is told what was found before.
const FRESH: Duration = Duration::from_millis(500);
/// How long one waits for the next record of those that must be there.
const NEXT: Duration = Duration::from_millis(100);

/// How many errors of its connections a viewer hears at once.
const ERRORS: usize = 1_000;

/// A connection that is a member of nothing.
pub(super) struct Viewer {
    consumer: Arc<Mutex<BaseConsumer<Quiet>>>,
    prefix: String,
    state: State,
    probe: Mutex<Option<Probe>>,
}

/// Whether a broker answers, asked once for all who want to know: each question keeps a thread busy, and while the
/// cluster is away for long.
struct Probe {
    asked: Instant,
    answer: Shared<BoxFuture<'static, Result<(), Fault>>>,
}

impl Viewer {
    pub(super) fn open(options: &KafkaOptions, state: &State) -> Result<Self, Fault> {
        let mut config = options.client()?;
        // Reading asks for the name of a group, also where none is joined.
        config.set("group.id", options.name("souk.viewer")).set("enable.partition.eof", "true");
        only_looking(&mut config);
        let consumer = config.create_with_context(Quiet(state.clone())).map_err(away)?;
        Ok(Self {
            consumer: Arc::new(Mutex::new(consumer)),
            prefix: options.prefix.clone(),
            state: state.clone(),
            probe: Mutex::default(),
        })
    }

    /// Whether a broker answers, as of a moment ago.
    pub(super) async fn ready(&self) -> Result<(), Fault> {
        let answer = {
            let mut probe = self.probe.lock().unwrap_or_else(PoisonError::into_inner);
            let current =
                probe.take().filter(|probe| probe.answer.peek().is_none() || probe.asked.elapsed() < FRESH);
            probe.insert(current.unwrap_or_else(|| self.probe())).answer.clone()
        };
        answer.await
    }

    fn probe(&self) -> Probe {
        let (topic, state) = (format!("{}product.events", self.prefix), self.state.clone());
        let asked = tokio::task::spawn_blocking(
            self.asked(move |consumer| consumer.fetch_metadata(Some(&topic), PROBE).map(|_| ())),
        );
        let answer = async move { answer(&state, asked.await) };
        Probe { asked: Instant::now(), answer: answer.boxed().shared() }
    }

    /// Those of our prefix that have records, in order.
    pub(super) async fn topics(&self) -> Result<Vec<String>, Fault> {
        let prefix = self.prefix.clone();
        let found = self
            .ask(move |consumer| {
                let metadata = consumer.fetch_metadata(None, PATIENCE)?;
                let mut partitions = TopicPartitionList::new();
                for topic in metadata.topics() {
                    let is_ours = topic.name().starts_with(&prefix) && !topic.name().starts_with("__");
                    for partition in topic.partitions().iter().filter(|_| is_ours) {
                        partitions.add_partition(topic.name(), partition.id());
                    }
                }
                let first = bounds(consumer, &partitions, Offset::Beginning)?;
                let end = bounds(consumer, &partitions, Offset::End)?;
                Ok(end.into_iter().filter(|(place, end)| first.get(place) < Some(end)).collect::<Vec<_>>())
            })
            .await?;
        let mut topics: Vec<_> = found
            .into_iter()
            .filter_map(|((topic, _), _)| topic.strip_prefix(&self.prefix).map(str::to_owned))
            .collect();
        topics.dedup();
        Ok(topics)
    }

    pub(super) async fn positions(&self, topic: &str, start: Start) -> Result<Vec<Position>, Fault> {
        let name = format!("{}{topic}", self.prefix);
        let from = match start {
            Start::Beginning => Offset::Beginning,
            Start::End => Offset::End,
            Start::At(time) => Offset::Offset(time.timestamp_millis().max(0)),
        };
        let found = self
            .ask(move |consumer| {
                let partitions = partitions(consumer, slice::from_ref(&name))?;
                let end = bounds(consumer, &partitions, Offset::End)?;
                let found =
                    if from == Offset::End { end.clone() } else { bounds(consumer, &partitions, from)? };
                // Where nothing was appended at that time or later, the answer is no offset.
                Ok(end
                    .into_iter()
                    .map(|(place, end)| {
                        let offset = found.get(&place).copied().filter(|offset| *offset >= 0).unwrap_or(end);
                        (place.1, offset)
                    })
                    .collect::<Vec<_>>())
            })
            .await?;
        let position = |(partition, offset)| Position { topic: topic.to_owned(), partition, offset };
        Ok(found.into_iter().map(position).collect())
    }

    pub(super) async fn read(&self, from: &Position, limit: usize) -> Result<Vec<Delivered>, Fault> {
        let (from, prefix) = (from.clone(), self.prefix.clone());
        self.ask(move |consumer| {
            let name = format!("{prefix}{}", from.topic);
            let mut place = TopicPartitionList::new();
            place.add_partition_offset(&name, from.partition, Offset::Offset(from.offset.max(0)))?;
            let end = bounds(consumer, &place, Offset::End)?.into_values().next().unwrap_or_default();
            let (mut found, mut bytes) = (Vec::new(), 0);
            if end <= from.offset {
                return Ok(found);
            }
            consumer.assign(&place)?;
            let (begun, mut outcome) = (Instant::now(), Ok(()));
            while found.len() < limit && bytes < LARGEST_BATCH {
                match consumer.poll(NEXT) {
                    // What was fetched for a question before.
                    Some(Ok(message)) if message.topic() != name || message.partition() != from.partition => {
                    }
                    Some(Ok(message)) => {
                        let one = member::delivered(&message, &prefix);
                        let is_last = one.offset + 1 >= end;
                        bytes += buffer::size(&one);
                        found.push(one);
                        if is_last {
                            break;
                        }
                    }
                    Some(Err(KafkaError::PartitionEOF(_))) => break,
                    Some(Err(error)) if is_final(&error) => {
                        outcome = Err(error);
                        break;
                    }
                    Some(Err(_)) | None if begun.elapsed() > PATIENCE => {
                        outcome = Err(KafkaError::MessageConsumption(RDKafkaErrorCode::OperationTimedOut));
                        break;
                    }
                    Some(Err(_)) | None => {}
                }
            }
            consumer.unassign()?;
            outcome.map(|()| found)
        })
        .await
    }

    pub(super) async fn committed(
        &self,
        options: &KafkaOptions,
        group: &str,
        member: Option<Arc<StreamConsumer<Claims>>>,
        topic: &str,
    ) -> Result<Vec<Position>, Fault> {
        let name = options.name(topic);
        let listed = self.ask(move |consumer| partitions(consumer, slice::from_ref(&name))).await?;
        let found = self.of_group(options, group, member, move |group| done(group, listed)).await?;
        let position = |((_, partition), offset)| Position { topic: topic.to_owned(), partition, offset };
        Ok(found.into_iter().map(position).collect())
    }

    pub(super) async fn lag(
        &self,
        options: &KafkaOptions,
        group: &str,
        member: Option<Arc<StreamConsumer<Claims>>>,
        topics: &[String],
    ) -> Result<u64, Fault> {
        let names: Vec<_> = topics.iter().map(|topic| options.name(topic)).collect();
        let (listed, first, end) = self
            .ask(move |consumer| {
                let listed = partitions(consumer, &names)?;
                let first = bounds(consumer, &listed, Offset::Beginning)?;
                let end = bounds(consumer, &listed, Offset::End)?;
                Ok((listed, first, end))
            })
            .await?;
        let done = self.of_group(options, group, member, move |group| done(group, listed)).await?;
        let lags = end.iter().map(|(place, end)| {
            let oldest = first.get(place).copied().unwrap_or_default();
            let from = done.get(place).copied().unwrap_or_default().max(oldest);
            u64::try_from(end - from).unwrap_or_default()
        });
        Ok(lags.sum())
    }

    pub(super) async fn reset(
        &self,
        options: &KafkaOptions,
        group: &str,
        positions: &[Position],
    ) -> Result<(), Fault> {
        let mut places = TopicPartitionList::new();
        for position in positions {
            let (topic, offset) = (options.name(&position.topic), Offset::Offset(position.offset.max(0)));
            places.add_partition_offset(&topic, position.partition, offset).map_err(away)?;
        }
        let moved = self
            .of_group(options, group, None, move |group| match group.commit(&places, CommitMode::Sync) {
                Err(error) if member::was_taken_over(&error) => Ok(false),
                other => other.map(|()| true),
            })
            .await?;
        // The coordinator takes offsets from who is no member only where there are no members.
        if moved { Ok(()) } else { Err(Fault::bad_input(format!("{group} is at work: stop it first"))) }
    }

    /// Asks what every connection may; again while a partition's leader is not settled, as right after it was made.
    async fn ask<T: Send + 'static>(
        &self,
        question: impl Fn(&BaseConsumer<Quiet>) -> KafkaResult<T> + Send + 'static,
    ) -> Result<T, Fault> {
        answer(&self.state, tokio::task::spawn_blocking(self.asked(question)).await)
    }

    /// The question, to be asked where waiting is allowed.
    fn asked<T>(
        &self,
        question: impl Fn(&BaseConsumer<Quiet>) -> KafkaResult<T> + Send + 'static,
    ) -> impl FnOnce() -> KafkaResult<T> + Send + 'static {
        let consumer = Arc::clone(&self.consumer);
        move || {
            let consumer = consumer.lock().unwrap_or_else(PoisonError::into_inner);
            // Errors of its connections wait to be heard, while the cluster is away many.
            let _ = std::iter::from_fn(|| consumer.poll(Duration::ZERO)).take(ERRORS).count();
            let begun = Instant::now();
            loop {
                match question(&consumer) {
                    Err(error) if is_of_leaders(&error) && begun.elapsed() < PATIENCE => thread::sleep(NEXT),
                    answer => return answer,
                }
            }
        }
    }

    /// Asks what only a connection of the group may: that of a member here, or one for this question alone.
    async fn of_group<T: Send + 'static>(
        &self,
        options: &KafkaOptions,
        group: &str,
        member: Option<Arc<StreamConsumer<Claims>>>,
        question: impl FnOnce(&dyn Asked) -> KafkaResult<T> + Send + 'static,
    ) -> Result<T, Fault> {
        let mut config = options.client()?;
        config.set("group.id", options.name(group));
        only_looking(&mut config);
        let context = Quiet(self.state.clone());
        let asked = move || match member {
            Some(member) => question(&*member),
            None => question(&config.create_with_context::<_, BaseConsumer<Quiet>>(context)?),
        };
        answer(&self.state, tokio::task::spawn_blocking(asked).await)
    }
}

fn answer<T>(state: &State, answer: Result<KafkaResult<T>, JoinError>) -> Result<T, Fault> {
    let answer = answer.map_err(Fault::internal)?.map_err(|error| state.fault(error))?;
    state.answered();
    Ok(answer)
}

/// What is asked of a group's connection, whichever kind of consumer that is.
trait Asked {
    fn committed(&self, places: TopicPartitionList) -> KafkaResult<TopicPartitionList>;
    fn commit(&self, places: &TopicPartitionList, mode: CommitMode) -> KafkaResult<()>;
}

impl Asked for BaseConsumer<Quiet> {
    fn committed(&self, places: TopicPartitionList) -> KafkaResult<TopicPartitionList> {
        self.committed_offsets(places, PATIENCE)
    }

    fn commit(&self, places: &TopicPartitionList, mode: CommitMode) -> KafkaResult<()> {
        Consumer::commit(self, places, mode)
    }
}

impl Asked for StreamConsumer<Claims> {
    fn committed(&self, places: TopicPartitionList) -> KafkaResult<TopicPartitionList> {
        self.committed_offsets(places, PATIENCE)
    }

    fn commit(&self, places: &TopicPartitionList, mode: CommitMode) -> KafkaResult<()> {
        Consumer::commit(self, places, mode)
    }
}

type Offsets = BTreeMap<(String, i32), i64>;

fn only_looking(config: &mut ClientConfig) {
    config
        .set("enable.auto.commit", "false")
        .set("auto.offset.reset", "earliest")
        .set("allow.auto.create.topics", "false")
        .set("queued.max.messages.kbytes", "4096");
}

/// All partitions of topics; none of a topic that is not there.
fn partitions<C: ConsumerContext>(
    consumer: &BaseConsumer<C>,
    topics: &[String],
) -> KafkaResult<TopicPartitionList> {
    let mut found = TopicPartitionList::new();
    for name in topics {
        let metadata = consumer.fetch_metadata(Some(name), PATIENCE)?;
        for topic in metadata.topics() {
            for partition in topic.partitions() {
                found.add_partition(topic.name(), partition.id());
            }
        }
    }
    Ok(found)
}

/// For each partition its first offset, its end, or the first record at a time in milliseconds since 1970.
fn bounds<C: ConsumerContext>(
    consumer: &BaseConsumer<C>,
    partitions: &TopicPartitionList,
    which: Offset,
) -> KafkaResult<Offsets> {
    if partitions.count() == 0 {
        return Ok(Offsets::new());
    }
    let mut asked = partitions.clone();
    asked.set_all_offsets(which)?;
    offsets(&consumer.offsets_for_times(asked, PATIENCE)?)
}

/// Where a group goes on; 0 where it has committed nothing.
fn done(group: &dyn Asked, partitions: TopicPartitionList) -> KafkaResult<Offsets> {
    if partitions.count() == 0 {
        return Ok(Offsets::new());
    }
    let found = offsets(&group.committed(partitions)?)?;
    Ok(found.into_iter().map(|(place, offset)| (place, offset.max(0))).collect())
}

fn offsets(list: &TopicPartitionList) -> KafkaResult<Offsets> {
    let mut found = Offsets::new();
    for one in list.elements() {
        one.error()?;
        let offset = match one.offset() {
            Offset::Offset(offset) => offset,
            _ => -1,
        };
        found.insert((one.topic().to_owned(), one.partition()), offset);
    }
    Ok(found)
}

/// Errors that end once a broker leads the partition and all know of it.
fn is_of_leaders(error: &KafkaError) -> bool {
    let code = error.rdkafka_error_code();
    matches!(code, Some(RDKafkaErrorCode::LeaderNotAvailable | RDKafkaErrorCode::NotLeaderForPartition))
}

/// Errors that no waiting mends.
fn is_final(error: &KafkaError) -> bool {
    matches!(
        error.rdkafka_error_code(),
        Some(
            RDKafkaErrorCode::TopicAuthorizationFailed
                | RDKafkaErrorCode::UnknownTopicOrPartition
                | RDKafkaErrorCode::UnknownTopic
                | RDKafkaErrorCode::UnknownPartition
        )
    )
}
