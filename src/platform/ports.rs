//! What the subgraphs of this process stand on: for each port the real engine that the configuration names, or the
//! embedded store below the data folder.

use std::sync::Arc;
use std::time::Duration;

use anyhow::anyhow;
use souk_engines::kafka::{KafkaEventLog, KafkaOptions, Security};
use souk_engines::mongodb::{MongoDb, MongoDbOptions};
use souk_engines::redis::Redis;
use souk_engines::s3::{S3, S3Options};
use souk_engines::wait::until_there;
use souk_kit::blobs::Blobs;
use souk_kit::check::Check;
use souk_kit::clock::Clock;
use souk_kit::documents::DocumentEngines;
use souk_kit::event_log::{EventLog, SqliteEventLog};
use souk_kit::fault::Fault;
use souk_kit::key_value::{self, SharedKeyValue};
use souk_kit::ports::{Ports, Stores};
use souk_kit::sql::{Durability, Sql, SqlOptions};

use crate::config::{self, Config};

const DAY: Duration = Duration::from_hours(24);

/// Opens the configured side of every port, and no other: with engines for all of them the data folder stays as it is.
/// Engines need not answer yet: migrations wait for theirs, [`waiting`](super::waiting) for others. What MongoDB's address
/// stands for is looked up here, until that can be.
pub(crate) async fn open(config: &Config, clock: &Clock) -> anyhow::Result<Ports> {
    let folder = &config.data.dir;
    let (redis, s3) = (redis(&config.redis)?, s3(&config.s3)?);
    let stores = stores(config, clock, redis.as_ref(), s3.as_ref()).await?;
    let mut ports = Ports::on(stores, folder.clone(), clock.clone(), Durability::default());
    if let Some(postgres) = config.postgres.options() {
        ports.longest_read = config.postgres.longest_read();
        ports.postgres = Some(postgres);
    }
    ports.documents = documents(&config.mongodb).await?;
    ports.idempotency_retention = DAY * u32::from(config.api.idempotency_days);
    ports.engines.extend(redis.map(|redis| {
        Check::new("Redis", move || {
            let redis = Arc::clone(&redis);
            async move { redis.ready().await }
        })
    }));
    ports.engines.extend(s3.map(|s3| {
        Check::new("S3", move || {
            let s3 = s3.clone();
            async move { s3.ready().await }
        })
    }));
    Ok(ports)
}

async fn stores(
    config: &Config,
    clock: &Clock,
    redis: Option<&Arc<Redis>>,
    s3: Option<&S3>,
) -> anyhow::Result<Stores> {
    let folder = &config.data.dir;
    let unusable = |fault: Fault| anyhow!("the data folder {} cannot be used: {fault:?}", folder.display());
    let events: Arc<dyn EventLog> = match events(config)? {
        Some(kafka) => kafka,
        None => Arc::new(
            SqliteEventLog::open(folder, clock.clone(), Durability::default()).await.map_err(unusable)?,
        ),
    };
    let (volatile, sessions): (SharedKeyValue, SharedKeyValue) = match redis {
        Some(redis) => (redis.clone(), redis.clone()),
        None => {
            let sessions = key_value::durable(folder, clock.clone()).await.map_err(unusable)?;
            (key_value::in_process(clock.clone()), sessions)
        }
    };
    let blobs = match s3 {
        Some(s3) => s3.blobs(),
        None => Blobs::folder(&folder.join("blobs")).map_err(unusable)?,
    };
    Ok(Stores { events, volatile, sessions, blobs })
}

async fn documents(config: &config::MongoDb) -> anyhow::Result<Option<Arc<dyn DocumentEngines>>> {
    let url = config.url.reveal();
    if url.is_empty() {
        return Ok(None);
    }
    let milliseconds = |count: u32| Duration::from_millis(count.into());
    let options = MongoDbOptions {
        connections: config.connections,
        connect_timeout: milliseconds(config.connect_timeout_ms),
        operation_timeout: milliseconds(config.operation_timeout_ms),
        ..MongoDbOptions::new(url, &config.prefix)
    };
    let deployment = until_there("MongoDB", || MongoDb::new(options.clone())).await;
    let deployment = deployment.map_err(|fault| anyhow!("`mongodb.url`: {fault:?}"))?;
    Ok(Some(Arc::new(deployment)))
}

/// Whether the database of the relational subgraph `name` was ever made. Waits for a server that does not answer yet.
pub(crate) async fn has_database(config: &Config, name: &str) -> anyhow::Result<bool> {
    let Some(postgres) = config.postgres.options() else {
        return Ok(config.data.dir.join(format!("{name}.sqlite")).exists());
    };
    let options = SqlOptions { postgres: Some(postgres), ..SqlOptions::new(&config.data.dir, name) };
    let there = async { Sql::open(options).await?.exists().await };
    there.await.map_err(|fault| anyhow!("PostgreSQL cannot be used: {fault:?}"))
}

/// The event log on Kafka, where there is one.
fn events(config: &Config) -> anyhow::Result<Option<Arc<dyn EventLog>>> {
    let kafka = &config.kafka;
    if kafka.brokers.is_empty() {
        return Ok(None);
    }
    let options = KafkaOptions {
        brokers: kafka.brokers.clone(),
        prefix: kafka.prefix.clone(),
        partitions: kafka.partitions,
        replication: kafka.replication,
        retention: config.events.retention().and_then(|kept| kept.to_std().ok()),
        security: Security {
            protocol: kafka.security_protocol.clone(),
            mechanism: kafka.sasl_mechanism.clone(),
            user: kafka.sasl_user.clone(),
            password: kafka.sasl_password.reveal().to_owned(),
            ca_file: (!kafka.ca_file.is_empty()).then(|| kafka.ca_file.clone().into()),
        },
    };
    let log = KafkaEventLog::open(options).map_err(|fault| anyhow!("Kafka cannot be used: {fault:?}"))?;
    Ok(Some(Arc::new(log)))
}

/// Sessions, caches and limits in Redis, where there is one.
fn redis(settings: &config::Redis) -> anyhow::Result<Option<Arc<Redis>>> {
    let url = settings.url.reveal();
    if url.is_empty() {
        return Ok(None);
    }
    let redis = match settings.cluster {
        true => Redis::cluster(&url.split(',').map(str::trim).collect::<Vec<_>>(), &settings.prefix),
        false => Redis::new(url, &settings.prefix),
    };
    Ok(Some(Arc::new(redis.map_err(|fault| anyhow!("[redis]: {fault:?}"))?)))
}

/// Files in a bucket, where there is one.
fn s3(settings: &config::S3) -> anyhow::Result<Option<S3>> {
    if settings.bucket.is_empty() {
        return Ok(None);
    }
    let s3 = S3::new(S3Options {
        bucket: settings.bucket.clone(),
        prefix: settings.prefix.clone(),
        endpoint: settings.endpoint.clone(),
        region: settings.region.clone(),
        access_key: settings.access_key.clone(),
        secret_key: settings.secret_key.reveal().to_owned(),
    });
    Ok(Some(s3.map_err(|fault| anyhow!("[s3]: {fault:?}"))?))
}
