//! The write path, on the side that the environment chooses: one transaction for row, event and answer; scope, guard and concurrency.

use std::time::{Duration, Instant};

use futures::future::join_all;
use sea_orm::{ConnectionTrait, Statement};
use souk_kit::aggregate::{Happened, Outcome};
use souk_kit::call::Call;
use souk_kit::clock::Timestamp;
use souk_kit::event::AnyEnvelope;
use souk_kit::fault::{Code, Fault};
use souk_kit::id::{CompanyId, ShopId};
use souk_kit::permission::{Action, Resource, Visibility, decide};
use souk_kit::principal::{Principal, Role, User};
use souk_kit::sql::{Repository, Sql, SqlOptions, SqlOutbox, Tx, sweep};
use souk_kit::user_error::UserError;

use crate::lamps::{Lamp, LampErrorCode, LampId, Lamps, Migrator};
use crate::side::Side;

struct House {
    lamps: Lamps,
    company: CompanyId,
    shop: ShopId,
    now: Timestamp,
    _side: Side,
}

async fn house() -> House {
    let side = Side::new();
    let sql = Sql::open(side.options("lamps")).await.unwrap();
    sql.migrate::<Migrator>().await.unwrap();
    let now = Timestamp::from_timestamp(1_700_000_000, 0).unwrap();
    House { lamps: Lamps(sql), company: CompanyId::new(now), shop: ShopId::new(now), now, _side: side }
}

impl House {
    #[expect(clippy::unused_self, reason = "reads as the house's own")]
    fn admin(&self, company: CompanyId) -> Principal {
        let id = souk_kit::id::UserId::from_uuid(company.uuid());
        Principal::User(User {
            id,
            role: Role::CompanyAdmin,
            company: Some(company),
            shops: vec![],
            customer_groups: vec![],
        })
    }

    fn scope(&self, company: CompanyId) -> Visibility {
        decide(&self.admin(company), Action::Update, Resource::Shop).unwrap()
    }

    fn call(&self, mutation: &str) -> Call {
        Call::new(&self.admin(self.company), mutation, self.now)
    }

    async fn make(&self, call: &Call, name: &str) -> Outcome<Lamp> {
        self.try_make(call, name).await.unwrap()
    }

    async fn try_make(&self, call: &Call, name: &str) -> Result<Outcome<Lamp>, Fault> {
        let lamp = Lamp {
            id: LampId::new(self.now),
            version: 0,
            company: self.company,
            shop: self.shop,
            name: name.to_owned(),
            lit: false,
        };
        let decide = || Ok::<_, UserError<LampErrorCode>>((lamp, "lamp.made"));
        self.lamps.create(&self.scope(self.company), call, decide).await
    }

    async fn events(&self) -> Vec<AnyEnvelope> {
        let pending = SqlOutbox::new(&self.lamps.0).pending(1_000).await.unwrap();
        pending.iter().map(|event| serde_json::from_slice(&event.payload).unwrap()).collect()
    }
}

fn codes(outcome: &Outcome<Lamp>) -> Vec<LampErrorCode> {
    outcome.user_errors.iter().map(UserError::code).collect()
}

#[tokio::test]
async fn a_change_saves_row_and_event_together() {
    let house = house().await;
    let lamp = house.make(&house.call("lampMake"), "hall").await.aggregate.unwrap();
    let lit =
        house.lamps.change(&house.scope(house.company), &house.call("lampLight"), lamp.id, Lamp::light).await;
    assert_eq!(lit.unwrap().aggregate.unwrap().version, 2);
    let events = house.events().await;
    let told: Vec<_> = events.iter().map(|event| (event.kind.as_str(), event.sequence)).collect();
    assert_eq!(told, [("lamp.made", 1), ("lamp.lit", 2)]);
    assert_eq!(events[1].company, Some(house.company));
    assert_eq!(events[1].data["lit"], true);
}

