//! Kafka out of its archives in Maven: one node that is broker and controller.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::cache::{archives, obtain};
use crate::certificate::Certificate;
use crate::engine::{Engine, Kind, Missing};
use crate::java;
use crate::network::{ask, free_port};
use crate::process::run;

const PROJECT: &str = include_str!("../java/kafka.xml");
/// The cluster's id: a UUID in base64.
const CLUSTER: &str = "U291ayB0ZXN0cyBLYWZrYQ";

/// By whom and how a guarded cluster is entered.
const USER: &str = "souk";
const PASSWORD: &str = "only-for-tests";

/// A cluster of Kafka of one node, without TLS and passwords unless it is guarded.
pub type Kafka = Engine<KafkaKind>;

/// How Kafka is run.
#[derive(Debug)]
pub struct KafkaKind {
    libs: PathBuf,
    properties: PathBuf,
    java: PathBuf,
    port: u16,
    guard: Option<Guard>,
}

/// How a guarded cluster is entered, by PLAIN or SCRAM-SHA-512.
#[derive(Debug)]
pub struct Guard {
    /// The one user that there is.
    pub user: &'static str,
    /// Its password.
    pub password: &'static str,
    /// Where one enters with the password alone, as `HOST:PORT`.
    pub brokers: String,
    /// Where one enters with the password over TLS.
    pub encrypted_brokers: String,
    /// What it shows there.
    pub certificate: Certificate,
}

impl Kafka {
    /// Like [`Engine::start`]; and it has doors that ask for a password, as [`Kafka::guard`] says.
    pub async fn start_guarded() -> Option<Self> {
        Self::or_skipped(Self::launch_as(KafkaKind::guarded).await)
    }

    /// How a guarded cluster is entered.
    pub fn guard(&self) -> Option<&Guard> {
        self.kind().guard.as_ref()
    }
}

impl Kind for KafkaKind {
    const NAME: &'static str = "Kafka";
    const VARIABLE: &'static str = "SOUK_TEST_KAFKA_BROKERS";

    async fn prepare(folder: &Path) -> Result<Self, Missing> {
        let (port, controller) = (free_port()?, free_port()?);
        let settings = settings(port, controller, &folder.join("kafka"), "", "");
        let kind = Self::of(folder, port, None).await?;
        kind.format(folder, &settings, &[]).await?;
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
    async fn guarded(folder: &Path) -> Result<Self, Missing> {
        let certificate = Certificate::issue(folder).await?;
        // One file with both is what Kafka reads.
        let shown = [fs::read(&certificate.key)?, fs::read(&certificate.certificate)?].concat();
        let keys = folder.join("kafka.pem");
        fs::write(&keys, shown)?;
        let [port, controller, signed_in, encrypted] =
            [free_port()?, free_port()?, free_port()?, free_port()?];
        let doors = format!(",SASL_PLAINTEXT://127.0.0.1:{signed_in},SASL_SSL://127.0.0.1:{encrypted}");
        let guarding = guarding(&keys);
        let settings = settings(port, controller, &folder.join("kafka"), &doors, &guarding);
        let guard = Guard {
            user: USER,
            password: PASSWORD,
            brokers: format!("127.0.0.1:{signed_in}"),
            encrypted_brokers: format!("127.0.0.1:{encrypted}"),
            certificate,
        };
        let kind = Self::of(folder, port, Some(guard)).await?;
        let user = format!("SCRAM-SHA-512=[name={USER},password={PASSWORD}]");
        kind.format(folder, &settings, &["--add-scram", &user]).await?;
        Ok(kind)
    }

    async fn of(folder: &Path, port: u16, guard: Option<Guard>) -> Result<Self, Missing> {
        let java = java::home()?;
        let cached =
            obtain("kafka", PROJECT, |folder| async move { archives(PROJECT, &folder).await.map(|_| ()) });
        let libs = cached.await?.join("libs");
        Ok(Self { libs, properties: folder.join("server.properties"), java, port, guard })
    }

    /// Makes an empty cluster of these settings.
    async fn format(&self, folder: &Path, settings: &str, more: &[&str]) -> Result<(), Missing> {
        fs::write(&self.properties, settings)?;
        let mut format = self.java("kafka.tools.StorageTool");
        format.args(["format", "-t", CLUSTER]).args(more).arg("-c").arg(&self.properties);
        run(format, &folder.join("format.log"), "").await
    }

    fn java(&self, class: &str) -> Command {
        let mut command = Command::new(self.java.join("bin/java"));
        command.args(["-Xmx256m", "-Xms64m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]);
        command.arg("-XX:MaxDirectMemorySize=64m").arg("-cp").arg(self.libs.join("*")).arg(class);
        command
    }
}

/// Small, and quick to agree with itself: by its defaults a node takes twelve seconds to come back.
fn settings(port: u16, controller: u16, data: &Path, doors: &str, more: &str) -> String {
    format!(
        "process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{port}{doors},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}{doors}
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SASL_PLAINTEXT:SASL_PLAINTEXT,SASL_SSL:SASL_SSL
log.dirs={}
auto.create.topics.enable=false
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
{more}",
        data.display()
    )
}

/// What the doors with passwords need: who may enter, and with which certificate.
fn guarding(keys: &Path) -> String {
    let modules = "org.apache.kafka.common.security";
    let doors = ["sasl_plaintext", "sasl_ssl"].map(|door| {
        format!(
            "listener.name.{door}.plain.sasl.jaas.config={modules}.plain.PlainLoginModule required user_{USER}=\"{PASSWORD}\";
listener.name.{door}.scram-sha-512.sasl.jaas.config={modules}.scram.ScramLoginModule required;
"
        )
    });
    format!(
        "sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-512
ssl.keystore.type=PEM
ssl.keystore.location={}
{}",
        keys.display(),
        doors.concat()
    )
}
