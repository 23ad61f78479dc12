//! A Kafka that asks who one is: by a password alone, and in builds with `kafka-tls` by SCRAM and over TLS.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use souk_engines::kafka::{KafkaEventLog, KafkaOptions, Security};
use souk_kit::event_log::{EventLog, Lease, Record};
use souk_kit::fault::{Code, Fault};
use souk_stand::{Guard, Kafka};

const TOPIC: &str = "shop.events";
const WRONG: &str = "not-the-password";
/// An append and a start-up are given up after ten seconds each.
const PATIENCE: Duration = Duration::from_mins(1);

fn by_password(guard: &Guard) -> Security {
    Security {
        protocol: "sasl_plaintext".into(),
        mechanism: "PLAIN".into(),
        user: guard.user.into(),
        password: guard.password.into(),
        ca_file: None,
    }
}

fn over_tls(guard: &Guard, ca_file: Option<PathBuf>) -> Security {
    let (protocol, mechanism) = ("sasl_ssl".into(), "SCRAM-SHA-512".into());
    Security { protocol, mechanism, ca_file, ..by_password(guard) }
}

fn open(brokers: &str, security: Security) -> Result<KafkaEventLog, Fault> {
    KafkaEventLog::open(KafkaOptions {
        brokers: brokers.to_owned(),
        prefix: "guarded.".to_owned(),
        partitions: 1,
        replication: 1,
        retention: None,
        security,
    })
}

/// Makes topics, appends, consumes and commits, as whoever is let in can.
async fn works(log: &KafkaEventLog) {
    let topics = [TOPIC.to_owned()];
    log.prepare(&topics).await.unwrap();
    log.ready().await.unwrap();
    let records = ["a", "b"].map(|payload| Record::new(TOPIC, "key", payload.to_owned()));
    log.append(records.to_vec()).await.unwrap();
    let mut member = log.join("readers", &topics).await.unwrap();
    let mut heard = Vec::new();
    while heard.len() < 2 {
        let batch = tokio::time::timeout(PATIENCE, member.next(10)).await.unwrap().unwrap();
        let last = batch.last().unwrap().position();
        heard.extend(batch.into_iter().map(|one| one.record.payload));
        assert_eq!(member.commit(&last).await.unwrap(), Lease::Held);
    }
    assert_eq!(heard, ["a", "b"]);
    assert_eq!(log.lag("readers", &topics).await.unwrap(), 0);
    member.leave().await.unwrap();
}

/// What whoever is not let in is told, at start-up and later: why, in time, and without a password.
async fn refusal(log: &KafkaEventLog) -> String {
    let begun = Instant::now();
    let appended = log.append(vec![Record::new(TOPIC, "key", "a")]).await.unwrap_err();
    let prepared = log.prepare(&[TOPIC.to_owned()]).await.unwrap_err();
    for fault in [&appended, &prepared] {
        assert!(!fault.is_transient() && fault.code() == Code::Internal, "{fault:?}");
        assert!(!format!("{fault:?}").contains(WRONG), "{fault:?}");
    }
    assert!(log.ready().await.is_err());
    assert!(begun.elapsed() < PATIENCE, "a refusal takes {:?}", begun.elapsed());
    assert!(!format!("{log:?}").contains(WRONG));
    format!("{prepared:?}")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_has_the_password_is_let_in_and_others_are_told_why_not() {
    let Some(kafka) = Kafka::start_guarded().await else { return };
    let guard = kafka.guard().unwrap();
    works(&open(&guard.brokers, by_password(guard)).unwrap()).await;

    let wrong = Security { password: WRONG.into(), ..by_password(guard) };
    let told = refusal(&open(&guard.brokers, wrong).unwrap()).await;
    assert!(told.contains("Kafka does not let us in") && told.contains("Authentication failed"), "{told}");

    let log = open(&guard.brokers, Security::default()).unwrap();
    let nameless = log.append(vec![Record::new(TOPIC, "key", "a")]).await.unwrap_err();
    assert_eq!(nameless.code(), Code::Unavailable, "{nameless:?}");
    kafka.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_tls_one_signs_in_by_scram_and_trusts_one_authority_alone() {
    if !cfg!(feature = "kafka-tls") {
        println!("skipped: Kafka over TLS: this build is without the feature `kafka-tls`");
        return;
    }
    let Some(kafka) = Kafka::start_guarded().await else { return };
    let guard = kafka.guard().unwrap();
    let trusting = |file: &PathBuf| over_tls(guard, Some(file.clone()));
    works(&open(&guard.encrypted_brokers, trusting(&guard.certificate.authority)).unwrap()).await;

    let wrong = Security { password: WRONG.into(), ..trusting(&guard.certificate.authority) };
    let told = refusal(&open(&guard.encrypted_brokers, wrong).unwrap()).await;
    assert!(told.contains("uthentication failed"), "{told}");

    for strange in [trusting(&guard.certificate.stranger), over_tls(guard, None)] {
        let told = refusal(&open(&guard.encrypted_brokers, strange).unwrap()).await;
        assert!(told.contains("certificate could not be verified"), "{told}");
    }
    let nowhere = open(&guard.encrypted_brokers, trusting(&PathBuf::from("/nowhere.pem"))).unwrap_err();
    assert!(nowhere.code() == Code::BadUserInput && nowhere.text().contains("/nowhere.pem"), "{nowhere:?}");

    let plain = Security { mechanism: "SCRAM-SHA-512".into(), ..by_password(guard) };
    works(&open(&guard.brokers, plain).unwrap()).await;
    kafka.stop().await;
}
