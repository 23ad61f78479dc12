//! The event log on Kafka: the port's contract, partitions among members, and brokers and members that are killed.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rdkafka::ClientConfig;
use rdkafka::admin::{AdminClient, AdminOptions, ResourceSpecifier};
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::message::{Headers as _, Message};
use souk_engines::kafka::{KafkaEventLog, KafkaOptions, Security};
use souk_kit::clock::Clock;
use souk_kit::consumer::{Consumer, Runner, Unrecorded, dead_letter_topic, dead_letters, retry, troubled};
use souk_kit::event::{Envelope, Topic};
use souk_kit::event_log::{Delivered, EventLog, Lease, Membership, Position, Record, Start, contract};
use souk_kit::fault::{Code, Fault};
use tokio_util::sync::CancellationToken;

const BROKERS: &str = "SOUK_TEST_CHILD_BROKERS";
const PREFIX: &str = "SOUK_TEST_CHILD_PREFIX";
/// A topic that has the configured number of partitions.
const TOPIC: &str = "shop.events";

fn options(brokers: &str, prefix: &str, partitions: u16) -> KafkaOptions {
    KafkaOptions {
        brokers: brokers.to_owned(),
        prefix: prefix.to_owned(),
        partitions,
        replication: 1,
        retention: Some(Duration::from_hours(24)),
        security: Security::default(),
    }
}

/// A name that no other run has used.
fn prefix() -> String {
    format!("kafka-test-{}.", uuid::Uuid::new_v4().simple())
}

fn open(brokers: &str, prefix: &str, partitions: u16) -> KafkaEventLog {
    KafkaEventLog::open(options(brokers, prefix, partitions)).unwrap()
}

fn text(delivered: &Delivered) -> String {
    String::from_utf8(delivered.record.payload.to_vec()).unwrap()
}

