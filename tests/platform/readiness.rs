//! `/ready` of a platform whose engines die under it, one after the other: each is named, and nothing but it; and when it
//! is back, so is the platform, without a restart.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use souk_stand::{Door, Engine, Kafka, Kind, MongoDb};

use crate::platform::{Platform, Shape};
use crate::side::{Addresses, Settings, namespace};
use crate::souk::Souk;

const PATIENCE: Duration = Duration::from_mins(1);

/// The engines of all tests, each behind a door of this test's own; and those that have no door, to be killed.
struct Engines {
    postgres: Door,
    mongodb: MongoDb,
    kafka: Kafka,
    redis: Door,
    elasticsearch: Door,
    s3: Door,
}

impl Engines {
    /// `None`, said as `skipped: …`, where one is missing.
    async fn start() -> Option<Self> {
        let beside = Addresses::of_environment()?;
        let door = async |url: &str| Door::before(url).await.unwrap();
        Some(Self {
            postgres: door(&beside.postgres).await,
            mongodb: MongoDb::start().await?,
            kafka: Kafka::start().await?,
            redis: door(&beside.redis).await,
            elasticsearch: door(&beside.elasticsearch).await,
            s3: door(&beside.s3).await,
        })
    }

    fn addresses(&self) -> Addresses {
        Addresses {
            postgres: self.postgres.url().to_owned(),
            mongodb: self.mongodb.url(),
            kafka: self.kafka.url(),
            redis: self.redis.url().to_owned(),
            elasticsearch: self.elasticsearch.url().to_owned(),
            s3: self.s3.url().to_owned(),
        }
    }
}

/// What `/ready` says when nothing but `missing` is.
fn missing<S: AsRef<str>>(missing: &[S]) -> Value {
    let missing: Vec<_> = missing.iter().map(AsRef::as_ref).collect();
    json!({ "ready": false, "missing": missing })
}

/// What it says while uses go on without `engine`.
fn without(engine: &str) -> Value {
    json!({ "ready": true, "missing": [], "without": [engine] })
}

/// What it says when everything is there.
fn ready() -> Value {
    json!({ "ready": true, "missing": [] })
}

/// Waits until `/ready` says `expected`, with the status that belongs to it.
async fn says(souk: &Souk, expected: Value) {
    let status = if expected["ready"] == true { 200 } else { 503 };
    let start = Instant::now();
    loop {
        let answer = souk.get("/ready").await;
        let (answered, body) = (answer.status(), answer.json::<Value>().await.unwrap());
        if answered == status && body == expected {
            return;
        }
        assert!(start.elapsed() < PATIENCE, "{expected} is awaited; {answered}: {body}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_engine_that_dies_is_named_until_it_is_back() {
    let Some(mut engines) = Engines::start().await else { return };
    let settings = engines.addresses().settings().into_iter().chain(namespace()).collect();
    let mut platform = Platform::empty(settings);
    platform.succeeds(&["migrate"]);
    platform.start_all(Shape::Together);
    let souk = platform.gateway();
    says(souk, ready()).await;

    let databases =
        ["merchants", "analytics", "search"].map(|name| format!("{name}: the database of {name}"));
    let doors = [
        (&engines.postgres, missing(&databases)),
        (&engines.redis, without("Redis")),
        (&engines.elasticsearch, missing(&["search: the search index"])),
        (&engines.s3, without("S3")),
    ];
    for (door, expected) in doors {
        door.shut();
        says(souk, expected).await;
        door.open();
        says(souk, ready()).await;
    }
    let logs = ["merchants", "catalog", "analytics", "search"].map(|name| format!("{name}: the event log"));
    dies(souk, &mut engines.kafka, missing(&logs)).await;
    dies(souk, &mut engines.mongodb, missing(&["catalog: the documents of the catalogue"])).await;

    several_that_are_silent_are_all_named(souk, &engines).await;
    what_is_written_is_found(&platform).await;
    platform.terminate_all();
    engines.kafka.stop().await;
    engines.mongodb.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gateway_names_the_subgraph_that_it_goes_on_without() {
    let mut platform = Platform::empty(Settings::new());
    platform.succeeds(&["migrate"]);
    platform.start_all(Shape::Apart);
    says(platform.gateway(), ready()).await;
    platform.kill("merchants");
    says(platform.gateway(), without("merchants")).await;
    platform.start("merchants");
    says(platform.gateway(), ready()).await;
    platform.terminate_all();
}

/// `/ready` says `expected` while `engine` is dead.
async fn dies<K: Kind>(souk: &Souk, engine: &mut Engine<K>, expected: Value) {
    engine.kill().await;
    says(souk, expected).await;
    engine.restart().await.unwrap();
    says(souk, ready()).await;
}

/// Nothing ends their connections, and one that answers nobody does not hide the others.
async fn several_that_are_silent_are_all_named(souk: &Souk, engines: &Engines) {
    engines.postgres.hold();
    engines.elasticsearch.hold();
    engines.redis.hold();
    let expected = json!({
        "ready": false,
        "missing": [
            "merchants: the database of merchants",
            "analytics: the database of analytics",
            "search: the database of search, the search index",
        ],
        "without": ["Redis"],
    });
    says(souk, expected).await;
    for door in [&engines.postgres, &engines.elasticsearch, &engines.redis] {
        door.open();
    }
    says(souk, ready()).await;
}

/// A write goes through database, documents, event log and index, all of which this process has seen die.
async fn what_is_written_is_found(platform: &Platform) {
    let souk = platform.gateway();
    let operator = platform.succeeds(&["token", "--role", "super-admin"]);
    let create = "mutation($input: CompanyCreateInput!) { companyCreate(input: $input) {
        company { id } userErrors { code message } } }";
    let input = json!({ "name": "Lamps", "slug": "lamps", "settings": { "currency": "EUR" } });
    let made = souk.ask(Some(&operator), create, json!({ "input": input })).await;
    let company = &made["companyCreate"]["company"]["id"];
    assert!(company.is_string(), "{made}");

    let create = "mutation($input: ProductCreateInput!) { productCreate(input: $input) {
        product { id } userErrors { code message } } }";
    let input = json!({ "company": company, "name": "Zanzibar lantern", "status": "ACTIVE",
        "variants": [{ "sku": "ZZ-1", "prices": [{ "amount": "12.00", "currency": "EUR" }] }] });
    let admin = platform.token_at("company-admin", "lamps");
    let made = souk.ask(Some(&admin), create, json!({ "input": input })).await;
    assert_eq!(made["productCreate"]["userErrors"], json!([]), "{made}");

    let query = "query($company: ID) { search(text: \"zanzibar\", company: $company) { totalCount } }";
    let start = Instant::now();
    loop {
        let found = souk.ask(None, query, json!({ "company": company })).await;
        if found["search"]["totalCount"] == 1 {
            return;
        }
        assert!(start.elapsed() < PATIENCE, "{found}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
