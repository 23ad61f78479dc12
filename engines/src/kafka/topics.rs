//! The topics of the log: made when they are first needed or by `souk migrate`, each with the policy that it needs.
//!
//! Topics of events are compacted, and nothing else: the broker drops an event only after the retention, and only when
//! a later one of its key is there, so that the last of each key stays for ever. What it does not know is how far the
//! groups are: one that is behind by more than the retention gets the last state of each aggregate, and not every event
//! between. Without a retention, and for what is no event (dead letters, and events to be tried again), nothing is ever
//! dropped.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rdkafka::ClientConfig;
use rdkafka::admin::{
    AdminClient, AdminOptions, AlterConfig, ConfigSource, NewTopic, ResourceSpecifier, TopicReplication,
};
use rdkafka::types::RDKafkaErrorCode;
use souk_kit::event::Topic;
use souk_kit::fault::Fault;
use tokio::sync::OnceCell;

use super::client::{Quiet, State};
use super::producer::LARGEST;
use super::{KafkaOptions, away};
use crate::wait::until_there;

/// How long the cluster may take to make a topic.
const PATIENCE: Duration = Duration::from_secs(10);

/// What makes topics.
pub(super) struct Topics {
    options: KafkaOptions,
    config: ClientConfig,
    state: State,
    admin: OnceCell<AdminClient<Quiet>>,
    /// Those that are there.
    known: Mutex<BTreeSet<String>>,
}

/// What a topic is like.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Shape {
    /// As the cluster knows it.
    name: String,
    partitions: i32,
    settings: Vec<(&'static str, String)>,
}

impl Topics {
    pub(super) fn open(options: &KafkaOptions, state: &State) -> Result<Self, Fault> {
        Ok(Self {
            options: options.clone(),
            config: options.client()?,
            state: state.clone(),
            admin: OnceCell::new(),
            known: Mutex::default(),
        })
    }

    /// Makes those topics that are not there.
    pub(super) async fn settle(&self, topics: impl Iterator<Item = &str>) -> Result<(), Fault> {
        let missing: BTreeSet<String> = {
            let known = self.known();
            topics.filter(|topic| !known.contains(*topic)).map(str::to_owned).collect()
        };
        if missing.is_empty() {
            return Ok(());
        }
        let shapes: Vec<_> = missing.iter().map(|topic| shape(&self.options, topic)).collect();
        self.make(&shapes).await?;
        self.known().extend(missing);
        Ok(())
    }

    /// Makes those topics that are not there, and has the others keep what the configuration says now. Any number of
    /// processes may do this at once. Waits for a cluster that is not there yet.
    pub(super) async fn prepare(&self, topics: &[String]) -> Result<(), Fault> {
        let known: BTreeSet<String> = self.known().clone();
        if topics.iter().all(|topic| known.contains(topic)) {
            return Ok(());
        }
        let shapes: Vec<_> = topics.iter().map(|topic| shape(&self.options, topic)).collect();
        until_there("Kafka", async || {
            self.make(&shapes).await?;
            self.adapt(&shapes).await
        })
        .await?;
        self.known().extend(topics.iter().cloned());
        Ok(())
    }

    async fn make(&self, shapes: &[Shape]) -> Result<(), Fault> {
        let replication = i32::from(self.options.replication.max(1));
        let new: Vec<_> = shapes
            .iter()
            .map(|shape| {
                let topic =
                    NewTopic::new(&shape.name, shape.partitions, TopicReplication::Fixed(replication));
                shape.settings.iter().fold(topic, |topic, (key, value)| topic.set(key, value))
            })
            .collect();
        let made = self.admin().await?.create_topics(&new, &self.bounds()).await;
        let made = made.map_err(|error| self.state.fault(error))?;
        for outcome in made {
            match outcome {
                Ok(topic) => tracing::info!(topic, "made the topic {topic}"),
                Err((_, RDKafkaErrorCode::TopicAlreadyExists)) => {}
                // Who may not make topics has them made by somebody else.
                Err((
                    topic,
                    error @ (RDKafkaErrorCode::TopicAuthorizationFailed
                    | RDKafkaErrorCode::ClusterAuthorizationFailed),
                )) => tracing::debug!(topic, %error, "may not make the topic {topic}"),
                // So answers a cluster whose brokers have not all joined yet.
                Err((topic, error @ RDKafkaErrorCode::InvalidReplicationFactor)) => {
                    let few =
                        format!("fewer than {replication} brokers are there for the topic {topic}: {error}");
                    return Err(Fault::unavailable("the event log is not whole", std::io::Error::other(few)));
                }
                Err((topic, error)) if is_refusal(error) => {
                    return Err(Fault::bad_input(format!("Kafka does not make the topic {topic}: {error}")));
                }
                Err((topic, error)) => {
                    tracing::debug!(topic, %error, "cannot make the topic {topic}");
                    return Err(self.state.fault(rdkafka::error::KafkaError::AdminOp(error)));
                }
            }
        }
        self.state.answered();
        Ok(())
    }

