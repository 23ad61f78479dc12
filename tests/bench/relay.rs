//! How fast events go from the outbox to the log: on PostgreSQL and on SQLite, on a new outbox and on one that many
//! have gone through, and with three relays at once. The log is the embedded one everywhere, and new each time: what is
//! measured is the outbox.

use std::time::Instant;

use sea_orm::ConnectionTrait;
use souk_kit::clock::Clock;
use souk_kit::event_log::SqliteEventLog;
use souk_kit::relay;
use souk_kit::sql::{Durability, KitTables, PostgresOptions, Sql, SqlOptions, SqlOutbox};
use souk_stand::Postgres;

/// Events that wait when the relay begins.
const EVENTS: usize = 20_000;
/// Those go through before the outbox counts as old, so many times.
const HISTORY: usize = 8;
/// How many events one statement writes.
const AT_ONCE: usize = 500;
/// Aggregates that the events are of.
const SUBJECTS: usize = 400;

/// Measures both sides.
pub(crate) async fn run() {
    let folder = tempfile::tempdir().unwrap();
    let sqlite = SqlOptions::new(folder.path(), "relay");
    let on_sqlite = side("SQLite", &sqlite, 1).await;
    let Some(server) = Postgres::start().await else { return };
    let postgres = PostgresOptions::new(server.url(), "bench_");
    let options = SqlOptions { postgres: Some(postgres), ..sqlite };
    let on_postgres = side("PostgreSQL", &options, 1).await;
    println!(
        "measured: relay: PostgreSQL takes {:.2} times as long for an event as SQLite",
        on_sqlite / on_postgres
    );
    let with_three = side("PostgreSQL, three relays", &options, 3).await;
    println!("measured: relay: three relays are {:.2} times as fast as one", with_three / on_postgres);
    server.stop().await;
}

/// Prints the rate on a new and on an old outbox; answers the latter.
async fn side(name: &str, options: &SqlOptions, relays: usize) -> f64 {
    let sql = Sql::open(options.clone()).await.unwrap();
    sql.migrate::<KitTables>().await.unwrap();
    let outboxes: Vec<_> = (0..relays).map(|_| SqlOutbox::new(&sql)).collect();
    let new = rate(&sql, &outboxes).await;
    for _ in 0..HISTORY {
        rate(&sql, &outboxes).await;
    }
    let old = rate(&sql, &outboxes).await;
    let history = (HISTORY + 1) * EVENTS;
    println!(
        "measured: relay, {name}: {new:.0} events/s on a new outbox, {old:.0} events/s after {history} events: {:.2} times",
        old / new
    );
    sql.close().await.unwrap();
    old
}

/// Fills the outbox and empties it; events per second.
async fn rate(sql: &Sql, outboxes: &[SqlOutbox]) -> f64 {
    fill(sql).await;
    let folder = tempfile::tempdir().unwrap();
    let log = &SqliteEventLog::open(folder.path(), Clock::system(), Durability::ProcessCrash).await.unwrap();
    let (clock, begun) = (Clock::system(), Instant::now());
    let draining = outboxes.iter().map(|outbox| relay::drain(outbox, log, &clock));
    let relayed: usize = futures::future::join_all(draining).await.into_iter().map(Result::unwrap).sum();
    // What one of several had claimed when another looked is done by now, or left for one more look.
    let rest = relay::drain(&outboxes[0], log, &clock).await.unwrap();
    let elapsed = begun.elapsed().as_secs_f64();
    assert_eq!(relayed + rest, EVENTS);
    EVENTS as f64 / elapsed
}

/// Events as a change of a product leaves them.
async fn fill(sql: &Sql) {
    let envelope = format!("{{\"data\":\"{}\"}}", "x".repeat(600));
    for first in (0..EVENTS).step_by(AT_ONCE) {
        let rows: Vec<String> = (first..first + AT_ONCE)
            .map(|n| {
                let subject = n % SUBJECTS;
                format!("('product.events', 'prod_{subject}', '{envelope}', {n}, {})", subject % 16)
            })
            .collect();
        let insert = format!(
            "INSERT INTO kit_outbox (topic, subject, envelope, written_at, part) VALUES {}",
            rows.join(", ")
        );
        let tx = sql.begin().await.unwrap();
        tx.execute_unprepared(&insert).await.unwrap();
        tx.commit().await.unwrap();
    }
}
