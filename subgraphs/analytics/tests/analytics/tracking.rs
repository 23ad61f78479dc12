//! `track`: what is taken, what is dropped, and what of it is kept.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::TimeDelta;
use serde_json::{Value as Json, json};
use souk_kit::clock::Timestamp;
use souk_kit::event_log::{Delivered, EventLog, Membership, Position, Record, Start};
use souk_kit::fault::Fault;
use souk_kit::id::CompanyId;
use souk_kit::key_value::{Limits, durable};
use souk_kit::ports::Ports;
use souk_kit::testing::{Stage, TestSubgraph, principals};

use crate::storefront::{BROWSER, Storefront, TRACK, click, list, product, search, uuid, view};

#[tokio::test]
async fn visitors_tell_what_they_do_and_nothing_personal_is_kept() {
    let front = Storefront::open().await;
    let now = front.now();
    let events = [
        view(1, now, &product(1)),
        search(2, now, "  Red MUG ", 24),
        click(3, now, 2, &product(1), 3),
        list(4, now, "home"),
    ];
    front.track(1, &events).await;
    let told = front.log().await;
    let kinds: Vec<_> = told.iter().map(|event| event.kind.as_str()).collect();
    assert_eq!(
        kinds,
        ["visit.product_viewed", "visit.search_performed", "visit.result_clicked", "visit.list_viewed"]
    );
    assert_eq!(told[1].data["text"], "red mug");
    let pseudonym = &told[0].data["visitor"];
    assert!(
        told.iter().all(|event| event.data["visitor"] == *pseudonym && event.company == Some(front.company))
    );
    let whole = serde_json::to_string(&told).unwrap();
    for secret in ["visitor-0", "Firefox", "Mozilla"] {
        assert!(!whole.contains(secret), "{secret} is in {whole}");
    }
    assert!(told.iter().all(|event| event.actor.as_str() == "anonymous" && event.traceparent.is_none()));
}

#[tokio::test]
async fn who_asks_not_to_be_tracked_is_counted_without_an_id_and_without_texts() {
    let front = Storefront::open().await;
    let event = |n| search(n, front.now(), "jane's mug", 3);
    let without = |consent: Json, n| {
        let mut input = front.input(1, &[event(n)]);
        input["consent"] = consent;
        input
    };
    let agreed = |n| without(json!(true), n);
    let cases = [
        (front.visitor(), without(json!(false), 1)),
        (front.visitor().with_header("dnt", "1"), agreed(2)),
        (front.visitor().with_header("sec-gpc", "1"), agreed(3)),
        (front.visitor().with_header("dnt", "0"), agreed(4)),
    ];
    for (caller, input) in cases {
        let answer = caller.send(TRACK, json!({ "input": input })).await;
        assert_eq!(answer["data"]["track"]["accepted"], 1, "{answer}");
    }
    let mut input = front.input(1, &[event(5)]);
    input.as_object_mut().unwrap().remove("consent");
    front.send(input).await;
    let told = front.log().await;
    let kept: BTreeMap<_, _> = told
        .iter()
        .map(|event| {
            (&event.data["search"], (!event.data["visitor"].is_null(), event.data["text"].is_string()))
        })
        .map(|(search, kept)| (search.as_str().unwrap().to_owned(), kept))
        .collect();
    let (nothing, all) = ((false, false), (true, true));
    let expected = [(1, nothing), (2, nothing), (3, nothing), (4, all), (5, nothing)];
    assert_eq!(kept, expected.map(|(n, kept)| (uuid(n), kept)).into());
    front.count().await;
    let totals = front.everything().await["totals"].clone();
    assert_eq!((&totals["searches"], &totals["visitors"]), (&json!(5), &json!(1)));
}

#[tokio::test]
async fn programs_are_dropped() {
    let front = Storefront::open().await;
    let input = json!({ "input": front.input(1, &[view(1, front.now(), &product(1))]) });
    let nobody = front.caller(principals::nobody());
    for program in
        [nobody.clone(), nobody.with_header("user-agent", "Googlebot/2.1 (+http://www.google.com/bot.html)")]
    {
        let answer = program.send(TRACK, input.clone()).await;
        assert_eq!(
            answer["data"]["track"],
            json!({ "accepted": 0, "dropped": 1, "userErrors": [] }),
            "{answer}"
        );
    }
    assert!(front.log().await.is_empty());
}

