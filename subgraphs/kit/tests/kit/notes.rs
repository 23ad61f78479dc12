//! Idempotency over documents: one effect per key, whoever comes while it runs, and until its time is over.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_graphql::Enum;
use chrono::TimeDelta;
use futures::future::join_all;
use serde::{Deserialize, Serialize};
use souk_kit::call::Call;
use souk_kit::clock::{Clock, Timestamp};
use souk_kit::documents::sql::SqlDocuments;
use souk_kit::documents::{
    Collection, CollectionSet, Decided, Document, Documents, Draft, Filter, Index, LARGEST_STATE, Repository,
    View,
};
use souk_kit::event::Topic;
use souk_kit::fault::{Code, Fault};
use souk_kit::id::CompanyId;
use souk_kit::permission::{Tenant, Visibility};
use souk_kit::principal::Principal;
use souk_kit::relay::Outbox;
use souk_kit::sql::{Durability, Sql, SqlOptions};
use souk_kit::testing::principals;
use souk_kit::user_error::{ErrorCode, UserError};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum, Serialize, Deserialize)]
pub(crate) enum NoteErrorCode {
    NotFound,
    VersionConflict,
    Empty,
}

impl ErrorCode for NoteErrorCode {
    const TYPE_NAME: &'static str = "NoteUserError";
    const NOT_FOUND: Self = Self::NotFound;
    const VERSION_CONFLICT: Self = Self::VersionConflict;
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Note {
    id: String,
    company: CompanyId,
    text: String,
}

enum Notes {}

impl Collection for Notes {
    type State = Note;

    const NAME: &'static str = "notes";
    const SOURCE: &'static str = "/souk/notes";
    const TOPIC: Topic = Topic::Product;
    const SCHEMA_VERSION: u32 = 1;

    fn id(note: &Note) -> String {
        note.id.clone()
    }
    fn tenant(note: &Note) -> Tenant {
        Tenant::company(note.company)
    }
    fn index(_: &Note) -> Index {
        Index::default()
    }
}

struct Desk {
    set: CollectionSet,
    notes: Repository<Notes>,
    engine: Arc<dyn Documents>,
    clock: Clock,
    company: CompanyId,
    admin: Principal,
    sql: Sql,
    _folder: tempfile::TempDir,
}

type Told = Result<Result<String, Vec<UserError<NoteErrorCode>>>, Fault>;

async fn desk() -> Desk {
    let folder = tempfile::tempdir().unwrap();
    let options =
        SqlOptions { durability: Durability::ProcessCrash, ..SqlOptions::new(folder.path(), "notes") };
    let sql = Sql::open(options).await.unwrap();
    let engine: Arc<dyn Documents> = Arc::new(SqlDocuments::new(sql.clone()));
    let set = CollectionSet::new("notes", Arc::clone(&engine)).with::<Notes>();
    set.migration().apply().await.unwrap();
    let clock = Clock::fixed(Timestamp::from_timestamp(1_700_000_000, 0).unwrap());
    let company = CompanyId::new(clock.now());
    let admin = principals::company_admin(company);
    Desk { notes: set.repository(), set, engine, clock, company, admin, sql, _folder: folder }
}

impl Desk {
    fn call(&self, key: &str) -> Call {
        Call::new(&self.admin, "noteWrite", self.clock.now()).keyed(key)
    }

    /// Answers the new note's id; a note without text is refused.
    async fn write(&self, call: &Call, text: &str) -> Told {
        let decide = |_| {
            if text.is_empty() {
                return Err(vec![UserError::new(NoteErrorCode::Empty, "a note needs text")]);
            }
            let id = uuid::Uuid::new_v4().to_string();
            let state = Note { id: id.clone(), company: self.company, text: text.to_owned() };
            let events = vec![Draft::new("note.written", &state).unwrap()];
            Ok(Decided { state, events, answer: id })
        };
        self.notes.create(call, |_| None, decide).await
    }

    async fn remove(&self, call: &Call, id: &str) -> Told {
        let scope = Visibility::everything_for("test");
        self.notes.delete(&scope, id, call, |note| Ok((Vec::new(), note.text.clone()))).await
    }

