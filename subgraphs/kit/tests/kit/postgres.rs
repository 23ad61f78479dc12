//! What PostgreSQL has that SQLite has not: several processes that write one database, a server that goes away, and
//! databases that have to be made first. Two [`Sql`] on one database stand for two replicas.

use std::collections::BTreeSet;
use std::time::Duration;

use futures::future::join_all;
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use souk_kit::aggregate::Outcome;
use souk_kit::call::Call;
use souk_kit::clock::Timestamp;
use souk_kit::consumer::{Inbox, SqlInbox};
use souk_kit::fault::{Code, Fault};
use souk_kit::id::{CompanyId, EventId, ShopId};
use souk_kit::permission::Visibility;
use souk_kit::relay::Outbox;
use souk_kit::sql::{Durability, Repository, Sql, SqlOptions, SqlOutbox};
use souk_kit::testing::principals;
use souk_kit::user_error::UserError;
use souk_stand::{Door, Postgres};

use crate::lamps::{Lamp, LampErrorCode, LampId, Lamps, Migrator};
use crate::side::Side;

/// So many replicas of lamps on one database.
pub(crate) async fn replicas(options: &SqlOptions, count: usize) -> Vec<Lamps> {
    let open = || async {
        let sql = Sql::open(options.clone()).await.unwrap();
        sql.migrate::<Migrator>().await.unwrap();
        Lamps(sql)
    };
    join_all((0..count).map(|_| open())).await
}

pub(crate) fn now() -> Timestamp {
    Timestamp::from_timestamp(1_700_000_000, 0).unwrap()
}

pub(crate) fn call(mutation: &str) -> Call {
    Call::new(&principals::service(), mutation, now())
}

pub(crate) fn scope() -> Visibility {
    Visibility::everything_for("test")
}

pub(crate) async fn make(lamps: &Lamps, call: &Call, name: &str) -> Result<Outcome<Lamp>, Fault> {
    let (company, shop) = (CompanyId::new(now()), ShopId::new(now()));
    let new = Lamp { id: LampId::new(now()), version: 0, company, shop, name: name.to_owned(), lit: false };
    lamps.create(&scope(), call, || Ok::<_, UserError<LampErrorCode>>((new, "lamp.made"))).await
}

pub(crate) async fn toggle(lamps: &Lamps, call: &Call, id: LampId) -> Result<Outcome<Lamp>, Fault> {
    let toggle = |lamp: &mut Lamp| {
        lamp.lit = !lamp.lit;
        Ok::<_, UserError<LampErrorCode>>("lamp.toggled")
    };
    lamps.change(&scope(), call, id, toggle).await
}

