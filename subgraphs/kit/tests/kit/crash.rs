//! Processes that are killed in the act: nothing that they acknowledged is lost, and nothing takes effect twice.
//!
//! A test starts its own executable again, told by an environment variable to run only the child's part.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use serde::Deserialize;
use souk_kit::call::Call;
use souk_kit::clock::Clock;
use souk_kit::consumer::{Consumer, Runner, SqlInbox};
use souk_kit::event::{Envelope, Topic};
use souk_kit::event_log::{EventLog, Lease, Record, SqliteEventLog};
use souk_kit::fault::Fault;
use souk_kit::id::{CompanyId, ShopId};
use souk_kit::permission::Visibility;
use souk_kit::ports::Ports;
use souk_kit::relay;
use souk_kit::sql::{Durability, KitTables, Repository, Sql, SqlOutbox, Tx};
use souk_kit::testing::principals;
use souk_kit::user_error::UserError;
use tokio_util::sync::CancellationToken;

use crate::lamps::{Lamp, LampErrorCode, LampId, Lamps, Migrator};

const CHILD_FOLDER: &str = "SOUK_TEST_CRASH_FOLDER";
const CHILD_ROUND: &str = "SOUK_TEST_CRASH_ROUND";
const TOPIC: &str = "t.crash";
/// How long a record may take to come that is in the log.
const PATIENCE: Duration = Duration::from_secs(20);

/// The child's part: appends from four tasks and says each record that was acknowledged, until it is killed.
/// Without the variable it is an ordinary test that finds nothing to do.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn child_appends_until_it_is_killed() {
    let (Some(folder), Some(round)) = (std::env::var_os(CHILD_FOLDER), std::env::var_os(CHILD_ROUND)) else {
        return;
    };
    let round = round.to_string_lossy().into_owned();
    let log = SqliteEventLog::open(Path::new(&folder), Clock::system(), Durability::PowerCut).await.unwrap();
    let writers = (0..4).map(|writer| {
        let (log, round) = (log.clone(), round.clone());
        async move {
            for n in 0_u64.. {
                let payload = format!("{round}-{writer}-{n}");
                log.append(vec![Record::new(TOPIC, format!("k{writer}"), payload.clone())]).await.unwrap();
                acknowledge(&payload);
            }
        }
    });
    futures::future::join_all(writers).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_lost_when_the_writer_is_killed() {
    let folder = tempfile::tempdir().unwrap();
    let (mut acknowledged, mut consumed) = (BTreeSet::new(), BTreeSet::new());
    for round in 0..3_usize {
        acknowledged.extend(kill_after(
            "child_appends_until_it_is_killed",
            folder.path(),
            round,
            60 + 35 * round,
        ));

        let log = SqliteEventLog::open(folder.path(), Clock::system(), Durability::PowerCut).await.unwrap();
        let mut member = log.join("crash", &[TOPIC.to_owned()]).await.unwrap();
        while !acknowledged.is_subset(&consumed) {
            let Ok(found) = tokio::time::timeout(PATIENCE, member.next(50)).await else {
                panic!("acknowledged records were lost: {:?}", acknowledged.difference(&consumed));
            };
            let found = found.unwrap();
            for one in &found {
                let payload = String::from_utf8(one.record.payload.to_vec()).unwrap();
                assert!(consumed.insert(payload), "a committed record came again");
            }
            assert_eq!(member.commit(&found.last().unwrap().position()).await.unwrap(), Lease::Held);
        }
        member.leave().await.unwrap();
    }
    println!("counted: {} acknowledged records survived 3 kills", acknowledged.len());
}

/// Writes down the name of each lamp that was made: twice, should the event take effect twice.
struct NoteLamps(SqlInbox);

#[derive(Deserialize)]
struct LampMade {
    name: String,
}

#[async_trait]
impl Consumer for NoteLamps {
    const NAME: &'static str = "test.note-lamps";
    const TOPICS: &'static [Topic] = &[Topic::Shop];
    const EVENTS: &'static [&'static str] = &["lamp.made"];
    type Event = LampMade;
    type Inbox = SqlInbox;

    fn inbox(&self) -> &SqlInbox {
        &self.0
    }

    async fn handle(&self, tx: &Tx, event: &Envelope<LampMade>) -> Result<(), Fault> {
        tx.execute_unprepared(&format!("INSERT INTO noted VALUES ('{}')", event.data.name)).await?;
        Ok(())
    }
}

/// Lamps, the relay of their events, and a consumer with a database of its own: all that a kill can hit.
struct Life {
    ports: Ports,
    lamps: Lamps,
    notes: Sql,
    runner: Runner,
}

