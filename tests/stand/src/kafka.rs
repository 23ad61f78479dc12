//! Kafka out of its archives in Maven: one node that is broker and controller.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::cache::{archives, obtain};
use crate::engine::{Engine, Kind, Missing};
use crate::java;
use crate::network::{ask, free_port};
use crate::process::run;

const PROJECT: &str = include_str!("../java/kafka.xml");
/// The cluster's id: a UUID in base64.
const CLUSTER: &str = "U291ayB0ZXN0cyBLYWZrYQ";

/// A cluster of Kafka of one node, without TLS and passwords.
pub type Kafka = Engine<KafkaKind>;

/// How Kafka is run.
#[derive(Debug)]
pub struct KafkaKind {
    libs: PathBuf,
    properties: PathBuf,
    java: PathBuf,
    port: u16,
}

impl Kind for KafkaKind {
    const NAME: &'static str = "Kafka";
    const VARIABLE: &'static str = "SOUK_TEST_KAFKA_BROKERS";

    async fn prepare(folder: &Path) -> Result<Self, Missing> {
        let java = java::home()?;
        let cached =
            obtain("kafka", PROJECT, |folder| async move { archives(PROJECT, &folder).await.map(|_| ()) });
        let libs = cached.await?.join("libs");
        let (port, controller) = (free_port()?, free_port()?);
        let properties = folder.join("server.properties");
        fs::write(&properties, settings(port, controller, &folder.join("kafka")))?;
        let kind = Self { libs, properties, java, port };
        let mut format = kind.java("kafka.tools.StorageTool");
        format.args(["format", "-t", CLUSTER, "-c"]).arg(&kind.properties);
        run(format, &folder.join("format.log"), "").await?;
        Ok(kind)
    }

    fn command(&self) -> Command {
        let mut command = self.java("kafka.Kafka");
        command.arg(&self.properties);
        command
    }

    fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// The port opens before the node knows itself; then its metadata name no broker.
    async fn answers(&self) -> io::Result<bool> {
        // Request 3 (metadata) in version 7 with correlation id 1 and no client's name, of no topic and making none.
        let question = [&[0, 3, 0, 7, 0, 0, 0, 1, 0xff, 0xff][..], &[0, 0, 0, 0, 0]].concat();
        let length = u32::try_from(question.len()).unwrap_or_default().to_be_bytes();
        let question = [length.as_slice(), &question].concat();
        // Length, correlation id and throttling time, then the number of brokers.
        let answer = ask(("127.0.0.1", self.port), &question, |answer| answer.len() >= 16).await?;
        let brokers = answer.get(12..16).and_then(|bytes| bytes.try_into().ok()).map(i32::from_be_bytes);
        Ok(brokers.is_some_and(|brokers| brokers > 0))
    }
}

impl KafkaKind {
    fn java(&self, class: &str) -> Command {
        let mut command = Command::new(self.java.join("bin/java"));
        command.args(["-Xmx256m", "-Xms64m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]);
        command.arg("-XX:MaxDirectMemorySize=64m").arg("-cp").arg(self.libs.join("*")).arg(class);
        command
    }
}

/// Small, and quick to agree with itself: by its defaults a node takes twelve seconds to come back.
fn settings(port: u16, controller: u16, data: &Path) -> String {
    format!(
        "process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
log.dirs={}
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
log.cleaner.dedupe.buffer.size=2097152
log.cleaner.threads=1
broker.heartbeat.interval.ms=100
broker.session.timeout.ms=1000
group.consumer.min.heartbeat.interval.ms=100
group.consumer.heartbeat.interval.ms=300
group.consumer.min.session.timeout.ms=1000
group.consumer.session.timeout.ms=6000
",
        data.display()
    )
}
