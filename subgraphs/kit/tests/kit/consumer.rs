//! From outbox to effect: relayed in order, applied once, tried again, buried, replayed.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use serde::Deserialize;
use souk_kit::consumer::{
    BatchConsumer, Consumer, DeadLetter, Runner, SqlInbox, dead_letter_topic, dead_letters, retry,
    retry_topic, troubled,
};
use souk_kit::event::{Envelope, Topic};
use souk_kit::event_log::{Record, Start};
use souk_kit::fault::Fault;
use souk_kit::sql::{KitTables, Sql, Tx};
use souk_kit::testing::Stage;
use tokio_util::sync::CancellationToken;

use crate::breaking::Breaking;

/// Counts lit lamps in a table of its own. Told to fail, it fails.
struct CountLamps {
    inbox: SqlInbox,
    transient_faults: Arc<AtomicUsize>,
    mended: Arc<AtomicUsize>,
}

#[derive(Deserialize)]
struct LampLit {
    name: String,
}

#[async_trait]
impl Consumer for CountLamps {
    const NAME: &'static str = "test.count-lamps";
    const TOPICS: &'static [Topic] = &[Topic::Shop];
    const EVENTS: &'static [&'static str] = &["lamp.lit"];
    type Event = LampLit;
    type Inbox = SqlInbox;

    fn inbox(&self) -> &SqlInbox {
        &self.inbox
    }

    async fn handle(&self, tx: &Tx, event: &Envelope<LampLit>) -> Result<(), Fault> {
        tx.execute_unprepared(&format!("INSERT INTO seen (name) VALUES ('{}')", event.data.name)).await?;
        let waiting = |n: usize| n.checked_sub(1);
        if self.transient_faults.fetch_update(Ordering::SeqCst, Ordering::SeqCst, waiting).is_ok() {
            return Err(Fault::broken("the sun shines").transient());
        }
        let broken = self.mended.load(Ordering::SeqCst) == 0;
        match event.data.name.as_str() {
            "bad" if broken => Err(Fault::broken("bad lamp")),
            "slow" => Err(Fault::limit("it takes too long").transient()),
            "panic" if broken => panic!("a lamp exploded"),
            _ => Ok(()),
        }
    }
}

/// The same, with all events of a batch in one transaction.
struct CountTogether(CountLamps);

#[async_trait]
impl BatchConsumer for CountTogether {
    const NAME: &'static str = CountLamps::NAME;
    const TOPICS: &'static [Topic] = CountLamps::TOPICS;
    const EVENTS: &'static [&'static str] = CountLamps::EVENTS;
    type Event = LampLit;

    fn inbox(&self) -> &SqlInbox {
        &self.0.inbox
    }

    async fn handle(&self, tx: &Tx, events: &[Envelope<LampLit>]) -> Result<(), Fault> {
        for event in events {
            self.0.handle(tx, event).await?;
        }
        tx.execute_unprepared("INSERT INTO taken VALUES (1)").await?;
        Ok(())
    }
}

struct Scene {
    stage: Stage,
    sql: Sql,
    transient_faults: Arc<AtomicUsize>,
    mended: Arc<AtomicUsize>,
    runner: Runner,
}

/// One for each kind of consumer.
async fn scenes() -> [Scene; 2] {
    [scene(false).await, scene(true).await]
}

async fn scene(together: bool) -> Scene {
    let stage = Stage::new().await.unwrap();
    let sql = stage.ports.sql("counter").await.unwrap();
    sql.migrate::<KitTables>().await.unwrap();
    let tx = sql.begin().await.unwrap();
    let seq = match tx.get_database_backend() {
        DbBackend::Postgres => "seq BIGSERIAL",
        _ => "seq INTEGER PRIMARY KEY",
    };
    tx.execute_unprepared(&format!("CREATE TABLE seen ({seq}, name TEXT NOT NULL)")).await.unwrap();
    tx.execute_unprepared("CREATE TABLE taken (once INTEGER NOT NULL)").await.unwrap();
    tx.commit().await.unwrap();
    let (transient_faults, mended) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let consumer = CountLamps {
        inbox: SqlInbox::new(&sql),
        transient_faults: Arc::clone(&transient_faults),
        mended: Arc::clone(&mended),
    };
    let (log, clock) = (Arc::clone(&stage.ports.events), stage.clock().clone());
    let runner = if together {
        Runner::together(CountTogether(consumer), log, clock)
    } else {
        Runner::new(consumer, log, clock)
    };
    Scene { stage, sql, transient_faults, mended, runner }
}

