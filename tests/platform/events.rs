//! `souk events` beside a platform, on its embedded log and on Kafka: what stands there, who is behind, and what failed.

use std::path::Path;
use std::process::Output;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use souk_engines::kafka::{KafkaEventLog, KafkaOptions, Security};
use souk_kit::clock::Clock;
use souk_kit::consumer::retry_topic;
use souk_kit::event_log::{EventLog, Record, SqliteEventLog};
use souk_kit::sql::Durability;
use souk_stand::Kafka;

use super::souk::{Souk, command, line};

const CONSUMER: &str = "catalog.learn-companies";
const TOPIC: &str = "company.events";
const PATIENCE: Duration = Duration::from_mins(2);
/// An event of which the consumer cannot read the data.
const POISON: &str = r#"{"specversion":"1.0","id":"evt_01h2xcejqtf2nbrexx3vqjhp41","type":"company.created","source":"/souk/merchants","subject":"comp_1","time":"2026-01-01T00:00:00Z","datacontenttype":"application/json","actor":"service:seed","sequence":1,"schemaversion":1,"correlation":"c","data":{"id":"no id"}}"#;

type Settings = Vec<(&'static str, String)>;

fn without_demo() -> Settings {
    vec![("SOUK_DEMO__SEED", "false".to_owned())]
}

fn on_kafka(brokers: &str, prefix: &str) -> Settings {
    let mut settings = without_demo();
    settings.push(("SOUK_KAFKA__BROKERS", brokers.to_owned()));
    settings.push(("SOUK_KAFKA__PREFIX", prefix.to_owned()));
    settings.push(("SOUK_KAFKA__PARTITIONS", "2".to_owned()));
    settings
}

fn run(data: &Path, settings: &Settings, args: &[&str]) -> Output {
    command(data, args).envs(settings.iter().map(|(name, value)| (name, value))).output().unwrap()
}

/// What a command prints; it must succeed.
fn told(data: &Path, settings: &Settings, args: &[&str]) -> String {
    let output = run(data, settings, args);
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The same, once it is as `wanted` says.
fn told_once(data: &Path, settings: &Settings, args: &[&str], wanted: impl Fn(&str) -> bool) -> String {
    let begun = Instant::now();
    loop {
        let told = told(data, settings, args);
        if wanted(&told) {
            return told;
        }
        assert!(begun.elapsed() < PATIENCE, "{args:?}: {told}");
        std::thread::sleep(Duration::from_millis(200));
    }
}

fn lag(topic: &str, count: usize) -> String {
    format!("{CONSUMER}\t{topic}\t{count}\n")
}

async fn create_company(souk: &Souk, token: &str) -> String {
    let create = "mutation($input: CompanyCreateInput!) { companyCreate(input: $input) { company { id } userErrors { code } } }";
    let company = json!({ "name": "Nour", "slug": "nour", "settings": { "currency": "EUR", "timeZone": "Europe/Berlin" } });
    let made = souk.ask(Some(token), create, json!({ "input": company })).await;
    made["companyCreate"]["company"]["id"].as_str().unwrap_or_else(|| panic!("{made}")).to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kafka_is_looked_at_and_consumers_are_put_back_beside_whatever_runs() {
    let Some(brokers) = souk_stand::kafka_brokers() else { return };
    let prefix = format!("events-test-{}.", std::process::id());
    let folder = tempfile::tempdir().unwrap();
    let settings = on_kafka(&brokers, &prefix);
    let log = KafkaEventLog::open(KafkaOptions {
        brokers,
        prefix,
        partitions: 2,
        replication: 1,
        retention: None,
        security: Security::default(),
    });
    look_and_put_back(&folder.path().join("data"), &settings, &log.unwrap()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_embedded_log_is_looked_at_and_consumers_are_put_back_beside_whatever_runs() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let log = SqliteEventLog::open(&data, Clock::system(), Durability::ProcessCrash).await.unwrap();
    look_and_put_back(&data, &without_demo(), &log).await;
}

async fn look_and_put_back(data: &Path, settings: &Settings, log: &dyn EventLog) {
    let tell = |args: &[&str]| told(data, settings, &[&["events"], args].concat());
    let tell_once = |args: &[&str], wanted: &dyn Fn(&str) -> bool| {
        told_once(data, settings, &[&["events"], args].concat(), wanted)
    };
    let of_consumer = ["--consumer", CONSUMER];
    let souk = Souk::start(data, &["serve"], settings);
    let token = line(data, &["token", "--role", "super-admin"]);
    let company = create_company(&souk, &token).await;

    let line = tell_once(&["tail", TOPIC], &|told| told.lines().count() == 1);
    let line: Value = serde_json::from_str(&line).unwrap();
    assert_eq!((&line["topic"], &line["key"]), (&json!(TOPIC), &json!(company)));
    assert_eq!(line["event"]["type"], "company.created");
    assert_eq!(line["event"]["data"]["slug"], "nour");
    assert_eq!(tell(&["tail", TOPIC, "--from", "now"]), "");
    let lag_of_consumer = ["lag", of_consumer[0], of_consumer[1]];
    tell_once(&lag_of_consumer, &|told| told == lag(TOPIC, 0) + &lag(&retry_topic(CONSUMER), 0));
    let all = tell(&["lag"]);
    assert!(all.contains(&lag(TOPIC, 0)) && all.contains("search.") && all.contains("analytics."), "{all}");
    assert_eq!(tell(&["dlq", "list"]), "", "nothing failed yet");

    log.append(vec![Record::new(TOPIC, "poisoned", POISON)]).await.unwrap();
    let list = ["dlq", "list", of_consumer[0], of_consumer[1]];
    let letters = tell_once(&list, &|told| !told.is_empty());
    let letter: Vec<_> = letters.trim_end().split('\t').collect();
    assert_eq!((letters.lines().count(), letter[1], letter[3]), (1, CONSUMER, "poisoned"), "{letters}");
    assert!(letter[2].starts_with("company.events/"), "{letters}");
    tell_once(&lag_of_consumer, &|told| told.starts_with(&lag(TOPIC, 0)));
    let replay = ["events", "replay", "--consumer", CONSUMER, "--from", "beginning", "--topic", TOPIC];
    let refused = run(data, settings, &replay);
    let reason = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success() && reason.contains("is at work: stop it first"), "{reason}");
    assert_eq!(souk.terminate(), Some(0));

    let retry = ["dlq", "retry", of_consumer[0], of_consumer[1]];
    assert_eq!(tell(&retry), format!("{CONSUMER}: 1 to be tried again\n"));
    assert_eq!(tell(&list), "", "it waits for its consumer now");
    assert_eq!(tell(&lag_of_consumer), lag(TOPIC, 0) + &lag(&retry_topic(CONSUMER), 1));
    // All topics: what waits to be tried again goes on waiting.
    let put_back = told(data, settings, &replay[..6]);
    assert_eq!(put_back, format!("{CONSUMER}\t{TOPIC}\t2 to be taken\n"));
    assert_eq!(tell(&lag_of_consumer), lag(TOPIC, 2) + &lag(&retry_topic(CONSUMER), 1));

    let souk = Souk::start(data, &["serve"], settings);
    tell_once(&lag_of_consumer, &|told| told == lag(TOPIC, 0) + &lag(&retry_topic(CONSUMER), 0));
    let letters = tell_once(&list, &|told| told.lines().count() == 2);
    assert!(
        letters.lines().all(|letter| letter.contains("\tpoisoned\t")),
        "taken again, it fails again: {letters}"
    );
    assert_eq!(souk.terminate(), Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kafka_that_asks_for_a_password_is_told_it_and_a_wrong_one_ends_the_start() {
    let Some(kafka) = Kafka::start_guarded().await else { return };
    let guard = kafka.guard().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let with = |password: &str| {
        let mut settings = on_kafka(&guard.brokers, "");
        settings.push(("SOUK_KAFKA__SECURITY_PROTOCOL", "sasl_plaintext".to_owned()));
        settings.push(("SOUK_KAFKA__SASL_MECHANISM", "PLAIN".to_owned()));
        settings.push(("SOUK_KAFKA__SASL_USER", guard.user.to_owned()));
        settings.push(("SOUK_KAFKA__SASL_PASSWORD", password.to_owned()));
        settings
    };
    for args in [["migrate", ""], ["events", "lag"]] {
        let args: Vec<_> = args.into_iter().filter(|arg| !arg.is_empty()).collect();
        let refused = run(&data, &with("a-wrong-password"), &args);
        let reason = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(!refused.status.success(), "{args:?}");
        assert!(
            reason.contains("Kafka does not let us in") && !reason.contains("a-wrong-password"),
            "{reason}"
        );
    }
    told(&data, &with(guard.password), &["migrate"]);
    assert!(told(&data, &with(guard.password), &["events", "lag"]).contains(&lag(TOPIC, 0)));
    kafka.stop().await;
}