fn raw(sql: &str) -> Statement {
    Statement::from_string(DbBackend::Postgres, sql)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_replicas_migrate_a_database_that_is_not_there_yet_at_once() {
    let Some(side) = Side::postgres() else { return };
    let lamps = replicas(&side.options("lamps"), 10).await;
    assert!(make(&lamps[9], &call("make"), "hall").await.unwrap().user_errors.is_empty());
    assert_eq!(lamps[0].visible(&scope()).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_is_missed_until_it_is_migrated() {
    let Some(side) = Side::postgres() else { return };
    let sql = Sql::open(side.options("lamps")).await.unwrap();
    assert!(!sql.exists().await.unwrap());
    let fault = Fault::from(sql.reader().ping().await.unwrap_err());
    assert!(fault.is_transient(), "{fault:?}");
    sql.migrate::<Migrator>().await.unwrap();
    assert!(sql.exists().await.unwrap());
    sql.reader().ping().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_replicas_that_race_for_a_unique_name_one_gets_it() {
    let Some(side) = Side::postgres() else { return };
    let lamps = replicas(&side.options("lamps"), 2).await;
    let (mut made, mut refused) = (0, 0);
    for round in 0..10 {
        let (name, call) = (format!("lamp {round}"), call("make"));
        let racing = (0..8).map(|n| make(&lamps[n % 2], &call, &name));
        for outcome in join_all(racing).await {
            let outcome = outcome.unwrap();
            match outcome.user_errors.as_slice() {
                [] => made += 1,
                [error] => {
                    assert_eq!(error.code(), LampErrorCode::NameTaken);
                    refused += 1;
                }
                errors => panic!("{errors:?}"),
            }
        }
    }
    assert_eq!((made, refused), (10, 70));
    assert_eq!(SqlOutbox::new(&lamps[0].0).pending(1_000).await.unwrap().len(), 10, "one event for each");
    println!("counted: {} writers of two replicas raced for 10 unique names, {made} won", made + refused);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_replicas_that_expect_the_same_version_one_changes_it() {
    let Some(side) = Side::postgres() else { return };
    let lamps = replicas(&side.options("lamps"), 2).await;
    let id = make(&lamps[0], &call("make"), "hall").await.unwrap().aggregate.unwrap().id;
    for version in 1..=10 {
        let call = call("toggle").expecting(version);
        let outcomes = join_all((0..6).map(|n| toggle(&lamps[n % 2], &call, id))).await;
        let (done, late): (Vec<_>, Vec<_>) =
            outcomes.into_iter().map(Result::unwrap).partition(|outcome| outcome.user_errors.is_empty());
        assert_eq!((done.len(), late.len()), (1, 5));
        for outcome in late {
            assert_eq!(outcome.user_errors, [UserError::version_conflict(version + 1)]);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn changes_of_several_replicas_never_lose_one_another() {
    let Some(side) = Side::postgres() else { return };
    let lamps = replicas(&side.options("lamps"), 3).await;
    let id = make(&lamps[0], &call("make"), "hall").await.unwrap().aggregate.unwrap().id;
    let call = call("toggle");
    for outcome in join_all((0..90).map(|n| toggle(&lamps[n % 3], &call, id))).await {
        assert!(outcome.unwrap().user_errors.is_empty());
    }
    let events = SqlOutbox::new(&lamps[0].0).pending(1_000).await.unwrap();
    let sequence = |payload: &[u8]| {
        serde_json::from_slice::<serde_json::Value>(payload).unwrap()["sequence"].as_i64().unwrap()
    };
    let sequences: Vec<i64> = events.iter().map(|event| sequence(&event.payload)).collect();
    assert_eq!(sequences, (1..=91).collect::<Vec<_>>(), "numbered in the order of their commits");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_key_takes_effect_once_on_however_many_replicas() {
    let Some(side) = Side::postgres() else { return };
    let lamps = replicas(&side.options("lamps"), 3).await;
    let mut running = 0;
    for round in 0..10 {
        let call = call("make").keyed(format!("key {round}"));
        let name = format!("lamp {round}");
        let outcomes = join_all((0..9).map(|n| make(&lamps[n % 3], &call, &name))).await;
        let mut ids = BTreeSet::new();
        for outcome in outcomes {
            match outcome {
                Ok(outcome) => drop(ids.insert(outcome.aggregate.unwrap().id.to_string())),
                Err(fault) => {
                    assert_eq!(fault.code(), Code::IdempotencyInProgress, "{fault:?}");
                    running += 1;
                }
            }
        }
        assert_eq!(ids.len(), 1, "all who were answered were told of the same lamp");
        for lamps in &lamps {
            let again = make(lamps, &call, &name).await.unwrap();
            assert!(again.replayed && ids.contains(&again.aggregate.unwrap().id.to_string()));
        }
        let other = call.clone().with_input(&async_graphql::value!({ "input": { "name": "other" } }));
        let other = other.unwrap().keyed(format!("key {round}"));
        let reused = make(&lamps[0], &other, &name).await;
        assert_eq!(reused.unwrap_err().code(), Code::IdempotencyKeyReused);
    }
    assert_eq!(SqlOutbox::new(&lamps[0].0).pending(1_000).await.unwrap().len(), 10);
    println!(
        "counted: 90 calls of three replicas under 10 keys took effect 10 times; {running} were told to wait"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_that_runs_on_another_replica_is_in_progress() {
    let Some(side) = Side::postgres() else { return };
    let lamps = replicas(&side.options("lamps"), 2).await;
    // Whoever makes a lamp waits for this one.
    let busy = lamps[0].0.begin().await.unwrap();
    busy.execute_unprepared("LOCK TABLE lamp IN EXCLUSIVE MODE").await.unwrap();
    let call = call("make").keyed("k");
    let mut first = Box::pin(make(&lamps[0], &call, "hall"));
    assert!(tokio::time::timeout(Duration::from_millis(300), &mut first).await.is_err());
    let second = make(&lamps[1], &call, "hall").await.unwrap_err();
    assert_eq!((second.code(), second.is_transient()), (Code::IdempotencyInProgress, true));
    busy.rollback().await.unwrap();
    assert!(!first.await.unwrap().replayed);
    assert!(make(&lamps[1], &call, "hall").await.unwrap().replayed);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_that_two_replicas_consume_at_once_takes_effect_once() {
    let Some(side) = Side::postgres() else { return };
    let lamps = replicas(&side.options("lamps"), 2).await;
    let tx = lamps[0].0.begin().await.unwrap();
    tx.execute_unprepared("CREATE TABLE seen (event TEXT NOT NULL)").await.unwrap();
    tx.commit().await.unwrap();
    let mut taken = 0;
    for _ in 0..10 {
        let event = EventId::new(now());
        let take = |n: usize| {
            let inbox = SqlInbox::new(&lamps[n % 2].0);
            async move {
                let Some(tx) = inbox.begin("test", event, now()).await.unwrap() else { return 0 };
                tx.execute_unprepared(&format!("INSERT INTO seen VALUES ('{event}')")).await.unwrap();
                inbox.commit(tx).await.unwrap();
                1
            }
        };
        taken += join_all((0..4).map(take)).await.into_iter().sum::<i32>();
    }
    assert_eq!(taken, 10);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_server_is_to_notice_a_process_that_is_cut_off_on_every_connection() {
    let Some(side) = Side::postgres() else { return };
    let sql = Sql::open(side.options("lamps")).await.unwrap();
    sql.migrate::<Migrator>().await.unwrap();
    let show = || raw("SHOW tcp_keepalives_idle");
    let tx = sql.begin().await.unwrap();
    let [read, written] = [sql.reader().query_one_raw(show()).await, tx.query_one_raw(show()).await];
    for shown in [read, written] {
        let seconds: String = shown.unwrap().unwrap().try_get("", "tcp_keepalives_idle").unwrap();
        assert_eq!(seconds, "30");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_statement_that_takes_too_long_is_broken_off_and_the_connection_reads_on() {
    let Some(side) = Side::postgres() else { return };
    let longest_read = Duration::from_secs(1);
    let mut options = SqlOptions { longest_read, ..side.options("lamps") };
    let postgres = options.postgres.as_mut().unwrap();
    (postgres.readers, postgres.writers, postgres.longest_write) = (1, 1, longest_read);
    let sql = Sql::open(options).await.unwrap();
    sql.migrate::<Migrator>().await.unwrap();
    for _ in 0..2 {
        let fault = Fault::from(sql.reader().query_one_raw(raw("SELECT pg_sleep(60)")).await.unwrap_err());
        assert_eq!((fault.code(), fault.is_transient()), (Code::LimitExceeded, true), "{fault:?}");
        sql.reader().ping().await.unwrap();
    }
    let tx = sql.begin().await.unwrap();
    let fault = Fault::from(tx.execute_unprepared("SELECT pg_sleep(60)").await.unwrap_err());
    assert_eq!(fault.code(), Code::LimitExceeded, "{fault:?}");
    drop(tx);
    make(&Lamps(sql.clone()), &call("make"), "hall").await.unwrap();
    let written = sql.reader().execute_unprepared("DELETE FROM lamp").await;
    assert!(written.is_err(), "a reader writes nothing");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn text_that_cannot_be_stored_is_the_callers_mistake() {
    let Some(side) = Side::postgres() else { return };
    let lamps = replicas(&side.options("lamps"), 1).await;
    let fault = make(&lamps[0], &call("make"), "ha\0ll").await.unwrap_err();
    assert_eq!(fault.code(), Code::BadUserInput, "{fault:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_server_is_waited_for_and_everything_acknowledged_is_there() {
    let Some(mut server) = Postgres::start().await else { return };
    let side = Side::at(&server.url());
    let options = SqlOptions { durability: Durability::PowerCut, ..side.options("lamps") };
    let lamps = &replicas(&options, 2).await;
    let mut acknowledged = BTreeSet::new();
    for round in 0..3 {
        let writers = (0..4_usize).map(|writer| async move {
            let mut done = Vec::new();
            for n in 0.. {
                let name = format!("{round}-{writer}-{n}");
                match make(&lamps[writer % 2], &call("make"), &name).await {
                    Ok(_) => done.push(name),
                    Err(fault) => {
                        assert!(fault.is_transient(), "{fault:?}");
                        break;
                    }
                }
            }
            done
        });
        let killing = async {
            tokio::time::sleep(Duration::from_millis(300)).await;
            server.kill().await;
        };
        let (done, ()) = tokio::join!(join_all(writers), killing);
        acknowledged.extend(done.into_iter().flatten());
        server.restart().await.unwrap();
        // What idle connections have been told meanwhile shows when they are used.
        let healed = async {
            while make(&lamps[0], &call("make"), &format!("{round}-healed")).await.is_err()
                || lamps[1].0.reader().ping().await.is_err()
            {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), healed).await.unwrap();
    }
    let there: BTreeSet<String> =
        lamps[0].visible(&scope()).await.into_iter().map(|lamp| lamp.name).collect();
    assert!(acknowledged.is_subset(&there), "{:?}", acknowledged.difference(&there));
    println!("counted: {} acknowledged changes survived 3 kills of PostgreSQL", acknowledged.len());
}

/// Connections that the network forgets without a word, all that there may be, idle ones and busy ones.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_that_went_silent_are_given_up_and_others_take_their_places() {
    const PATIENCE: Duration = Duration::from_secs(30);
    let Some(url) = souk_stand::postgres_url() else { return };
    let (side, way) = (Side::at(&url), Door::before(&url).await.unwrap());
    let mut options = SqlOptions { longest_read: Duration::from_secs(1), ..side.options("lamps") };
    let postgres = options.postgres.as_mut().unwrap();
    way.url().clone_into(&mut postgres.url);
    (postgres.readers, postgres.writers) = (2, 1);
    (postgres.acquire_timeout, postgres.longest_write) = (Duration::from_millis(500), Duration::from_secs(1));
    let lamps = replicas(&options, 1).await.remove(0);
    let sql = &lamps.0;
    let outbox = SqlOutbox::new(sql);
    let listening = tokio::spawn({
        let outbox = outbox.clone();
        async move { outbox.listen().await }
    });
    let told = async || tokio::time::timeout(PATIENCE, outbox.written().notified()).await.unwrap();
    told().await;

    // One reader that idles for longer than it is trusted, and one that is asked when it is gone.
    let (one, other) = tokio::join!(sql.reader().ping(), sql.reader().ping());
    one.and(other).unwrap();
    let mut tx = sql.begin().await.unwrap();
    for _ in 0..2 {
        tx.execute_unprepared("SELECT 1").await.unwrap();
        tokio::time::sleep(Duration::from_millis(700)).await;
        let asked = sql.reader().query_one_raw(raw("SELECT pg_sleep(0.5)"));
        let lost = async {
            tokio::time::sleep(Duration::from_millis(100)).await;
            way.lose();
        };
        let (answer, ()) = tokio::join!(tokio::time::timeout(PATIENCE, asked), lost);
        let fault = Fault::from(answer.expect("it is given up").unwrap_err());
        assert_eq!((fault.code(), fault.is_transient()), (Code::Unavailable, true), "{fault:?}");
        let answer = tokio::time::timeout(PATIENCE, tx.execute_unprepared("SELECT 1")).await;
        let fault = Fault::from(answer.expect("so is what a transaction asks").unwrap_err());
        assert_eq!(fault.code(), Code::Unavailable, "{fault:?}");
        drop(tx);
        let begun = tokio::time::Instant::now();
        tx = loop {
            match sql.begin().await {
                Ok(tx) => break tx,
                Err(fault) => assert_eq!(fault.code(), Code::Unavailable, "{fault:?}"),
            }
            assert!(begun.elapsed() < PATIENCE, "the one writer is free again");
        };
        while let Err(error) = sql.reader().ping().await {
            assert_eq!(Fault::from(error).code(), Code::Unavailable);
            assert!(begun.elapsed() < PATIENCE, "so are the readers");
        }
    }
    tx.rollback().await.unwrap();
    // Who listens has found out, and listens anew.
    told().await;
    listening.abort();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn migrating_waits_for_a_server_that_starts_later() {
    let Some(mut server) = Postgres::start().await else { return };
    let side = Side::at(&server.url());
    server.kill().await;
    let sql = Sql::open(side.options("lamps")).await.unwrap();
    let mut migrating = Box::pin(sql.migrate::<Migrator>());
    assert!(tokio::time::timeout(Duration::from_millis(500), &mut migrating).await.is_err());
    server.restart().await.unwrap();
    tokio::time::timeout(Duration::from_secs(30), migrating).await.unwrap().unwrap();
    make(&Lamps(sql), &call("make"), "hall").await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_one_replica_writes_is_told_to_the_relay_of_another() {
    let Some(side) = Side::postgres() else { return };
    let lamps = replicas(&side.options("lamps"), 2).await;
    let outbox = SqlOutbox::new(&lamps[1].0);
    let listening = tokio::spawn({
        let outbox = outbox.clone();
        async move { outbox.listen().await }
    });
    let told = |what| {
        let written = outbox.written();
        async move {
            tokio::time::timeout(Duration::from_secs(20), written.notified()).await.expect(what);
        }
    };
    told("beginning to listen counts: anything may have been written before").await;
    for n in 0..3 {
        make(&lamps[0], &call("make"), &format!("lamp {n}")).await.unwrap();
        told("another replica wrote").await;
    }
    listening.abort();
}