impl Scene {
    async fn append(&self, kind: &str, name: &str, event: u32) {
        let payload = serde_json::json!({
            "specversion": "1.0", "id": format!("evt_{event:026}"), "type": kind, "source": "/souk/test",
            "subject": "lamp", "time": "2026-01-01T00:00:00Z", "datacontenttype": "application/json",
            "actor": "service:test", "sequence": 1, "schemaversion": 1, "correlation": "c", "data": { "name": name },
        });
        self.append_raw(payload.to_string()).await;
    }

    async fn append_raw(&self, payload: String) {
        let record = Record::new(Topic::Shop.name(), "lamp", payload);
        self.stage.ports.events.append(vec![record]).await.unwrap();
    }

    /// Runs the consumer until it has committed everything.
    async fn consume(&self) {
        let (stop, runner) = (CancellationToken::new(), self.runner.clone());
        let running = tokio::spawn({
            let stop = stop.clone();
            async move { runner.run(stop).await }
        });
        let topics = [Topic::Shop.name().to_owned(), retry_topic(CountLamps::NAME)];
        while self.stage.ports.events.lag(CountLamps::NAME, &topics).await.unwrap() > 0 {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        stop.cancel();
        running.await.unwrap();
    }

    async fn seen(&self) -> Vec<String> {
        let reader = self.sql.reader();
        let backend = reader.get_database_backend();
        let statement = Statement::from_string(backend, "SELECT name FROM seen ORDER BY seq");
        let rows = reader.query_all_raw(statement).await.unwrap();
        rows.iter().map(|row| row.try_get("", "name").unwrap()).collect()
    }

    /// How many transactions of batches there were.
    async fn transactions(&self) -> usize {
        let reader = self.sql.reader();
        let statement = Statement::from_string(reader.get_database_backend(), "SELECT * FROM taken");
        reader.query_all_raw(statement).await.unwrap().len()
    }

    /// Those that wait to be tried again.
    async fn dead_letters(&self) -> Vec<DeadLetter> {
        let mut waiting = dead_letters(&*self.stage.ports.events, CountLamps::NAME).await.unwrap();
        let found = waiting.next().await.unwrap();
        assert_eq!(waiting.next().await.unwrap().len(), 0, "these are all");
        found
    }
}

#[tokio::test]
async fn an_event_that_comes_twice_takes_effect_once() {
    for scene in scenes().await {
        scene.append("lamp.lit", "hall", 1).await;
        scene.append("lamp.lit", "hall", 1).await;
        scene.append("lamp.made", "not wanted", 2).await;
        scene.append("lamp.lit", "attic", 3).await;
        scene.consume().await;
        assert_eq!(scene.seen().await, ["hall", "attic"]);
    }
}

#[tokio::test]
async fn a_transient_fault_is_tried_again_without_leaving_half_an_effect() {
    for scene in scenes().await {
        scene.transient_faults.store(3, Ordering::SeqCst);
        scene.append("lamp.lit", "hall", 1).await;
        scene.consume().await;
        assert_eq!(scene.seen().await, ["hall"]);
    }
}

#[tokio::test]
async fn what_cannot_be_taken_is_buried_and_can_be_replayed() {
    for scene in scenes().await {
        scene.append("lamp.lit", "bad", 1).await;
        scene.append("lamp.lit", "panic", 2).await;
        scene.append_raw("not json".into()).await;
        scene.append("lamp.lit", "good", 3).await;
        scene.consume().await;
        assert_eq!(scene.seen().await, ["good"], "one bad event must not stop the others");
        let reasons: Vec<_> = scene.dead_letters().await.into_iter().map(|letter| letter.reason).collect();
        assert_eq!(reasons.len(), 3, "{reasons:?}");
        assert!(reasons[0].contains("bad lamp") && reasons[1].contains("panicked"), "{reasons:?}");

        scene.mended.store(1, Ordering::SeqCst);
        let log = &*scene.stage.ports.events;
        assert_eq!(troubled(log).await.unwrap(), [CountLamps::NAME]);
        assert_eq!(retry(log, CountLamps::NAME).await.unwrap(), 2);
        assert_eq!(scene.dead_letters().await.len(), 1, "what is being tried again waits no more");
        assert_eq!(retry(log, CountLamps::NAME).await.unwrap(), 0);
        scene.consume().await;
        assert_eq!(scene.seen().await, ["good", "bad", "panic"]);
        let again = scene.dead_letters().await;
        assert_eq!(again.len(), 1, "what will never be an event stays a dead letter");
        assert_eq!(again[0].event.get(), "\"not json\"");
        assert_eq!(again[0].topic, Topic::Shop.name(), "where it stood first");
        assert_eq!(again[0].reason, reasons[2], "nobody tried it");

        // A cluster forgets what a group has committed that rests for a week.
        let beginning = log.positions(&dead_letter_topic(CountLamps::NAME), Start::Beginning).await.unwrap();
        log.reset(&format!("{}.replay", CountLamps::NAME), &beginning).await.unwrap();
        let left: Vec<_> = scene.dead_letters().await.into_iter().map(|letter| letter.reason).collect();
        assert!(left.iter().all(|reason| *reason == reasons[2]), "{left:?}");
        assert_eq!(retry(log, CountLamps::NAME).await.unwrap(), 0, "they were tried again before");
    }
}

#[tokio::test]
async fn a_retry_that_is_broken_off_leaves_every_dead_letter_in_sight() {
    let scene = scene(false).await;
    scene.append_raw("not json".into()).await;
    scene.append("lamp.lit", "bad", 1).await;
    scene.append("lamp.lit", "panic", 2).await;
    scene.consume().await;
    scene.mended.store(1, Ordering::SeqCst);
    let breaking = Breaking::after(Arc::clone(&scene.stage.ports.events), 2);
    retry(&breaking, CountLamps::NAME).await.unwrap_err();
    scene.consume().await;
    assert_eq!(scene.seen().await, ["bad"], "as far as it came");
    let left = scene.dead_letters().await;
    assert_eq!(left.len(), 2, "{left:?}");
    assert!(left.iter().any(|letter| !letter.is_whole()), "{left:?}");

    assert_eq!(retry(&*scene.stage.ports.events, CountLamps::NAME).await.unwrap(), 1);
    scene.consume().await;
    assert_eq!(scene.seen().await, ["bad", "panic"]);
    assert!(scene.dead_letters().await.iter().all(|letter| !letter.is_whole()));
}

#[tokio::test]
async fn what_always_takes_too_long_is_tried_a_few_times_and_holds_up_nothing_for_ever() {
    for scene in scenes().await {
        scene.append("lamp.lit", "slow", 1).await;
        scene.append("lamp.lit", "good", 2).await;
        scene.consume().await;
        assert_eq!(scene.seen().await, ["good"]);
        let letters = scene.dead_letters().await;
        assert!(letters.len() == 1 && letters[0].reason.contains("it takes too long"), "{letters:?}");
    }
}

#[tokio::test]
async fn events_of_a_batch_share_a_transaction_until_one_of_them_is_at_fault() {
    let scene = scene(true).await;
    for n in 1..=5 {
        scene.append("lamp.lit", &n.to_string(), n).await;
    }
    scene.append("lamp.lit", "again", 5).await;
    scene.consume().await;
    assert_eq!(scene.seen().await, ["1", "2", "3", "4", "5"]);
    assert_eq!(scene.transactions().await, 1);
    for n in 6..=8 {
        scene.append("lamp.lit", if n == 7 { "bad" } else { "good" }, n).await;
    }
    scene.consume().await;
    assert_eq!(scene.seen().await.len(), 7);
    assert_eq!(scene.transactions().await, 3, "one by one after the fault");
    assert_eq!(scene.dead_letters().await.len(), 1);
}
