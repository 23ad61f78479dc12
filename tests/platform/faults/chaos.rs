//! Kills engines and roles with `kill -9`, one after the other in random order, and starts them again.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};
use souk_stand::{Elasticsearch, Engine, Kafka, Kind, MongoDb, Postgres, Redis, S3};

use crate::platform::Platform;
use crate::side::Addresses;

/// The roles of every platform that may be killed; in the process of the catalogue is the relay of its events.
const ROLES: [&str; 7] =
    ["merchants", "catalog", "analytics", "analytics-worker", "search", "search-indexer", "gateway"];
const ENGINES: [&str; 6] = ["PostgreSQL", "MongoDB", "Kafka", "Redis", "Elasticsearch", "S3"];

/// Engines that belong to one test.
pub(super) struct Engines {
    postgres: Postgres,
    mongodb: MongoDb,
    kafka: Kafka,
    redis: Redis,
    elasticsearch: Elasticsearch,
    s3: S3,
}

impl Engines {
    /// `None`, said as `skipped: …`, where one is missing.
    pub(super) async fn start() -> Option<Self> {
        Some(Self {
            postgres: Postgres::start().await?,
            mongodb: MongoDb::start().await?,
            kafka: Kafka::start().await?,
            redis: Redis::start().await?,
            elasticsearch: Elasticsearch::start().await?,
            s3: S3::start().await?,
        })
    }

    pub(super) fn addresses(&self) -> Addresses {
        Addresses {
            postgres: self.postgres.url(),
            mongodb: self.mongodb.url(),
            kafka: self.kafka.url(),
            redis: self.redis.url(),
            elasticsearch: self.elasticsearch.url(),
            s3: self.s3.url(),
        }
    }

    async fn kill_for(&mut self, name: &str, pause: Duration) {
        match name {
            "PostgreSQL" => kill(&mut self.postgres, pause).await,
            "MongoDB" => kill(&mut self.mongodb, pause).await,
            "Kafka" => kill(&mut self.kafka, pause).await,
            "Redis" => kill(&mut self.redis, pause).await,
            "Elasticsearch" => kill(&mut self.elasticsearch, pause).await,
            _ => kill(&mut self.s3, pause).await,
        }
    }

    pub(super) async fn stop(self) {
        self.postgres.stop().await;
        self.mongodb.stop().await;
        self.kafka.stop().await;
        self.redis.stop().await;
        self.elasticsearch.stop().await;
        self.s3.stop().await;
    }
}

async fn kill<K: Kind>(engine: &mut Engine<K>, pause: Duration) {
    engine.kill().await;
    tokio::time::sleep(pause).await;
    engine.restart().await.unwrap();
}

pub(super) struct Chaos {
    pub(super) platform: Platform,
    pub(super) engines: Option<Engines>,
    victims: Vec<String>,
    kills: BTreeMap<String, usize>,
}

impl Chaos {
    /// Kills all roles, `more` of them, and the engines.
    pub(super) fn new(platform: Platform, engines: Option<Engines>, more: &[&str]) -> Self {
        let of_engines = engines.iter().flat_map(|_| ENGINES);
        let victims = ROLES.iter().chain(more).copied().chain(of_engines).map(str::to_owned).collect();
        Self { platform, engines, victims, kills: BTreeMap::new() }
    }

    /// Goes on until `is_over`, and sets `killed_all` when everything was killed once.
    pub(super) async fn run(mut self, killed_all: Arc<AtomicBool>, is_over: Arc<AtomicBool>) -> Self {
        let mut rng = StdRng::seed_from_u64(4);
        while !is_over.load(Ordering::Relaxed) {
            self.victims.shuffle(&mut rng);
            for victim in self.victims.clone() {
                if is_over.load(Ordering::Relaxed) {
                    break;
                }
                let pause = Duration::from_millis(rng.random_range(0..1_500));
                self.kill(&victim, pause).await;
                *self.kills.entry(victim).or_default() += 1;
                tokio::time::sleep(Duration::from_millis(rng.random_range(500..3_000))).await;
            }
            killed_all.store(true, Ordering::Relaxed);
        }
        self
    }

    async fn kill(&mut self, victim: &str, pause: Duration) {
        match &mut self.engines {
            Some(engines) if ENGINES.contains(&victim) => engines.kill_for(victim, pause).await,
            _ => {
                self.platform.kill(victim);
                tokio::time::sleep(pause).await;
                // It waits for the line that the role prints when it listens.
                tokio::task::block_in_place(|| self.platform.start(victim));
            }
        }
    }

    pub(super) fn summary(&self) -> String {
        let kills = self.kills.iter().map(|(name, count)| format!("{name} {count}×"));
        kills.collect::<Vec<_>>().join(", ")
    }
}