#[tokio::test]
async fn a_refusal_writes_nothing_but_its_answer() {
    let house = house().await;
    let lamp = house.make(&house.call("lampMake"), "hall").await.aggregate.unwrap();
    let scope = house.scope(house.company);
    house.lamps.change(&scope, &house.call("lampLight"), lamp.id, Lamp::light).await.unwrap();
    let again = house.call("lampLight").keyed("k");
    for replayed in [false, true] {
        let outcome = house.lamps.change(&scope, &again, lamp.id, Lamp::light).await.unwrap();
        assert_eq!((codes(&outcome), outcome.replayed), (vec![LampErrorCode::AlreadyLit], replayed));
    }
    let taken = house.make(&house.call("lampMake").keyed("t"), "hall").await;
    assert_eq!(codes(&taken), [LampErrorCode::NameTaken]);
    let taken = house.make(&house.call("lampMake").keyed("t"), "hall").await;
    assert_eq!((codes(&taken), taken.replayed), (vec![LampErrorCode::NameTaken], true));
    assert_eq!(house.events().await.len(), 2);
}

#[tokio::test]
async fn another_tenant_finds_nothing_to_change() {
    let house = house().await;
    let lamp = house.make(&house.call("lampMake"), "hall").await.aggregate.unwrap();
    let rival = CompanyId::new(house.now);
    let call = Call::new(&house.admin(rival), "lampLight", house.now);
    for id in [lamp.id, LampId::new(house.now)] {
        let outcome = house.lamps.change(&house.scope(rival), &call, id, Lamp::light).await.unwrap();
        assert_eq!(codes(&outcome), [LampErrorCode::NotFound]);
        assert!(outcome.aggregate.is_none());
    }
    let (scope, call) = (house.scope(house.company), house.call("lampMove"));
    let moved = house.lamps.change(&scope, &call, lamp.id, |lamp| {
        lamp.company = rival;
        Ok::<_, UserError<LampErrorCode>>("lamp.moved")
    });
    assert_eq!(
        moved.await.unwrap_err().code(),
        Code::Forbidden,
        "an aggregate must not leave the caller's reach"
    );
}

#[tokio::test]
async fn everyone_sees_the_public_face_and_their_own() {
    let house = house().await;
    let lamp = house.make(&house.call("lampMake"), "hall").await.aggregate.unwrap();
    house.make(&house.call("lampMake"), "cellar").await;
    let scope = house.scope(house.company);
    house.lamps.change(&scope, &house.call("lampLight"), lamp.id, Lamp::light).await.unwrap();
    let sees = async |principal: &Principal| {
        let scope = decide(principal, Action::Read, Resource::Shop).unwrap();
        house.lamps.visible(&scope).await.len()
    };
    assert_eq!(sees(&Principal::Anonymous).await, 1);
    assert_eq!(sees(&house.admin(house.company)).await, 2);
    assert_eq!(sees(&house.admin(CompanyId::new(house.now))).await, 1);
    let staff = |shop| User { role: Role::ShopStaff, shops: vec![shop], ..user(&house) };
    assert_eq!(sees(&Principal::User(staff(house.shop))).await, 2);
    assert_eq!(sees(&Principal::User(staff(ShopId::new(house.now)))).await, 1);
}

fn user(house: &House) -> User {
    match house.admin(house.company) {
        Principal::User(user) => user,
        other => panic!("{other:?} is no user"),
    }
}