#[tokio::test]
async fn what_is_wrong_is_told_by_event_and_the_others_are_taken() {
    let front = Storefront::open().await;
    let now = front.now();
    let mut two = view(3, now, &product(1));
    two["listViewed"] = json!({ "list": "home" });
    let events = [
        view(1, now, &product(1)),
        view(2, now - TimeDelta::hours(49), &product(1)),
        two,
        view(4, now, "comp_x"),
        click(5, now, 2, &product(1), 0),
        list(6, now + TimeDelta::minutes(6), "home"),
        json!({ "id": "7", "occurredAt": now, "listViewed": { "list": "home" } }),
        list(8, now, "home"),
        list(9, now, "ho\u{0}me"),
    ];
    let answer = front.visitor().send(TRACK, json!({ "input": front.input(1, &events) })).await;
    let at = |n: usize, code: &str, path: &[&str]| {
        let n = n.to_string();
        let path: Vec<&str> = ["input", "events", &n].into_iter().chain(path.iter().copied()).collect();
        json!({ "code": code, "path": path })
    };
    let errors = [
        at(1, "TOO_OLD", &["occurredAt"]),
        at(2, "INVALID", &[]),
        at(3, "INVALID", &["productViewed", "product"]),
        at(4, "OUT_OF_RANGE", &["resultClicked", "position"]),
        at(5, "NOT_YET", &["occurredAt"]),
        at(6, "INVALID", &["id"]),
        at(8, "INVALID", &["listViewed", "list"]),
    ];
    assert_eq!(answer["data"]["track"], json!({ "accepted": 2, "dropped": 0, "userErrors": errors }));
    assert_eq!(front.log().await.len(), 2);
}

#[tokio::test]
async fn calls_are_bounded() {
    let front = Storefront::open().await;
    let many =
        |from: u128, count| (from..from + count).map(|n| list(n, front.now(), "home")).collect::<Vec<_>>();
    let answer = front.visitor().send(TRACK, json!({ "input": front.input(1, &many(0, 101)) })).await;
    let refused = json!([{ "code": "TOO_MANY", "path": ["input", "events"] }]);
    assert_eq!(answer["data"]["track"]["userErrors"], refused, "{answer}");
    for batch in 0..5 {
        front.track(1, &many(1_000 * (batch + 1), 100)).await;
    }
    let answer = front.visitor().send(TRACK, json!({ "input": front.input(1, &many(9_000, 1)) })).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "LIMIT_EXCEEDED", "{answer}");
    front.track(2, &many(10_000, 1)).await;
    front.analytics.stage.clock().advance(TimeDelta::seconds(1));
    front.track(1, &many(11_000, 5)).await;
    assert_eq!(front.log().await.len(), 506);
    let mut input = front.input(1, &many(12_000, 1));
    input["visitor"] = json!("short");
    let answer = front.visitor().send(TRACK, json!({ "input": input })).await;
    let refused = json!([{ "code": "INVALID", "path": ["input", "visitor"] }]);
    assert_eq!(answer["data"]["track"]["userErrors"], refused, "{answer}");
}

/// Whoever floods one storefront, with however many visitors, takes nothing from the others.
#[tokio::test]
async fn all_visitors_of_a_company_share_one_measure() {
    let front = Storefront::open().await;
    let now = front.now();
    let visitors = front.visitor();
    let tracked = async |company: CompanyId, visitor: u32, events: &[Json]| {
        let mut input = front.input(visitor, events);
        input["company"] = json!(company);
        let query = "mutation($input: TrackInput!) { track(input: $input) { accepted } }";
        visitors.send(query, json!({ "input": input })).await
    };
    // What is wrong with them is told behind the limits.
    let wrong = vec![json!({ "id": "7", "occurredAt": now, "listViewed": { "list": "home" } }); 100];
    for n in 0..1_000 {
        let answer = tracked(front.company, n / 5, &wrong).await;
        assert_eq!(answer["data"]["track"]["accepted"], 0, "call {n}: {}", answer["errors"]);
    }
    let one = [list(1, now, "home")];
    let answer = tracked(front.company, 1_000, &one).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "LIMIT_EXCEEDED", "{answer}");
    assert_eq!(tracked(front.rival, 1_000, &one).await["data"]["track"]["accepted"], 1);
    front.analytics.stage.clock().advance(TimeDelta::milliseconds(1));
    assert_eq!(tracked(front.company, 1_001, &one).await["data"]["track"]["accepted"], 1);
    assert_eq!(front.log().await.len(), 2);
}