    /// Brings the settings of topics up to date, and leaves those alone that are not ours. The number of partitions
    /// stays: with another one, the keys would stand elsewhere, and their order would be lost.
    async fn adapt(&self, shapes: &[Shape]) -> Result<(), Fault> {
        let asked: Vec<_> = shapes.iter().map(|shape| ResourceSpecifier::Topic(&shape.name)).collect();
        let found = self.admin().await?.describe_configs(&asked, &self.bounds()).await;
        let found = found.map_err(|error| self.state.fault(error))?;
        for (shape, found) in shapes.iter().zip(found) {
            let Ok(found) = found else {
                tracing::debug!(topic = shape.name, "may not read the settings of {}", shape.name);
                continue;
            };
            let now = |key: &str| found.entries.iter().find(|entry| entry.name == key)?.value.as_deref();
            if shape.settings.iter().all(|(key, value)| now(key) == Some(value)) {
                continue;
            }
            let others = found.entries.iter().filter(|entry| {
                entry.source == ConfigSource::DynamicTopic
                    && !shape.settings.iter().any(|(key, _)| *key == entry.name)
            });
            let kept = others.filter_map(|entry| Some((entry.name.as_str(), entry.value.as_deref()?)));
            let ours = shape.settings.iter().map(|(key, value)| (*key, value.as_str()));
            let topic = AlterConfig::new(ResourceSpecifier::Topic(&shape.name));
            let altered = kept.chain(ours).fold(topic, |topic, (key, value)| topic.set(key, value));
            let outcome = self.admin().await?.alter_configs([&altered], &self.bounds()).await;
            let outcome = outcome.map_err(|error| self.state.fault(error))?;
            for outcome in outcome {
                match outcome {
                    Ok(_) => tracing::info!(topic = shape.name, "{} keeps its events anew", shape.name),
                    Err((_, error)) => tracing::warn!(
                        topic = shape.name, %error,
                        "{} does not keep its events as the configuration says", shape.name,
                    ),
                }
            }
        }
        Ok(())
    }

    /// Deletes the topics that this log has made or found.
    pub(super) async fn delete(&self) -> Result<(), Fault> {
        let names: Vec<String> = self.known().iter().map(|topic| self.options.name(topic)).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        if names.is_empty() {
            return Ok(());
        }
        let outcome = self.admin().await?.delete_topics(&names, &self.bounds()).await.map_err(away)?;
        match outcome.into_iter().find_map(Result::err) {
            Some((_, error)) => Err(away(rdkafka::error::KafkaError::AdminOp(error))),
            None => Ok(()),
        }
    }

    async fn admin(&self) -> Result<&AdminClient<Quiet>, Fault> {
        self.admin
            .get_or_try_init(async || {
                self.config.create_with_context(Quiet(self.state.clone())).map_err(away)
            })
            .await
    }

    #[expect(clippy::unused_self, reason = "reads as what it is at its call sites")]
    fn bounds(&self) -> AdminOptions {
        AdminOptions::new().request_timeout(Some(PATIENCE)).operation_timeout(Some(PATIENCE))
    }

    fn known(&self) -> std::sync::MutexGuard<'_, BTreeSet<String>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a cluster does not make a topic because of how it is to be; other errors may pass.
fn is_refusal(error: RDKafkaErrorCode) -> bool {
    matches!(
        error,
        RDKafkaErrorCode::InvalidPartitions
            | RDKafkaErrorCode::InvalidTopic
            | RDKafkaErrorCode::InvalidConfig
            | RDKafkaErrorCode::PolicyViolation
    )
}

fn shape(options: &KafkaOptions, topic: &str) -> Shape {
    let is_events = Topic::ALL.iter().any(|known| known.name() == topic);
    let mut settings = match options.retention {
        Some(keep) if is_events => vec![
            ("cleanup.policy", "compact".to_owned()),
            ("min.compaction.lag.ms", keep.as_millis().to_string()),
        ],
        _ => vec![("cleanup.policy", "delete".to_owned()), ("retention.ms", "-1".to_owned())],
    };
    // An acknowledged record is on two brokers where there are three.
    let in_sync = options.replication.saturating_sub(1).max(1);
    settings.push(("min.insync.replicas", in_sync.to_string()));
    settings.push(("max.message.bytes", LARGEST.to_string()));
    // What is no event comes rarely, and in one order for all keys.
    let partitions = if is_events { i32::from(options.partitions.max(1)) } else { 1 };
    Shape { name: options.name(topic), partitions, settings }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kafka::Security;

    #[test]
    fn the_last_event_of_a_key_is_never_dropped_and_neither_is_a_dead_letter() {
        let options = KafkaOptions {
            brokers: String::new(),
            prefix: "shop.".into(),
            partitions: 6,
            replication: 3,
            retention: Some(Duration::from_hours(24)),
            security: Security::default(),
        };
        let told = |options: &KafkaOptions, topic| {
            let shape = shape(options, topic);
            let settings: Vec<_> =
                shape.settings.iter().map(|(key, value)| format!("{key}={value}")).collect();
            format!("{} {} {}", shape.name, shape.partitions, settings.join(" "))
        };
        assert_eq!(
            told(&options, "product.events"),
            "shop.product.events 6 cleanup.policy=compact min.compaction.lag.ms=86400000 min.insync.replicas=2 max.message.bytes=9000000"
        );
        assert_eq!(
            told(&options, "catalog.learn-companies.dead"),
            "shop.catalog.learn-companies.dead 1 cleanup.policy=delete retention.ms=-1 min.insync.replicas=2 max.message.bytes=9000000"
        );
        let for_ever = KafkaOptions { retention: None, replication: 1, ..options };
        assert_eq!(
            told(&for_ever, "product.events"),
            "shop.product.events 6 cleanup.policy=delete retention.ms=-1 min.insync.replicas=1 max.message.bytes=9000000"
        );
    }
}