#[tokio::test]
async fn an_expected_version_that_passed_is_a_conflict() {
    let house = house().await;
    let lamp = house.make(&house.call("lampMake"), "hall").await.aggregate.unwrap();
    let outcome = house
        .lamps
        .change(&house.scope(house.company), &house.call("lampLight").expecting(7), lamp.id, Lamp::light)
        .await
        .unwrap();
    assert_eq!(outcome.user_errors, [UserError::version_conflict(1)]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_key_takes_effect_once_however_many_send_it() {
    let house = house().await;
    let call = house.call("lampMake").keyed("once");
    let outcomes = join_all((0..20).map(|_| house.try_make(&call, "hall"))).await;
    let (done, running): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(Result::is_ok);
    let done: Vec<_> = done.into_iter().map(Result::unwrap).collect();
    let first = done[0].aggregate.as_ref().unwrap().id;
    assert!(done.iter().all(|outcome| outcome.aggregate.as_ref().unwrap().id == first));
    assert_eq!(done.iter().filter(|outcome| !outcome.replayed).count(), 1);
    for refused in running {
        assert_eq!(refused.unwrap_err().code(), Code::IdempotencyInProgress);
    }
    assert!(house.make(&call, "hall").await.replayed);
    assert_eq!(house.events().await.len(), 1);
}

/// How long a call is seen to wait.
const WAITING: Duration = Duration::from_millis(200);
/// How long a server may take to let go of what a caller had who went away.
const ENOUGH: Duration = Duration::from_secs(10);

fn is_server(tx: &Tx) -> bool {
    tx.get_database_backend() == sea_orm::DbBackend::Postgres
}

/// Someone else who writes: whoever makes a lamp waits with its key taken.
async fn busy(house: &House) -> Tx {
    let busy = house.lamps.0.begin().await.unwrap();
    // Where several write at once, they wait for the table alone.
    if is_server(&busy) {
        busy.execute_unprepared("LOCK TABLE lamp IN EXCLUSIVE MODE").await.unwrap();
    }
    busy
}

#[tokio::test]
async fn while_the_first_call_is_running_another_one_under_its_key_is_told_so() {
    let house = house().await;
    let call = house.call("lampMake").keyed("k");
    let busy = busy(&house).await;
    let mut first = Box::pin(house.try_make(&call, "hall"));
    let waits = tokio::time::timeout(WAITING, &mut first).await;
    assert!(waits.is_err(), "{:?}", waits.map(|outcome| outcome.map(|outcome| outcome.replayed)));

    let second = house.try_make(&call, "hall").await.unwrap_err();
    assert_eq!((second.code(), second.is_transient()), (Code::IdempotencyInProgress, true));
    let input = async_graphql::value!({ "input": { "idempotencyKey": "k", "name": "attic" } });
    let other = house.call("lampMake").with_input(&input).unwrap();
    assert_eq!(house.try_make(&other, "attic").await.unwrap_err().code(), Code::IdempotencyKeyReused);

    busy.rollback().await.unwrap();
    assert!(!first.await.unwrap().replayed);
    assert!(house.make(&call, "hall").await.replayed);
}

#[tokio::test]
async fn a_caller_who_goes_away_leaves_its_key_free() {
    let house = house().await;
    let gone = house.call("lampMake").keyed("gone");
    let busy = busy(&house).await;
    let waits = tokio::time::timeout(WAITING, house.try_make(&gone, "attic")).await;
    assert!(waits.is_err(), "{:?}", waits.map(|outcome| outcome.map(|outcome| outcome.replayed)));
    // A server may take a moment to learn that nobody waits any more; in this process it is known at once.
    let patience = if is_server(&busy) { ENOUGH } else { Duration::ZERO };
    busy.rollback().await.unwrap();
    let begun = Instant::now();
    let outcome = loop {
        match house.try_make(&gone, "attic").await {
            Err(fault) if fault.code() == Code::IdempotencyInProgress && begun.elapsed() < patience => {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            outcome => break outcome.unwrap(),
        }
    };
    assert!(!outcome.replayed);
}

#[tokio::test]
async fn a_key_belongs_to_one_request_one_caller_and_seven_days() {
    let house = house().await;
    let input = |name: &str| async_graphql::value!({ "input": { "idempotencyKey": "k", "name": name } });
    let call = |name: &str| house.call("lampMake").with_input(&input(name)).unwrap();
    house.make(&call("hall"), "hall").await;
    let (scope, other) = (house.scope(house.company), call("attic"));
    let other_input = house
        .lamps
        .create(&scope, &other, || Err::<(Lamp, Happened), UserError<LampErrorCode>>(UserError::not_found()));
    assert_eq!(other_input.await.unwrap_err().code(), Code::IdempotencyKeyReused);

    let other_mutation = house.call("lampBuild").keyed("k");
    assert!(!house.make(&other_mutation, "attic").await.replayed);

    let mut later = call("cellar");
    later.now += chrono::TimeDelta::days(8);
    assert!(!house.make(&later, "cellar").await.replayed, "an expired key is free");
    let much_later = later.now + chrono::TimeDelta::days(8);
    assert_eq!(sweep(&house.lamps.0, much_later).await.unwrap(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn concurrent_changes_never_lose_one_another() {
    let house = house().await;
    let lamp = house.make(&house.call("lampMake"), "hall").await.aggregate.unwrap();
    let scope = house.scope(house.company);
    let toggles = (0..100).map(|_| async {
        let call = house.call("lampToggle");
        let toggle = |lamp: &mut Lamp| {
            lamp.lit = !lamp.lit;
            Ok::<_, UserError<LampErrorCode>>("lamp.toggled")
        };
        house.lamps.change(&scope, &call, lamp.id, toggle).await.unwrap()
    });
    join_all(toggles).await;
    let sequences: Vec<i64> = house.events().await.iter().map(|event| event.sequence).collect();
    assert_eq!(sequences, (1..=101).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_second_process_in_the_same_role_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let first = Sql::open(SqlOptions::new(folder.path(), "lamps")).await.unwrap();
    let second = Sql::open(SqlOptions::new(folder.path(), "lamps")).await.unwrap_err();
    assert!(second.text().contains("another process runs `lamps`"), "{second:?}");
    drop(first);
    Sql::open(SqlOptions::new(folder.path(), "lamps")).await.unwrap();
}

#[tokio::test]
async fn the_file_is_in_wal_mode() {
    let folder = tempfile::tempdir().unwrap();
    let sql = Sql::open(SqlOptions::new(folder.path(), "lamps")).await.unwrap();
    let pragma = Statement::from_string(sea_orm::DbBackend::Sqlite, "PRAGMA journal_mode");
    let row = sql.reader().query_one_raw(pragma).await.unwrap().unwrap();
    assert_eq!(row.try_get_by_index::<String>(0).unwrap(), "wal");
}

const ENDLESS: &str =
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) AS i FROM n";

fn raw(sql: &str) -> Statement {
    Statement::from_string(sea_orm::DbBackend::Sqlite, sql)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_statement_that_reads_for_ever_is_broken_off_and_the_reader_reads_on() {
    let folder = tempfile::tempdir().unwrap();
    let longest_read = Duration::from_millis(300);
    let options = SqlOptions { readers: 2, longest_read, ..SqlOptions::new(folder.path(), "lamps") };
    let sql = Sql::open(options).await.unwrap();
    let begun = Instant::now();
    // More of them than readers, so that some get a connection on which one was broken off.
    let endless = (0..5).map(|_| {
        let sql = sql.clone();
        tokio::spawn(async move { sql.reader().query_one_raw(raw(ENDLESS)).await.map_err(Fault::from) })
    });
    for answer in join_all(endless).await {
        let fault = answer.unwrap().unwrap_err();
        assert_eq!(fault.code(), Code::LimitExceeded, "{fault:?}");
        assert!(fault.is_transient(), "it may be the database that is slow");
    }
    assert!(begun.elapsed() >= longest_read, "{:?}", begun.elapsed());
    for _ in 0..4 {
        let counted = ENDLESS.replace("FROM n)", "FROM n WHERE i < 50000)");
        let row = sql.reader().query_one_raw(raw(&counted)).await.unwrap().unwrap();
        assert_eq!(row.try_get::<i64>("", "i").unwrap(), 50_000);
    }
    // Each statement has the whole time for itself, however long the connection has been in use.
    let begun = Instant::now();
    while begun.elapsed() < 2 * longest_read {
        let counted = ENDLESS.replace("FROM n)", "FROM n WHERE i < 20000)");
        sql.reader().query_one_raw(raw(&counted)).await.unwrap();
    }
    // The writer has no deadline: a migration takes as long as it takes.
    let tx = sql.begin().await.unwrap();
    let begun = Instant::now();
    let mut steps = 100_000;
    while begun.elapsed() < longest_read {
        let counted = ENDLESS.replace("FROM n)", &format!("FROM n WHERE i < {steps})"));
        tx.query_one_raw(raw(&counted)).await.unwrap();
        steps *= 4;
    }
}