/// Limits are kept where all replicas find them, which is written down, too.
#[tokio::test]
async fn limits_are_kept_by_no_id_of_a_visitor() {
    let front = Storefront::open().await;
    let stage = &front.analytics.stage;
    let folder = stage.ports.folder.join("limits");
    let store = durable(&folder, stage.clock().clone()).await.unwrap();
    let ports = Ports { limits: Limits::new(store, stage.clock().clone()), ..stage.ports.clone() };
    let subgraph = souk_analytics::subgraph(&ports, Arc::new(crate::merchants::Open)).await.unwrap();
    let analytics = TestSubgraph { subgraph: Arc::new(subgraph), stage: Arc::clone(stage) };
    let caller = analytics.caller(principals::nobody()).with_header("user-agent", BROWSER);
    let input = front.input(1, &[list(1, front.now(), "home")]);
    let answer = caller.send(TRACK, json!({ "input": input })).await;
    assert_eq!(answer["data"]["track"]["accepted"], 1, "{answer}");
    let mut written = Vec::new();
    for file in std::fs::read_dir(&folder).unwrap() {
        written.extend(std::fs::read(file.unwrap().path()).unwrap());
    }
    let written = String::from_utf8_lossy(&written);
    assert!(written.contains(&format!("track:{}:", front.company)));
    assert!(!written.contains(input["visitor"].as_str().unwrap()));
}

/// A log that takes nothing.
enum Away {
    Refuses,
    /// It answers nobody. Time is let pass at once for who waits.
    IsSilent,
}

#[async_trait]
impl EventLog for Away {
    async fn append(&self, _: Vec<Record>) -> Result<(), Fault> {
        match self {
            Self::Refuses => Err(Fault::broken("the disk is full")),
            Self::IsSilent => {
                tokio::time::pause();
                std::future::pending().await
            }
        }
    }
    async fn join(&self, _: &str, _: &[String]) -> Result<Box<dyn Membership>, Fault> {
        Err(Fault::broken("away"))
    }
    async fn lag(&self, _: &str, _: &[String]) -> Result<u64, Fault> {
        Ok(0)
    }
    async fn topics(&self) -> Result<Vec<String>, Fault> {
        Ok(Vec::new())
    }
    async fn positions(&self, _: &str, _: Start) -> Result<Vec<Position>, Fault> {
        Ok(Vec::new())
    }
    async fn read(&self, _: &Position, _: usize) -> Result<Vec<Delivered>, Fault> {
        Ok(Vec::new())
    }
    async fn committed(&self, _: &str, _: &str) -> Result<Vec<Position>, Fault> {
        Ok(Vec::new())
    }
    async fn reset(&self, _: &str, _: &[Position]) -> Result<(), Fault> {
        Ok(())
    }
    async fn trim(&self, _: &[String], _: Timestamp) -> Result<u64, Fault> {
        Ok(0)
    }
    async fn ready(&self) -> Result<(), Fault> {
        Err(Fault::broken("away"))
    }
}

#[tokio::test]
async fn what_the_log_does_not_take_is_to_be_sent_again() {
    is_to_be_sent_again(Away::Refuses).await;
}

#[tokio::test]
async fn what_the_log_does_not_acknowledge_in_time_is_to_be_sent_again() {
    let start = tokio::time::Instant::now();
    is_to_be_sent_again(Away::IsSilent).await;
    assert!(start.elapsed() >= Duration::from_secs(5), "{:?}", start.elapsed());
}

async fn is_to_be_sent_again(log: Away) {
    let stage = Stage::new().await.unwrap();
    let front = Storefront::open().await;
    let ports = Ports { events: Arc::new(log), ..stage.ports.clone() };
    let facts = Arc::new(crate::merchants::Open);
    let subgraph = souk_analytics::subgraph(&ports, facts).await.unwrap();
    let analytics = stage.put_on(subgraph).await.unwrap();
    let caller = analytics.caller(principals::nobody()).with_header("user-agent", BROWSER);
    let event = json!({ "id": uuid(1), "occurredAt": front.now(), "listViewed": { "list": "home" } });
    let answer = caller.send(TRACK, json!({ "input": front.input(1, &[event]) })).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "UNAVAILABLE", "{answer}");
    assert_eq!(answer["data"]["track"], Json::Null);
    assert!(!answer.to_string().contains("disk"), "{answer}");
}