async fn commit(member: &mut Box<dyn Membership>, batch: &[Delivered]) -> Lease {
    member.commit(&batch.last().unwrap().position()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn kafka_keeps_the_contract() {
    let Some(brokers) = souk_stand::kafka_brokers() else { return };
    let prefix = prefix();
    contract::event_log(|| async { open(&brokers, &prefix, 1) }).await;
}

const EVENT: &str = r#"{"specversion":"1.0","id":"evt_01h2xcejqtf2nbrexx3vqjhp41","type":"shop.created","source":"/souk/merchants","subject":"shop_1","time":"2026-01-01T00:00:00Z","datacontenttype":"application/json","company":"comp_01h2xcejqtf2nbrexx3vqjhp41","actor":"service:seed","sequence":3,"schemaversion":1,"correlation":"c","traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01","data":{"name":"Nour"}}"#;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn others_find_cloud_events_in_binary_mode() {
    let Some(brokers) = souk_stand::kafka_brokers() else { return };
    let prefix = prefix();
    let log = open(&brokers, &prefix, 1);
    log.append(vec![Record::new(TOPIC, "shop_1", EVENT)]).await.unwrap();
    let back = log.read(&log.positions(TOPIC, Start::Beginning).await.unwrap()[0], 10).await.unwrap();
    assert_eq!(back.iter().map(text).collect::<Vec<_>>(), [EVENT]);

    let raw: BaseConsumer = ClientConfig::new()
        .set("bootstrap.servers", &brokers)
        .set("group.id", format!("{prefix}raw"))
        .set("auto.offset.reset", "earliest")
        .create()
        .unwrap();
    raw.subscribe(&[&format!("{prefix}{TOPIC}")]).unwrap();
    let begun = Instant::now();
    let message = loop {
        if let Some(Ok(message)) = raw.poll(Duration::from_millis(200)) {
            break message.detach();
        }
        assert!(begun.elapsed() < Duration::from_secs(30), "no record came");
    };
    let header = |name: &str| {
        let headers = message.headers().unwrap();
        let found = headers.iter().find(|header| header.key == name).and_then(|header| header.value);
        found.map(|value| String::from_utf8_lossy(value).into_owned())
    };
    assert_eq!(message.key(), Some(&b"shop_1"[..]));
    assert_eq!(message.payload(), Some(&br#"{"name":"Nour"}"#[..]));
    assert_eq!(header("ce_type").as_deref(), Some("shop.created"));
    assert_eq!(header("ce_sequence").as_deref(), Some("3"));
    assert_eq!(header("content-type").as_deref(), Some("application/json"));
    assert_eq!(
        header("traceparent").as_deref(),
        Some("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
    );
}

/// What three members do with one topic while they come and go.
#[derive(Default)]
struct Seen {
    /// By key, in the order in which it was delivered; with repetitions.
    by_key: Mutex<BTreeMap<String, Vec<u32>>>,
    members: Mutex<BTreeSet<usize>>,
    lost: Mutex<u32>,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn partitions_move_among_three_members_and_order_per_key_holds() {
    const KEYS: u32 = 40;
    const EACH: u32 = 50;
    let Some(brokers) = souk_stand::kafka_brokers() else { return };
    let prefix = prefix();
    let log = Arc::new(open(&brokers, &prefix, 6));
    let seen = Arc::new(Seen::default());
    let stop = Arc::new(AtomicBool::new(false));
    let mut members = Vec::new();
    for number in 0..3 {
        let (seen, stop) = (Arc::clone(&seen), Arc::clone(&stop));
        let log = open(&brokers, &prefix, 6);
        members.push(tokio::spawn(async move {
            // They join one after the other, and the first leaves in the midst of it.
            tokio::time::sleep(Duration::from_millis(700 * number)).await;
            let mut member = log.join("three", &[TOPIC.to_owned()]).await.unwrap();
            let begun = Instant::now();
            while !stop.load(Ordering::SeqCst) {
                if number == 0 && begun.elapsed() > Duration::from_secs(4) {
                    break;
                }
                let next = tokio::time::timeout(Duration::from_millis(300), member.next(7)).await;
                let Ok(batch) = next else { continue };
                let batch = batch.unwrap();
                for one in &batch {
                    let mut by_key = seen.by_key.lock().unwrap();
                    by_key.entry(one.record.key.clone()).or_default().push(text(one).parse().unwrap());
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
                seen.members.lock().unwrap().insert(usize::try_from(number).unwrap());
                if commit(&mut member, &batch).await == Lease::Lost {
                    *seen.lost.lock().unwrap() += 1;
                }
            }
            member.leave().await.unwrap();
        }));
    }
    for n in 0..EACH {
        let records = (0..KEYS).map(|key| Record::new(TOPIC, format!("key-{key}"), n.to_string())).collect();
        log.append(records).await.unwrap();
        tokio::time::sleep(Duration::from_millis(60)).await;
    }
    let begun = Instant::now();
    while log.lag("three", &[TOPIC.to_owned()]).await.unwrap() > 0 {
        assert!(begun.elapsed() < Duration::from_mins(1), "the members do not get through");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    stop.store(true, Ordering::SeqCst);
    for member in members {
        member.await.unwrap();
    }
    let by_key = seen.by_key.lock().unwrap();
    assert_eq!(by_key.len(), KEYS as usize);
    let mut repeated = 0;
    for (key, numbers) in by_key.iter() {
        let mut news = Vec::new();
        for number in numbers {
            if news.last().is_none_or(|last| number > last) {
                news.push(*number);
            } else {
                repeated += 1;
            }
        }
        assert_eq!(news, (0..EACH).collect::<Vec<_>>(), "{key}: {numbers:?}");
    }
    assert_eq!(seen.members.lock().unwrap().len(), 3, "each had its share");
    println!(
        "counted: {} records among 3 members that came and went, in order per key, {repeated} of them twice, {} commits too late",
        KEYS * EACH,
        seen.lost.lock().unwrap(),
    );
}

/// A member pauses while it has much in its hands. A partition that is another's meanwhile, and comes back, is read again.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_partition_that_was_paused_when_it_went_is_read_when_it_comes_back() {
    // More than a member keeps, and of one partition less.
    const RECORDS: u32 = 1_400;
    let Some(brokers) = souk_stand::kafka_brokers() else { return };
    let prefix = prefix();
    let (log, topics) = (open(&brokers, &prefix, 2), [TOPIC.to_owned()]);
    let records = (0..RECORDS).map(|n| Record::new(TOPIC, format!("key-{}", n % 40), n.to_string()));
    log.append(records.collect()).await.unwrap();

    let mut member = log.join("paused", &topics).await.unwrap();
    let first = member.next(1).await.unwrap();
    let mut seen: BTreeSet<String> = first.iter().map(text).collect();
    let at = first[0].position();
    for _ in 0..40 {
        assert_eq!(member.renew(&at).await.unwrap(), Lease::Held);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }

    let mut other = log.join("paused", &topics).await.unwrap();
    let begun = Instant::now();
    while tokio::time::timeout(Duration::from_millis(50), other.next(1)).await.is_err() {
        let _ = member.renew(&at).await.unwrap();
        assert!(begun.elapsed() < Duration::from_mins(1), "nothing comes to the one that joined");
    }
    let mut take = async |member: &mut Box<dyn Membership>| {
        while let Ok(batch) = tokio::time::timeout(Duration::from_millis(500), member.next(100)).await {
            let batch = batch.unwrap();
            seen.extend(batch.iter().map(text));
            let _ = commit(member, &batch).await;
        }
        seen.len()
    };
    assert!(take(&mut member).await < RECORDS as usize, "the other has its share");
    other.leave().await.unwrap();
    while take(&mut member).await < RECORDS as usize {
        assert!(begun.elapsed() < Duration::from_mins(1), "what came back is not read");
    }
    member.leave().await.unwrap();
}

#[tokio::test]
async fn a_cluster_whose_brokers_have_not_all_joined_is_waited_for() {
    let Some(brokers) = souk_stand::kafka_brokers() else { return };
    let log =
        KafkaEventLog::open(KafkaOptions { replication: 3, ..options(&brokers, &prefix(), 1) }).unwrap();
    let topics = [TOPIC.to_owned()];
    let preparing = tokio::time::timeout(Duration::from_secs(3), log.prepare(&topics));
    assert!(preparing.await.is_err(), "there is one broker");
}

/// What the cluster says of a topic.
async fn settings<const N: usize>(brokers: &str, topic: &str, keys: [&str; N]) -> [String; N] {
    let mut config = ClientConfig::new();
    let admin: AdminClient<_> = config.set("bootstrap.servers", brokers).create().unwrap();
    let asked = [ResourceSpecifier::Topic(topic)];
    let mut told = admin.describe_configs(&asked, &AdminOptions::new()).await.unwrap();
    let told = told.remove(0).unwrap().entries;
    keys.map(|key| told.iter().find(|entry| entry.name == key).and_then(|entry| entry.value.clone()).unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn topics_are_made_by_many_at_once_and_keep_what_is_configured() {
    let Some(brokers) = souk_stand::kafka_brokers() else { return };
    let prefix = prefix();
    let topics = [TOPIC.to_owned(), "product.events".to_owned(), "some.consumer.dead".to_owned()];
    let logs: Vec<_> = (0..5).map(|_| open(&brokers, &prefix, 4)).collect();
    for made in futures::future::join_all(logs.iter().map(|log| log.prepare(&topics))).await {
        made.unwrap();
    }
    let kept = [("cleanup.policy", "compact"), ("min.compaction.lag.ms", "86400000")];
    assert_eq!(
        settings(&brokers, &format!("{prefix}{TOPIC}"), kept.map(|(key, _)| key)).await,
        kept.map(|(_, value)| value)
    );
    // Another retention, in a process of its own, changes the topics that are there.
    let changed = KafkaOptions { retention: None, ..options(&brokers, &prefix, 9) };
    KafkaEventLog::open(changed).unwrap().prepare(&topics).await.unwrap();
    let kept = [("cleanup.policy", "delete"), ("retention.ms", "-1"), ("max.message.bytes", "9000000")];
    assert_eq!(
        settings(&brokers, &format!("{prefix}{TOPIC}"), kept.map(|(key, _)| key)).await,
        kept.map(|(_, value)| value)
    );
    assert_eq!(logs[0].positions(TOPIC, Start::End).await.unwrap().len(), 4, "keys stay where they are");
    assert_eq!(logs[0].positions("some.consumer.dead", Start::End).await.unwrap().len(), 1);
    assert_eq!(logs[0].topics().await.unwrap(), Vec::<String>::new(), "none has records");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cluster_that_is_away_is_unavailable_soon() {
    let log = open("127.0.0.1:1", "away.", 1);
    let begun = Instant::now();
    let fault = log.append(vec![Record::new(TOPIC, "k", "1")]).await.unwrap_err();
    assert_eq!(fault.code(), Code::Unavailable);
    assert!(format!("{fault:?}").contains("Connection refused"), "{fault:?}");
    assert!(log.ready().await.is_err());
    assert!(begun.elapsed() < Duration::from_secs(30), "an answer takes {:?}", begun.elapsed());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nothing_acknowledged_is_lost_when_kafka_is_killed() {
    const KILLS: usize = 3;
    /// Appends from which one can tell.
    const ENOUGH: usize = 50;
    let Some(mut kafka) = souk_stand::Kafka::start().await else { return };
    let prefix = prefix();
    let log = Arc::new(open(&kafka.url(), &prefix, 3));
    let acknowledged = Arc::new(Mutex::new(Vec::new()));
    let stop = Arc::new(AtomicBool::new(false));
    let writers: Vec<_> = (0..4)
        .map(|writer| {
            let (log, acknowledged, stop) = (Arc::clone(&log), Arc::clone(&acknowledged), Arc::clone(&stop));
            tokio::spawn(async move {
                let mut refused = 0_u32;
                for n in 0_u32.. {
                    if stop.load(Ordering::SeqCst) {
                        break;
                    }
                    let records: Vec<_> = (0..5)
                        .map(|one| Record::new(TOPIC, format!("key-{writer}"), format!("{}", n * 5 + one)))
                        .collect();
                    // As the relay does: again and again until it is acknowledged.
                    while log.append(records.clone()).await.is_err() {
                        refused += 1;
                        tokio::time::sleep(Duration::from_millis(100)).await;
                    }
                    acknowledged.lock().unwrap().push((writer, n * 5 + 4));
                }
                refused
            })
        })
        .collect();
    let committed = Arc::new(Mutex::new(Vec::new()));
    let reader = tokio::spawn({
        let (log, committed) = (Arc::clone(&log), Arc::clone(&committed));
        async move {
            let mut member = log.join("reader", &[TOPIC.to_owned()]).await.unwrap();
            loop {
                let batch = member.next(100).await.unwrap();
                committed.lock().unwrap().extend(batch.iter().map(|one| (one.record.key.clone(), text(one))));
                // A commit that fails is done by the next one.
                let _ = member.commit(&batch.last().unwrap().position()).await;
            }
        }
    });
    for kill in 0..KILLS {
        tokio::time::sleep(Duration::from_millis(800)).await;
        kafka.kill().await;
        if kill == 1 {
            // Longer than an append waits.
            tokio::time::sleep(Duration::from_secs(11)).await;
        }
        kafka.restart().await.unwrap();
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    let begun = Instant::now();
    while acknowledged.lock().unwrap().len() <= ENOUGH && begun.elapsed() < Duration::from_mins(1) {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    stop.store(true, Ordering::SeqCst);
    let mut refused = 0;
    for writer in writers {
        refused += writer.await.unwrap();
    }
    let begun = Instant::now();
    // On a busy machine one that has just come back may be too late with an answer.
    while log.lag("reader", &[TOPIC.to_owned()]).await.map_or(true, |lag| lag > 0) {
        assert!(begun.elapsed() < Duration::from_mins(1), "the reader does not get through");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    reader.abort();
    let mut by_key: BTreeMap<String, Vec<u32>> = BTreeMap::new();
    for (key, number) in committed.lock().unwrap().iter() {
        by_key.entry(key.clone()).or_default().push(number.parse().unwrap());
    }
    let acknowledged = std::mem::take(&mut *acknowledged.lock().unwrap());
    assert!(acknowledged.len() > ENOUGH, "{} appends are too few to tell", acknowledged.len());
    let mut total = 0;
    for writer in 0..4 {
        let last = acknowledged.iter().filter(|(by, _)| *by == writer).map(|(_, last)| *last).max().unwrap();
        let mut first_copies = Vec::new();
        for number in &by_key[&format!("key-{writer}")] {
            if first_copies.last().is_none_or(|last| number > last) {
                first_copies.push(*number);
            }
        }
        let lost: Vec<_> = (0..=last).filter(|number| !first_copies.contains(number)).collect();
        assert!(lost.is_empty(), "acknowledged and lost, or out of order: {lost:?}");
        total += last + 1;
    }
    println!(
        "counted: {total} acknowledged records survived {KILLS} kills of Kafka, {refused} appends were refused meanwhile"
    );
    kafka.stop().await;
}

/// The child's part: consumes and says what it got, without committing, until it is killed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn child_consumes_until_it_is_killed() {
    let (Some(brokers), Some(prefix)) = (souk_stand::setting(BROKERS), souk_stand::setting(PREFIX)) else {
        return;
    };
    let log = open(&brokers, &prefix, 2);
    let mut member = log.join("heirs", &[TOPIC.to_owned()]).await.unwrap();
    loop {
        let batch = member.next(10).await.unwrap();
        for one in &batch {
            std::io::stderr().write_all(format!("got {}\n", text(one)).as_bytes()).unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn when_a_member_is_killed_another_goes_on() {
    let Some(brokers) = souk_stand::kafka_brokers() else { return };
    let prefix = prefix();
    let log = open(&brokers, &prefix, 2);
    log.append((0..20).map(|n| Record::new(TOPIC, format!("key-{n}"), n.to_string())).collect())
        .await
        .unwrap();
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "kafka::child_consumes_until_it_is_killed", "--nocapture", "--test-threads=1"])
        .env(BROKERS, &brokers)
        .env(PREFIX, &prefix)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let output = BufReader::new(child.stderr.take().unwrap());
    let told = output.lines().map(Result::unwrap).filter(|line| line.starts_with("got ")).take(20).count();
    assert_eq!(told, 20);
    let mut heir = log.join("heirs", &[TOPIC.to_owned()]).await.unwrap();
    let killed = Instant::now();
    child.kill().unwrap();
    child.wait().unwrap();
    let mut got = BTreeSet::new();
    while got.len() < 20 {
        let batch = tokio::time::timeout(Duration::from_mins(1), heir.next(10)).await.unwrap().unwrap();
        got.extend(batch.iter().map(text));
        assert_eq!(commit(&mut heir, &batch).await, Lease::Held);
    }
    println!(
        "measured: {:.1} s from a member's death until another had all that was its",
        killed.elapsed().as_secs_f64()
    );
    heir.leave().await.unwrap();
}

/// Remembers the names of the shops that it heard of. It cannot take one called "bad" until it is mended.
struct Hear {
    heard: Arc<Mutex<Vec<String>>>,
    mended: Arc<AtomicBool>,
}

#[derive(serde::Deserialize)]
struct ShopCreated {
    name: String,
}

#[async_trait::async_trait]
impl Consumer for Hear {
    const NAME: &'static str = "test.hear";
    const TOPICS: &'static [Topic] = &[Topic::Shop];
    const EVENTS: &'static [&'static str] = &["shop.created"];
    type Event = ShopCreated;
    type Inbox = Unrecorded;

    fn inbox(&self) -> &Unrecorded {
        &Unrecorded
    }

    async fn handle(&self, (): &(), event: &Envelope<ShopCreated>) -> Result<(), Fault> {
        if event.data.name == "bad" && !self.mended.load(Ordering::SeqCst) {
            return Err(Fault::broken("a bad shop"));
        }
        self.heard.lock().unwrap().push(event.data.name.clone());
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_poison_event_stops_nothing_and_is_applied_once_when_it_is_tried_again() {
    let Some(brokers) = souk_stand::kafka_brokers() else { return };
    let log: Arc<dyn EventLog> = Arc::new(open(&brokers, &prefix(), 1));
    let (heard, mended) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicBool::new(false)));
    let consumer = Hear { heard: Arc::clone(&heard), mended: Arc::clone(&mended) };
    let runner = Runner::new(consumer, Arc::clone(&log), Clock::system());
    let stop = CancellationToken::new();
    let running = tokio::spawn({
        let (runner, stop) = (runner.clone(), stop.clone());
        async move { runner.run(stop).await }
    });
    let of = |name: &str| Record::new(TOPIC, "shop_1", EVENT.replace("Nour", name));
    log.append(vec![of("a"), of("bad"), Record::new(TOPIC, "shop_1", "no json"), of("b")]).await.unwrap();
    let until = async |count: usize| {
        let begun = Instant::now();
        while heard.lock().unwrap().len() < count || log.lag(Hear::NAME, &runner.topics()).await.unwrap() > 0
        {
            assert!(begun.elapsed() < Duration::from_mins(1), "{:?}", heard.lock().unwrap());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        heard.lock().unwrap().clone()
    };
    assert_eq!(until(2).await, ["a", "b"]);
    assert_eq!(troubled(&*log).await.unwrap(), [Hear::NAME]);
    let dead = dead_letter_topic(Hear::NAME);
    let letters = log.read(&log.positions(&dead, Start::Beginning).await.unwrap()[0], 10).await.unwrap();
    let reasons: Vec<_> = letters.iter().map(|one| &one.record.headers["dead-letter-reason"]).collect();
    assert_eq!(reasons.len(), 2);
    assert!(String::from_utf8_lossy(reasons[0]).contains("a bad shop"), "{reasons:?}");
    assert_eq!(&*letters[0].record.headers["dead-letter-topic"], TOPIC.as_bytes());

    mended.store(true, Ordering::SeqCst);
    assert_eq!(retry(&*log, Hear::NAME).await.unwrap(), 1);
    assert_eq!(until(3).await, ["a", "b", "bad"]);
    let left = dead_letters(&*log, Hear::NAME).await.unwrap().next().await.unwrap();
    assert_eq!(left.len(), 1, "what is no event stays a dead letter");
    assert_eq!(left[0].event.get(), "\"no json\"");
    stop.cancel();
    running.await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_appends_share_their_way() {
    const APPENDS: usize = 20;
    const EACH: usize = 500;
    let Some(brokers) = souk_stand::kafka_brokers() else { return };
    let log = open(&brokers, &prefix(), 6);
    log.prepare(&[TOPIC.to_owned()]).await.unwrap();
    let begun = Instant::now();
    for n in 0..APPENDS {
        let records = (0..EACH).map(|key| Record::new(TOPIC, format!("key-{key}"), format!("{EVENT} {n}")));
        log.append(records.collect()).await.unwrap();
    }
    let rate = f64::from(u32::try_from(APPENDS * EACH).unwrap()) / begun.elapsed().as_secs_f64();
    println!("measured: {rate:.0} records a second acknowledged by Kafka in appends of {EACH}");
    let ends = log.positions(TOPIC, Start::End).await.unwrap();
    assert_eq!(ends.iter().map(|end: &Position| end.offset).sum::<i64>(), 10_000);
}
