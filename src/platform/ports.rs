//! What the subgraphs of this process stand on: for each port the real engine that the configuration names, or the
//! embedded store below the data folder.

use std::sync::Arc;
use std::time::Duration;

use anyhow::anyhow;
use souk_engines::kafka::{KafkaEventLog, KafkaOptions, Security};
use souk_engines::mongodb::{MongoDb, MongoDbOptions};
use souk_kit::clock::Clock;
use souk_kit::documents::DocumentEngines;
use souk_kit::event_log::EventLog;
use souk_kit::ports::Ports;
use souk_kit::sql::{Durability, LONGEST_READ, Sql, SqlOptions};

use crate::config::{self, Config};

const DAY: Duration = Duration::from_hours(24);

/// Opens the configured side of every port. Engines need not answer yet: migrations wait for them.
pub(crate) async fn open(config: &Config, clock: &Clock) -> anyhow::Result<Ports> {
    let folder = &config.data.dir;
    let ports = Ports::embedded(folder.clone(), clock.clone(), Durability::default())
        .await
        .map_err(|fault| anyhow!("the data folder {} cannot be used: {fault:?}", folder.display()))?;
    let events = events(config)?.unwrap_or_else(|| Arc::clone(&ports.events));
    let postgres = config.postgres.options();
    Ok(Ports {
        longest_read: postgres.as_ref().map_or(LONGEST_READ, |_| config.postgres.longest_read()),
        postgres,
        events,
        documents: documents(&config.mongodb).await?,
        idempotency_retention: DAY * u32::from(config.api.idempotency_days),
        ..ports
    })
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
    let deployment = MongoDb::new(options).await.map_err(|fault| anyhow!("`mongodb.url`: {fault:?}"))?;
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
    let days = config.events.retention_days;
    let options = KafkaOptions {
        brokers: kafka.brokers.clone(),
        prefix: kafka.prefix.clone(),
        partitions: kafka.partitions,
        replication: kafka.replication,
        retention: (days > 0).then(|| DAY * u32::from(days)),
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
