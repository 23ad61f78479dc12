//! A server that is killed while replicas write to it and relay: nothing acknowledged is lost, events come in order,
//! and nobody needs to be started again.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_graphql::Enum;
use futures::future::join_all;
use serde::{Deserialize, Serialize};
use souk_kit::call::Call;
use souk_kit::clock::Clock;
use souk_kit::documents::{Collection, CollectionSet, Decided, Documents, Draft, Index};
use souk_kit::event::{AnyEnvelope, Topic};
use souk_kit::event_log::{EventLog, SqliteEventLog};
use souk_kit::fault::{Code, Fault};
use souk_kit::id::CompanyId;
use souk_kit::permission::{Tenant, Visibility};
use souk_kit::relay::{self, Outbox};
use souk_kit::sql::Durability;
use souk_kit::testing::principals;
use souk_kit::user_error::{ErrorCode, UserError};
use tokio_util::sync::CancellationToken;

use super::Place;

const NOTES: usize = 6;
const REPLICAS: usize = 3;
const KILLS: usize = 3;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum, Serialize, Deserialize)]
enum NoteErrorCode {
    NotFound,
    VersionConflict,
    Taken,
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
    changes: i64,
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
    fn index(note: &Note) -> Index {
        Index::default().unique(format!("note:{}", note.id)).field("changes", note.changes)
    }
}

fn decided(state: Note) -> Decided<Note, i64> {
    let events = vec![Draft::new("note.changed", &state).unwrap()];
    Decided { answer: state.changes, state, events }
}