    async fn count(&self) -> u64 {
        let view = View::new(&Visibility::everything_for("test"), Filter::nothing());
        self.notes.count(&view, Filter::everything()).await.unwrap()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_key_makes_one_document_however_many_send_it() {
    let desk = desk().await;
    let call = desk.call("once");
    let told = join_all((0..20).map(|_| desk.write(&call, "tea"))).await;
    let (done, running): (Vec<_>, Vec<_>) = told.into_iter().partition(Result::is_ok);
    let ids: Vec<String> = done.into_iter().map(|told| told.unwrap().unwrap()).collect();
    assert!(!ids.is_empty() && ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    assert!(running.into_iter().all(|told| told.unwrap_err().code() == Code::IdempotencyInProgress));
    assert_eq!(desk.count().await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_processes_under_one_key_make_one_document_and_answer_the_same() {
    let desk = desk().await;
    // Other processes know nothing of what is running here.
    let others: Vec<Repository<Notes>> = (0..8)
        .map(|_| CollectionSet::new("notes", Arc::clone(&desk.engine)).with::<Notes>().repository())
        .collect();
    let call = desk.call("once");
    let writes = others.iter().map(|notes| {
        let (call, company) = (&call, desk.company);
        notes.create(
            call,
            |_| None::<UserError<NoteErrorCode>>,
            move |_| {
                let state = Note { id: uuid::Uuid::new_v4().to_string(), company, text: "tea".into() };
                Ok(Decided { answer: state.id.clone(), state, events: Vec::new() })
            },
        )
    });
    let told: Vec<String> = join_all(writes).await.into_iter().map(|told| told.unwrap().unwrap()).collect();
    assert!(told.iter().all(|id| *id == told[0]), "{told:?}");
    assert_eq!(desk.count().await, 1);
}

#[tokio::test]
async fn while_the_first_call_is_running_another_one_under_its_key_is_told_so() {
    let desk = desk().await;
    let call = desk.call("k");
    let busy = desk.sql.begin().await.unwrap();
    let mut first = Box::pin(desk.write(&call, "tea"));
    let waits = tokio::time::timeout(std::time::Duration::from_millis(200), &mut first).await;
    assert!(waits.is_err(), "the first waits for the other writer");
    assert_eq!(desk.write(&call, "tea").await.unwrap_err().code(), Code::IdempotencyInProgress);
    let input = async_graphql::value!({ "input": { "idempotencyKey": "k", "text": "milk" } });
    let other = desk.call("k").with_input(&input).unwrap();
    assert_eq!(desk.write(&other, "milk").await.unwrap_err().code(), Code::IdempotencyKeyReused);
    busy.rollback().await.unwrap();
    let id = first.await.unwrap().unwrap();
    assert_eq!(desk.write(&call, "tea").await.unwrap().unwrap(), id);
}

#[tokio::test]
async fn outcomes_refusals_and_tombstones_are_swept_when_their_time_is_over() {
    let desk = desk().await;
    let (kept, gone, refused) = (desk.call("kept"), desk.call("gone"), desk.call("refused"));
    let id = desk.write(&kept, "tea").await.unwrap().unwrap();
    let doomed = desk.write(&gone, "milk").await.unwrap().unwrap();
    desk.remove(&desk.call("remove"), &doomed).await.unwrap().unwrap();
    assert!(desk.write(&refused, "").await.unwrap().is_err());
    assert!(desk.write(&refused, "").await.unwrap().is_err(), "a refusal is answered again");
    while let batch = desk.set.claim(100).await.unwrap()
        && !batch.events().is_empty()
    {
        batch.relayed().await.unwrap();
    }
    assert!(desk.engine.load("notes", &doomed).await.unwrap().is_some(), "its outcomes are still kept");

    let sweep = desk.set.sweeping("notes.sweep", &desk.clock);
    desk.clock.advance(TimeDelta::days(6));
    sweep.once().await.unwrap();
    assert_eq!(desk.write(&kept, "tea").await.unwrap().unwrap(), id, "six days are not seven");

    desk.clock.advance(TimeDelta::days(2));
    sweep.once().await.unwrap();
    assert!(desk.engine.load("notes", &doomed).await.unwrap().is_none(), "the tombstone is gone");
    assert!(desk.engine.load("notes", &id).await.unwrap().unwrap().outcomes.is_empty());
    let key = format!("call:{}:{}:noteWrite:refused", refused.actor, desk.company);
    assert!(desk.engine.holder("refusals", &key).await.unwrap().is_none(), "the refusal is gone");
    assert_ne!(desk.write(&desk.call("kept"), "tea").await.unwrap().unwrap(), id, "an expired key is free");
}

#[tokio::test]
async fn a_document_that_no_engine_has_room_for_is_refused() {
    let desk = desk().await;
    let refused = desk.write(&desk.call("large"), &"x".repeat(LARGEST_STATE)).await.unwrap_err();
    assert_eq!(refused.code(), Code::LimitExceeded);
    assert!(refused.text().contains("4000000 at most"), "{}", refused.text());
    assert_eq!(desk.count().await, 0);
    desk.write(&desk.call("fits"), &"x".repeat(LARGEST_STATE - 200)).await.unwrap().unwrap();
}

#[tokio::test]
async fn events_wait_in_a_document_as_far_as_they_fit_and_leave_it_in_batches_that_do() {
    let desk = desk().await;
    let (large, scope) = ("x".repeat(3_000_000), Visibility::everything_for("test"));
    let change = async |id: &str, n: usize| -> Result<(), Fault> {
        let decide = |note: &Document<Note>| {
            let events = vec![Draft::new("note.changed", &note.state).unwrap()];
            Ok(Decided { state: note.state.clone(), events, answer: () })
        };
        let taken = |_: &str| UserError::<NoteErrorCode>::not_found();
        let call = desk.call(&format!("{id} {n}"));
        desk.notes.change(&scope, id, &call, taken, decide).await.map(|answer| answer.unwrap())
    };
    let mut ids = Vec::new();
    for n in 0..4 {
        let id = desk.write(&desk.call(&format!("note {n}")), &large).await.unwrap().unwrap();
        change(&id, 1).await.unwrap();
        assert_eq!(change(&id, 2).await.unwrap_err().code(), Code::Unavailable, "nine megabytes");
        ids.push(id);
    }
    // 24 MB of events: those of a note in order, and no batch of more than 16 MB and one event.
    let (mut relayed, mut batches) = (BTreeMap::<String, usize>::new(), 0);
    loop {
        let batch = desk.set.claim(500).await.unwrap();
        if batch.events().is_empty() {
            break;
        }
        assert!(batch.events().iter().map(|event| event.payload.len()).sum::<usize>() < 20_000_000);
        for event in batch.events() {
            let told: serde_json::Value = serde_json::from_slice(&event.payload).unwrap();
            let before = relayed.entry(event.key.clone()).or_default();
            assert_eq!(told["type"], ["note.written", "note.changed"][*before]);
            *before += 1;
        }
        batch.relayed().await.unwrap();
        batches += 1;
    }
    assert_eq!((batches, relayed.len()), (2, 4));
    assert!(relayed.values().all(|events| *events == 2), "{relayed:?}");
    change(&ids[0], 2).await.unwrap();
}