impl Life {
    async fn begin(folder: &Path) -> Self {
        let ports = Ports::embedded(folder.to_owned(), Clock::system(), Durability::PowerCut).await.unwrap();
        let lamps = ports.sql("lamps").await.unwrap();
        lamps.migrate::<Migrator>().await.unwrap();
        let notes = ports.sql("notes").await.unwrap();
        notes.migrate::<KitTables>().await.unwrap();
        let tx = notes.begin().await.unwrap();
        tx.execute_unprepared("CREATE TABLE IF NOT EXISTS noted (name TEXT NOT NULL)").await.unwrap();
        tx.commit().await.unwrap();
        let consumer = NoteLamps(SqlInbox::new(&notes));
        let runner = Runner::new(consumer, Arc::clone(&ports.events), ports.clock.clone());
        Self { ports, lamps: Lamps(lamps), notes, runner }
    }

    async fn make(&self, name: &str) {
        let now = self.ports.clock.now();
        let new = Lamp {
            id: LampId::new(now),
            version: 0,
            company: CompanyId::new(now),
            shop: ShopId::new(now),
            name: name.to_owned(),
            lit: true,
        };
        let (scope, call) =
            (Visibility::everything_for("test"), Call::new(&principals::service(), "make", now));
        let made = || Ok::<_, UserError<LampErrorCode>>((new, "lamp.made"));
        self.lamps.create(&scope, &call, made).await.unwrap();
    }

    async fn relay(&self, stop: CancellationToken) {
        let outbox = Arc::new(SqlOutbox::new(&self.lamps.0));
        relay::run(outbox, Arc::clone(&self.ports.events), self.ports.clock.clone(), stop).await;
    }

    async fn names(&self, sql: &Sql, table: &str) -> Vec<String> {
        let query =
            Statement::from_string(DbBackend::Sqlite, format!("SELECT name FROM {table} ORDER BY name"));
        let rows = sql.reader().query_all_raw(query).await.unwrap();
        rows.iter().map(|row| row.try_get("", "name").unwrap()).collect()
    }
}

/// The child's part: makes lamps from four tasks while relay and consumer run, until it is killed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn child_lives_until_it_is_killed() {
    let (Some(folder), Some(round)) = (std::env::var_os(CHILD_FOLDER), std::env::var_os(CHILD_ROUND)) else {
        return;
    };
    let round = round.to_string_lossy().into_owned();
    let life = &Life::begin(Path::new(&folder)).await;
    let makers = futures::future::join_all((0..4).map(|maker| {
        let round = &round;
        async move {
            for n in 0_u64.. {
                let name = format!("{round}-{maker}-{n}");
                life.make(&name).await;
                acknowledge(&name);
            }
        }
    }));
    tokio::join!(makers, life.relay(CancellationToken::new()), life.runner.run(CancellationToken::new()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_event_is_lost_and_none_applied_twice_when_everything_is_killed() {
    let folder = tempfile::tempdir().unwrap();
    let mut acknowledged = BTreeSet::new();
    for round in 0..4_usize {
        acknowledged.extend(kill_after(
            "child_lives_until_it_is_killed",
            folder.path(),
            round,
            40 + 30 * round,
        ));
    }

    let life = Life::begin(folder.path()).await;
    let outbox = SqlOutbox::new(&life.lamps.0);
    relay::drain(&outbox, life.ports.events.as_ref(), &life.ports.clock).await.unwrap();
    let (stop, topics) = (CancellationToken::new(), [Topic::Shop.name().to_owned()]);
    let caught_up = async {
        while life.ports.events.lag(NoteLamps::NAME, &topics).await.unwrap() > 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        stop.cancel();
    };
    tokio::join!(life.runner.run(stop.clone()), caught_up);

    let made = life.names(&life.lamps.0, "lamp").await;
    let lost: Vec<_> = acknowledged.iter().filter(|name| !made.contains(name)).collect();
    assert!(lost.is_empty(), "acknowledged lamps were lost: {lost:?}");
    assert_eq!(life.names(&life.notes, "noted").await, made, "each lamp's event takes effect exactly once");
    println!("counted: {} events took effect exactly once over 4 kills", made.len());
}

/// Says it in one write: standard error is not buffered, and `writeln!` would write each piece by itself, so
/// that a kill could cut the line in two.
fn acknowledge(what: &str) {
    std::io::stderr().write_all(format!("acknowledged {what}\n").as_bytes()).unwrap();
}

/// Runs the child until it has said `count` acknowledgements, kills it in the act, and answers all it had said.
fn kill_after(child: &str, folder: &Path, round: usize, count: usize) -> Vec<String> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", &format!("crash::{child}"), "--nocapture", "--test-threads=1"])
        .env(CHILD_FOLDER, folder)
        .env(CHILD_ROUND, round.to_string())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut output = BufReader::new(child.stderr.take().unwrap());
    let mut said = Vec::new();
    let mut line = String::new();
    let mut alive = true;
    // What it had said before it died stands in the pipe and is read to its end.
    while output.read_line(&mut line).unwrap() > 0 {
        let whole = line.strip_prefix("acknowledged ").and_then(|payload| payload.strip_suffix('\n'));
        said.extend(whole.map(str::to_owned));
        line.clear();
        if alive && said.len() >= count {
            // On Unix this is SIGKILL.
            child.kill().unwrap();
            alive = false;
        }
    }
    child.wait().unwrap();
    assert!(said.len() >= count, "the child died after {} records", said.len());
    said
}
