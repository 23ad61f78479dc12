//! Several relays at once over one outbox on PostgreSQL: each event in the log at least once, and in order per
//! aggregate when repeats are left out, whatever is killed and however late a transaction commits.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures::future::join_all;
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use souk_kit::clock::{Clock, Timestamp};
use souk_kit::event::Topic;
use souk_kit::event_log::{EventLog, SqliteEventLog};
use souk_kit::fault::Fault;
use souk_kit::relay::{self, Batch, Held, Outbox, Pending};
use souk_kit::sql::{Durability, SqlOptions, SqlOutbox};
use souk_stand::Postgres;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::lamps::{LampId, Lamps};
use crate::postgres::{call, make, replicas, toggle};
use crate::side::Side;

const TOPIC: &str = "shop.events";

/// The log that the relays fill, in a folder of its own.
async fn log(folder: &tempfile::TempDir) -> Arc<dyn EventLog> {
    let log = SqliteEventLog::open(folder.path(), Clock::system(), Durability::ProcessCrash).await.unwrap();
    Arc::new(log)
}

/// Sequences by aggregate as the log has them.
async fn logged(log: &dyn EventLog) -> BTreeMap<String, Vec<i64>> {
    let topics = [TOPIC.to_owned()];
    let mut member = log.join("reader", &topics).await.unwrap();
    let mut missing = log.lag("reader", &topics).await.unwrap();
    let mut found: BTreeMap<String, Vec<i64>> = BTreeMap::new();
    while missing > 0 {
        for delivered in member.next(1_000).await.unwrap() {
            let event: serde_json::Value = serde_json::from_slice(&delivered.record.payload).unwrap();
            let sequence = event.get("sequence").and_then(serde_json::Value::as_i64).unwrap();
            found.entry(delivered.record.key).or_default().push(sequence);
            missing = missing.saturating_sub(1);
        }
    }
    member.leave().await.unwrap();
    found
}

/// The first copy of each.
fn without_repeats(sequences: &[i64]) -> Vec<i64> {
    let mut seen = BTreeSet::new();
    sequences.iter().copied().filter(|sequence| seen.insert(*sequence)).collect()
}

/// An outbox in which there is always one more event.
struct Endless;

struct HeldEvent;

#[async_trait]
impl Held for HeldEvent {
    async fn relayed(self: Box<Self>, _: &[Pending]) -> Result<(), Fault> {
        Ok(())
    }

    async fn kept(self: Box<Self>) {}
}

#[async_trait]
impl Outbox for Endless {
    fn name(&self) -> &'static str {
        "endless"
    }

    fn written(&self) -> Arc<Notify> {
        Arc::default()
    }

    async fn claim(&self, _: usize) -> Result<Batch, Fault> {
        let event = Pending {
            handle: String::new(),
            topic: Topic::Shop,
            key: String::new(),
            payload: Bytes::from_static(b"{}"),
            written_at: Timestamp::UNIX_EPOCH,
        };
        Ok(Batch::new(vec![event], Box::new(HeldEvent)))
    }

    async fn oldest(&self) -> Result<Option<Timestamp>, Fault> {
        Err(Fault::broken("its age cannot be told"))
    }
}