/// Does `write` until it is answered; how often it was not, being away.
async fn until_done<T, W>(mut write: impl FnMut() -> W, away: &AtomicUsize) -> T
where
    W: Future<Output = Result<T, Fault>>,
{
    loop {
        match write().await {
            Ok(done) => return done,
            Err(fault) => {
                assert!(fault.is_transient(), "{fault:?}");
                if fault.code() == Code::Unavailable {
                    away.fetch_add(1, Ordering::Relaxed);
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nothing_is_lost_or_out_of_order_when_the_server_is_killed_under_writers_and_relays() {
    let Some(mut server) = souk_stand::MongoDb::start().await else { return };
    let place = Place::on(server.url());
    let folder = tempfile::tempdir().unwrap();
    let log: Arc<dyn EventLog> = Arc::new(
        SqliteEventLog::open(folder.path(), Clock::system(), Durability::ProcessCrash).await.unwrap(),
    );
    let leases = souk_kit::key_value::in_process(Clock::system());
    let mut replicas = Vec::new();
    for _ in 0..REPLICAS {
        let engine: Arc<dyn Documents> = Arc::new(place.deployment().await.documents("notes"));
        replicas.push(CollectionSet::new("notes", engine).with::<Notes>().sharing(leases.clone()));
    }
    let company = CompanyId::new(Clock::system().now());
    join_all(replicas.iter().map(CollectionSet::prepare)).await.into_iter().for_each(Result::unwrap);

    let admin = principals::company_admin(company);
    for note in 0..NOTES {
        let call = Call::new(&admin, "noteCreate", Clock::system().now());
        let state = Note { id: format!("note_{note}"), company, changes: 1 };
        let created =
            replicas.first().unwrap().repository::<Notes>().try_create(&call, &decided(state)).await;
        assert!(created.unwrap());
    }

    let (stop, rest) = (CancellationToken::new(), CancellationToken::new());
    let relays: Vec<_> = replicas
        .iter()
        .map(|replica| {
            let (outbox, log) = (Arc::new(replica.clone()), Arc::clone(&log));
            tokio::spawn(relay::run(outbox, log, Clock::system(), rest.clone()))
        })
        .collect();
    let away = Arc::new(AtomicUsize::new(0));
    let writers: Vec<_> = (0..NOTES * 2)
        .map(|writer| {
            let (repository, stop) =
                (replicas.get(writer % REPLICAS).unwrap().repository::<Notes>(), stop.clone());
            let (away, admin) = (Arc::clone(&away), admin.clone());
            tokio::spawn(async move {
                let id = format!("note_{}", writer % NOTES);
                let scope = Visibility::everything_for("test");
                let mut acknowledged = 0;
                for round in 0.. {
                    if stop.is_cancelled() {
                        break;
                    }
                    // Tried again under its key, a call that was answered by nobody takes effect once.
                    let call = Call::new(&admin, "noteChange", Clock::system().now())
                        .keyed(format!("{writer}-{round}"));
                    let taken = |_: &str| UserError::new(NoteErrorCode::Taken, "not its own key");
                    let change = || {
                        repository.change(&scope, &id, &call, taken, |note| {
                            Ok(decided(Note { changes: note.changes + 1, ..note.state.clone() }))
                        })
                    };
                    until_done(change, &away).await.unwrap();
                    acknowledged += 1;
                }
                (id, acknowledged)
            })
        })
        .collect();
    for _ in 0..KILLS {
        tokio::time::sleep(Duration::from_millis(900)).await;
        server.kill().await;
        tokio::time::sleep(Duration::from_millis(200)).await;
        server.restart().await.unwrap();
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    stop.cancel();
    let mut acknowledged: BTreeMap<String, i64> = BTreeMap::new();
    for writer in writers {
        let (id, count) = writer.await.unwrap();
        *acknowledged.entry(id).or_insert(1) += count;
    }
    let first = replicas.first().unwrap();
    for _ in 0..200 {
        if first.oldest().await.unwrap().is_none() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    rest.cancel();
    join_all(relays).await.into_iter().for_each(Result::unwrap);
    assert!(first.oldest().await.unwrap().is_none(), "the relays go on by themselves");

    let (changes, copies) = compare(&place, &*log, &acknowledged).await;
    println!(
        "counted: {changes} acknowledged changes of {NOTES} documents over {KILLS} kills, {REPLICAS} relays, \
         {copies} events relayed twice, {} calls that were told to try again",
        away.load(Ordering::Relaxed)
    );
    server.stop().await;
}

/// Holds documents and log to what was acknowledged; answers how many changes there were and how many events came
/// more than once.
async fn compare(place: &Place, log: &dyn EventLog, acknowledged: &BTreeMap<String, i64>) -> (i64, usize) {
    let engine = place.deployment().await.documents("notes");
    let mut told: BTreeMap<String, Vec<i64>> = BTreeMap::new();
    let mut copies = 0;
    for event in all_events(log).await {
        let sequences = told.entry(event.subject).or_default();
        if sequences.contains(&event.sequence) {
            copies += 1;
        } else {
            sequences.push(event.sequence);
        }
    }
    let mut changes = 0;
    for (id, count) in acknowledged {
        let kept = engine.load("notes", id).await.unwrap().unwrap();
        assert_eq!(kept.version, *count, "{id}: every acknowledged change, each once");
        let state: Note = serde_json::from_str(&kept.state).unwrap();
        assert_eq!(state.changes, *count);
        let expected: Vec<_> = (1..=kept.version).collect();
        assert_eq!(told.get(id), Some(&expected), "{id}: every event, in order");
        changes += count;
    }
    (changes, copies)
}

async fn all_events(log: &dyn EventLog) -> Vec<AnyEnvelope> {
    let topics = [Topic::Product.name().to_owned()];
    let mut member = log.join("weather", &topics).await.unwrap();
    let mut missing = log.lag("weather", &topics).await.unwrap();
    let mut events = Vec::new();
    while missing > 0 {
        for delivered in member.next(1_000).await.unwrap() {
            events.push(serde_json::from_slice(&delivered.record.payload).unwrap());
            missing = missing.saturating_sub(1);
        }
    }
    member.leave().await.unwrap();
    events
}