#[tokio::test]
async fn a_relay_ends_when_it_is_told_to_however_much_waits() {
    let folder = tempfile::tempdir().unwrap();
    let (log, stop) = (log(&folder).await, CancellationToken::new());
    let relaying =
        tokio::spawn(relay::run(Arc::new(Endless), Arc::clone(&log), Clock::system(), stop.clone()));
    while log.lag("nobody", &[TOPIC.to_owned()]).await.unwrap() < 3 {
        assert!(!relaying.is_finished());
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    stop.cancel();
    tokio::time::timeout(Duration::from_secs(20), relaying).await.expect("it goes on").unwrap();
}

/// Toggles lamps in turn until `stop`; what fails is tried again, as clients do.
async fn write(lamps: &Lamps, ids: &[LampId], stop: &CancellationToken, writes: &AtomicUsize) {
    for id in ids.iter().cycle() {
        if stop.is_cancelled() {
            return;
        }
        match toggle(lamps, &call("toggle"), *id).await {
            Ok(_) => drop(writes.fetch_add(1, Ordering::Relaxed)),
            Err(fault) => {
                assert!(fault.is_transient(), "{fault:?}");
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_relays_lose_nothing_and_keep_the_order_while_the_database_is_killed() {
    let Some(mut server) = Postgres::start().await else { return };
    let (side, folder) = (Side::at(&server.url()), tempfile::tempdir().unwrap());
    let (log, clock) = (log(&folder).await, Clock::system());
    let options = SqlOptions { durability: Durability::PowerCut, ..side.options("lamps") };
    let lamps = replicas(&options, 3).await;
    let mut ids = Vec::new();
    for n in 0..40 {
        ids.push(make(&lamps[0], &call("make"), &format!("lamp {n}")).await.unwrap().aggregate.unwrap().id);
    }
    let (stop, rest, writes) = (CancellationToken::new(), CancellationToken::new(), AtomicUsize::new(0));
    let relays = join_all(lamps.iter().map(|lamps| {
        let outbox = Arc::new(SqlOutbox::new(&lamps.0));
        relay::run(outbox, Arc::clone(&log), clock.clone(), rest.clone())
    }));
    let writers = join_all((0..6_usize).map(|n| write(&lamps[n % 3], &ids[n * 5..], &stop, &writes)));
    let killing = async {
        for _ in 0..3 {
            tokio::time::sleep(Duration::from_millis(700)).await;
            server.kill().await;
            server.restart().await.unwrap();
        }
        tokio::time::sleep(Duration::from_millis(700)).await;
        stop.cancel();
    };
    let emptied = async {
        tokio::join!(writers, killing);
        let outbox = SqlOutbox::new(&lamps[0].0);
        let emptied = async {
            while !matches!(outbox.oldest().await, Ok(None)) {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        tokio::time::timeout(Duration::from_mins(1), emptied).await.unwrap();
        rest.cancel();
    };
    tokio::join!(relays, emptied);

    let (found, mut events, mut repeats) = (logged(log.as_ref()).await, 0, 0);
    for lamp in lamps[0].visible(&crate::postgres::scope()).await {
        let sequences = &found[&lamp.id.to_string()];
        let first = without_repeats(sequences);
        assert_eq!(first, (1..=lamp.version).collect::<Vec<_>>(), "{} in {sequences:?}", lamp.name);
        (events, repeats) = (events + first.len(), repeats + sequences.len() - first.len());
    }
    assert!(events >= ids.len() + writes.load(Ordering::Relaxed), "what was acknowledged is in the log");
    println!(
        "counted: {events} events of {} aggregates through three relays and 3 kills of PostgreSQL: none lost, none \
         out of order, {repeats} repeated",
        found.len()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn relays_share_out_an_outbox_and_none_repeats_what_another_has() {
    let Some(side) = Side::postgres() else { return };
    let folder = tempfile::tempdir().unwrap();
    let (log, clock) = (log(&folder).await, Clock::system());
    let lamps = replicas(&side.options("lamps"), 3).await;
    let made =
        join_all(
            (0..60).map(|n| {
                let lamps = &lamps[n % 3];
                async move {
                    make(lamps, &call("make"), &format!("lamp {n}")).await.unwrap().aggregate.unwrap().id
                }
            }),
        )
        .await;
    let toggled = call("toggle");
    for _ in 0..3 {
        for outcome in join_all(made.iter().map(|id| toggle(&lamps[0], &toggled, *id))).await {
            outcome.unwrap();
        }
    }
    let outboxes: Vec<_> = lamps.iter().map(|lamps| SqlOutbox::new(&lamps.0)).collect();
    // What one has claimed no other gets.
    let mut claimed = Vec::new();
    for outbox in outboxes.iter().cycle().take(5) {
        claimed.push(outbox.claim(10).await.unwrap());
    }
    let owners = claimed.iter().enumerate();
    let mut owner: BTreeMap<&str, usize> = BTreeMap::new();
    for (who, event) in owners.flat_map(|(who, batch)| batch.events().iter().map(move |e| (who, e))) {
        assert_eq!(*owner.entry(&event.key).or_insert(who), who, "two relays are at {}", event.key);
    }
    let sizes: Vec<usize> = claimed.iter().map(|batch| batch.events().len()).collect();
    assert!(sizes[..4].iter().all(|size| *size > 0) && sizes[4] == 0, "{sizes:?}");
    for batch in claimed {
        batch.kept().await;
    }
    let draining = outboxes.iter().map(|outbox| relay::drain(outbox, log.as_ref(), &clock));
    let relayed: Vec<usize> = join_all(draining).await.into_iter().map(Result::unwrap).collect();
    let rest = relay::drain(&outboxes[0], log.as_ref(), &clock).await.unwrap();
    assert_eq!(relayed.iter().sum::<usize>() + rest, 240);
    let found = logged(log.as_ref()).await;
    assert!(found.len() == 60 && found.values().all(|sequences| *sequences == [1, 2, 3, 4]), "{found:?}");
    println!("counted: three relays shared out 240 events as {relayed:?}, none twice");
}

/// Ids are taken in order and committed out of order.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_commits_late_is_relayed_all_the_same() {
    let Some(side) = Side::postgres() else { return };
    let folder = tempfile::tempdir().unwrap();
    let (log, clock) = (log(&folder).await, Clock::system());
    let lamps = replicas(&side.options("lamps"), 2).await;
    let outbox = SqlOutbox::new(&lamps[0].0);
    let insert = |subject: &str, sequence: u32| {
        format!(
            "INSERT INTO kit_outbox (topic, subject, envelope, written_at) \
             VALUES ('{TOPIC}', '{subject}', '{{\"sequence\": {sequence}}}', 0)"
        )
    };
    let (slow, fast) = (lamps[0].0.begin().await.unwrap(), lamps[1].0.begin().await.unwrap());
    slow.execute_unprepared(&insert("slow", 1)).await.unwrap();
    fast.execute_unprepared(&insert("fast", 1)).await.unwrap();
    fast.execute_unprepared(&insert("fast", 2)).await.unwrap();
    fast.commit().await.unwrap();
    assert_eq!(relay::drain(&outbox, log.as_ref(), &clock).await.unwrap(), 2);
    // One is claimed when the late one of the same part, with a lower number, is committed.
    let later = lamps[1].0.begin().await.unwrap();
    later.execute_unprepared(&insert("fast", 3)).await.unwrap();
    later.commit().await.unwrap();
    let batch = outbox.claim(100).await.unwrap();
    assert_eq!(batch.events().len(), 1);
    slow.commit().await.unwrap();
    batch.relayed().await.unwrap();
    assert_eq!(relay::drain(&outbox, log.as_ref(), &clock).await.unwrap(), 1);
    assert_eq!(logged(log.as_ref()).await.get("slow").unwrap(), &[1]);
    assert_eq!(outbox.oldest().await.unwrap(), None);
}

/// The server would look once a minute, and each claim walk past all that was relayed since.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_rows_of_what_was_relayed_are_swept_once_they_are_many() {
    let Some(side) = Side::postgres() else { return };
    let folder = tempfile::tempdir().unwrap();
    let (log, clock) = (log(&folder).await, Clock::system());
    let lamps = &replicas(&side.options("lamps"), 1).await[0];
    let outbox = SqlOutbox::new(&lamps.0);
    let sweeps = async || {
        let asked = "SELECT vacuum_count AS sweeps FROM pg_stat_user_tables WHERE relname = 'kit_outbox'";
        let statement = Statement::from_string(DbBackend::Postgres, asked);
        let row = lamps.0.reader().query_one_raw(statement).await.unwrap().unwrap();
        row.try_get::<i64>("", "sweeps").unwrap()
    };
    for (count, expected) in [(5_000, 0), (20_000, 1)] {
        let tx = lamps.0.begin().await.unwrap();
        let fill = format!(
            "INSERT INTO kit_outbox (topic, subject, envelope, written_at, part) \
             SELECT '{TOPIC}', 'lamp_' || n % 160, '{{\"sequence\": 1}}', 0, n % 16 FROM generate_series(1, {count}) n"
        );
        tx.execute_unprepared(&fill).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(relay::drain(&outbox, log.as_ref(), &clock).await.unwrap(), count);
        assert_eq!(sweeps().await, expected);
    }
}

/// The second writer of an aggregate gets its number after the first one's commit, however slow that is.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writers_of_one_aggregate_wait_for_each_other_so_that_numbers_follow_commits() {
    let Some(side) = Side::postgres() else { return };
    let lamps = replicas(&side.options("lamps"), 2).await;
    let outbox = SqlOutbox::new(&lamps[0].0);
    let id = make(&lamps[0], &call("make"), "hall").await.unwrap().aggregate.unwrap().id;
    let other = make(&lamps[0], &call("make"), "attic").await.unwrap().aggregate.unwrap().id;
    // Holds up whoever writes this row, after it has taken the aggregate's lock.
    let busy = lamps[0].0.begin().await.unwrap();
    let lock = format!("SELECT 1 FROM lamp WHERE id = '{id}' FOR UPDATE");
    busy.execute_unprepared(&lock).await.unwrap();
    let (one, two) = (call("toggle"), call("toggle"));
    let mut first = Box::pin(toggle(&lamps[0], &one, id));
    assert!(tokio::time::timeout(Duration::from_millis(200), &mut first).await.is_err());
    let mut second = Box::pin(toggle(&lamps[1], &two, id));
    assert!(tokio::time::timeout(Duration::from_millis(200), &mut second).await.is_err());
    // Another aggregate need not wait, and commits in between.
    toggle(&lamps[1], &call("toggle"), other).await.unwrap();
    busy.rollback().await.unwrap();
    let (first, second) = tokio::join!(first, second);
    let versions = [first, second].map(|outcome| outcome.unwrap().aggregate.unwrap().version);
    assert_eq!(versions, [2, 3]);
    let events = outbox.pending(100).await.unwrap();
    let of_lamp: Vec<_> = events.iter().filter(|event| event.key == id.to_string()).collect();
    let sequence = |payload: &[u8]| {
        serde_json::from_slice::<serde_json::Value>(payload).unwrap()["sequence"].as_i64().unwrap()
    };
    let sequences: Vec<i64> = of_lamp.iter().map(|event| sequence(&event.payload)).collect();
    assert_eq!(sequences, [1, 2, 3]);
}
