//! What people do with the platform, on the real executable: as one process, and as gateway and subgraphs apart.

use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::souk::{Souk, demo, line};

const COMPANY: &str = "blossom-and-bloom";

/// A platform that runs, however many processes it is.
struct Platform {
    gateway: Souk,
    others: Vec<Souk>,
    data: PathBuf,
    _folder: tempfile::TempDir,
}

impl Platform {
    /// Everything in one process.
    fn together() -> Self {
        let (folder, data) = demo();
        Self { gateway: Souk::start(&data, &["serve"], &[]), others: Vec::new(), data, _folder: folder }
    }

    /// Gateway, subgraphs and workers as processes of their own on one data folder that has the demo.
    fn apart() -> Self {
        let (folder, data) = demo();
        let merchants = Souk::start(&data, &["subgraph", "merchants"], &[]);
        let at_merchants = ("SOUK_MERCHANTS__URL", merchants.url("/graphql"));
        let catalog = Souk::start(&data, &["subgraph", "catalog"], std::slice::from_ref(&at_merchants));
        let at_catalog = ("SOUK_CATALOG__URL", catalog.url("/graphql"));
        let worker = Souk::start(&data, &["worker", "analytics"], std::slice::from_ref(&at_merchants));
        let analytics = Souk::start(&data, &["subgraph", "analytics"], std::slice::from_ref(&at_merchants));
        let at_analytics = ("SOUK_ANALYTICS__URL", analytics.url("/graphql"));
        let search = Souk::start(&data, &["subgraph", "search"], std::slice::from_ref(&at_merchants));
        let at_search = ("SOUK_SEARCH__URL", search.url("/graphql"));
        let indexer = Souk::start(&data, &["worker", "search-indexer"], std::slice::from_ref(&at_catalog));
        let gateway = Souk::start(&data, &["gateway"], &[at_merchants, at_catalog, at_analytics, at_search]);
        let others = vec![merchants, catalog, analytics, worker, search, indexer];
        Self { gateway, others, data, _folder: folder }
    }

    fn token(&self, role: &str) -> String {
        // The merchants' store may be read beside the process that writes it.
        line(&self.data, &["token", "--role", role, "--company", COMPANY])
    }
}

#[tokio::test]
async fn the_first_start_makes_the_demo_and_later_ones_leave_it_alone() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    for _first_and_second in 0..2 {
        let souk = Souk::start(&data, &[], &[]);
        let found = souk
            .ask(
                None,
                "{ companies { nodes { slug shops { totalCount } products { totalCount } } } }",
                json!({}),
            )
            .await;
        let companies = found["companies"]["nodes"].as_array().unwrap();
        assert_eq!(companies.len(), 1, "{found}");
        assert_eq!(
            (&companies[0]["slug"], &companies[0]["shops"]["totalCount"]),
            (&json!(COMPANY), &json!(3))
        );
        assert!(companies[0]["products"]["totalCount"].as_u64().unwrap() >= 450, "{found}");
        assert_eq!(souk.terminate(), Some(0));
    }
}

#[tokio::test]
async fn a_newcomer_explores_the_demo() {
    for platform in [Platform::together(), Platform::apart()] {
        let gateway = &platform.gateway;
        assert_eq!(gateway.get("/health").await.status(), 200);
        assert_eq!(gateway.get("/ready").await.status(), 200);
        let page = gateway.get("/").await.text().await.unwrap();
        assert!(page.contains("GraphiQL"), "{page}");
        let listing = gateway
            .ask(
                None,
                "query($slug: String!) { company(slug: $slug) { name products(first: 24) {
                   totalCount nodes { name image { url } variants { sku } company { name } } } } }",
                json!({ "slug": COMPANY }),
            )
            .await;
        let company = &listing["company"];
        let nodes = company["products"]["nodes"].as_array().unwrap();
        assert_eq!(nodes.len(), 24);
        assert!(company["products"]["totalCount"].as_u64().unwrap() >= 450, "{company}");
        for node in nodes {
            assert_eq!(node["company"]["name"], company["name"]);
            assert!(!node["variants"].as_array().unwrap().is_empty(), "{node}");
        }
    }
}

#[tokio::test]
async fn a_merchant_adds_a_product_that_visitors_see_and_that_survives_a_crash() {
    let platform = Platform::together();
    let admin = platform.token("company-admin");
    let id = add_product(&platform.gateway, &admin, "journey-teapot").await;
    assert_eq!(name_of(&platform.gateway, &id).await, json!("Teapot"));
    let Platform { gateway, data, _folder, .. } = platform;
    gateway.kill();
    let restarted = Souk::start(&data, &["serve"], &[]);
    assert_eq!(name_of(&restarted, &id).await, json!("Teapot"));
    assert_eq!(restarted.terminate(), Some(0));
}

#[tokio::test]
async fn the_same_journey_works_across_processes_and_outlives_one_of_them() {
    let mut platform = Platform::apart();
    let admin = platform.token("company-admin");
    let id = add_product(&platform.gateway, &admin, "journey-teapot").await;
    assert_eq!(name_of(&platform.gateway, &id).await, json!("Teapot"));

    // With merchants gone, its fields are null and the rest is there.
    platform.others.remove(0).kill();
    let answer = platform
        .gateway
        .answer(
            None,
            "query($id: ID!) { product(id: $id) { name company { id name } } }",
            json!({ "id": id }),
        )
        .await;
    assert_eq!(answer["data"]["product"]["name"], "Teapot", "{answer}");
    assert!(
        answer["data"]["product"]["company"].is_null()
            || answer["data"]["product"]["company"]["name"].is_null()
    );
    assert!(!answer["errors"].as_array().unwrap().is_empty());
}

#[tokio::test]
async fn without_the_catalogue_companies_are_still_there() {
    let mut platform = Platform::apart();
    platform.others.remove(1).kill();
    let query =
        "{ companies(first: 1) { nodes { name shops { totalCount } products(first: 1) { totalCount } } }
        products(first: 1) { totalCount } }";
    let answer = platform.gateway.answer(None, query, json!({})).await;
    let company = &answer["data"]["companies"]["nodes"][0];
    assert_eq!(company["shops"]["totalCount"], 3, "{answer}");
    assert_eq!((&company["products"], &answer["data"]["products"]), (&Value::Null, &Value::Null));
    let mut paths: Vec<_> =
        answer["errors"].as_array().unwrap().iter().map(|error| error["path"].to_string()).collect();
    paths.sort();
    assert_eq!(paths, ["[\"companies\",\"nodes\",0,\"products\"]", "[\"products\"]"], "{answer}");
}

#[tokio::test]
async fn a_visitor_may_change_nothing_and_a_rival_sees_no_draft() {
    let platform = Platform::together();
    let gateway = &platform.gateway;
    let company = company_id(gateway).await;
    let create = "mutation($input: ProductCreateInput!) { productCreate(input: $input) { product { id } userErrors { code } } }";
    let draft = json!({ "input": { "company": company, "name": "Secret", "status": "DRAFT" } });

    let refused = gateway.answer(None, create, draft.clone()).await;
    assert_eq!(refused["errors"][0]["extensions"]["code"], "UNAUTHENTICATED", "{refused}");
    let bad = gateway.answer(Some("not a token"), "{ __typename }", json!({})).await;
    assert_eq!(bad["errors"][0]["extensions"]["code"], "UNAUTHENTICATED", "{bad}");

    let admin = platform.token("company-admin");
    let made = gateway.ask(Some(&admin), create, draft).await;
    let id = made["productCreate"]["product"]["id"].as_str().unwrap();
    assert_eq!(name_of(gateway, id).await, Value::Null, "drafts are for staff");
    let operator = line(&platform.data, &["token", "--role", "super-admin"]);
    let rival = gateway
        .ask(
            Some(&operator),
            "mutation { companyCreate(input: { name: \"Rival\", slug: \"rival\", settings: { currency: \"EUR\" } }) { company { id } userErrors { code } } }",
            json!({}),
        )
        .await;
    assert!(rival["companyCreate"]["company"]["id"].is_string(), "{rival}");
    let rival = line(&platform.data, &["token", "--role", "company-admin", "--company", "rival"]);
    let seen =
        gateway.ask(Some(&rival), "query($id: ID!) { product(id: $id) { name } }", json!({ "id": id })).await;
    assert_eq!(seen["product"], Value::Null);
}

#[tokio::test]
async fn a_picture_of_the_demo_is_served_in_the_size_and_format_that_a_page_needs() {
    for platform in [Platform::together(), Platform::apart()] {
        let found = platform
            .gateway
            .ask(
                None,
                "query($slug: String!) { company(slug: $slug) { products(first: 1) { nodes { image { url(width: 64, format: WEBP) } } } } }",
                json!({ "slug": COMPANY }),
            )
            .await;
        let path = found["company"]["products"]["nodes"][0]["image"]["url"].as_str().unwrap().to_owned();
        let picture = platform.gateway.get(&path).await;
        assert_eq!(picture.status(), 200);
        assert_eq!(picture.headers()["content-type"], "image/webp");
        assert!(picture.headers()["cache-control"].to_str().unwrap().contains("immutable"));
        let bytes = picture.bytes().await.unwrap();
        assert!(bytes.starts_with(b"RIFF"), "{} bytes", bytes.len());
        let unknown = path.replace("64.webp", "63.webp");
        assert_eq!(platform.gateway.get(&unknown).await.status(), 404);
    }
}

#[tokio::test]
async fn pictures_have_whole_addresses_where_the_platform_knows_its_own() {
    let (_folder, data) = demo();
    let address = ("SOUK_API__PUBLIC_URL", "https://api.shop.example/".to_owned());
    let souk = Souk::start(&data, &["serve"], &[address]);
    let found = souk.ask(None, "{ products(first: 1) { nodes { image { url } } } }", json!({})).await;
    let url = found["products"]["nodes"][0]["image"]["url"].as_str().unwrap().to_owned();
    assert!(url.starts_with("https://api.shop.example/media/"), "{url}");
}

#[test]
fn a_start_that_is_told_to_stop_stops() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let mut child = crate::souk::command(&data, &["serve", "--listen", "127.0.0.1:0"])
        .env("SOUK_TELEMETRY__LOG", "warn")
        .spawn()
        .unwrap();
    // The demo takes longer than making its stores.
    let deadline = Instant::now() + Duration::from_secs(30);
    while !data.join("catalog.sqlite").exists() && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap().success());
    let begun = Instant::now();
    let status = child.wait().unwrap();
    assert_eq!(status.code(), Some(0));
    assert!(begun.elapsed() < Duration::from_secs(20), "it went on for {:?}", begun.elapsed());
}

async fn company_id(gateway: &Souk) -> String {
    let found =
        gateway.ask(None, "query($s: String!) { company(slug: $s) { id } }", json!({ "s": COMPANY })).await;
    found["company"]["id"].as_str().unwrap().to_owned()
}

async fn add_product(gateway: &Souk, token: &str, key: &str) -> String {
    let company = company_id(gateway).await;
    let input = json!({ "input": {
        "company": company,
        "name": "Teapot",
        "status": "ACTIVE",
        "idempotencyKey": key,
        "variants": [{ "sku": "TEAPOT-1", "prices": [{ "amount": "12.50", "currency": "GBP" }] }],
    } });
    let create = "mutation($input: ProductCreateInput!) { productCreate(input: $input) { product { id } userErrors { code message } } }";
    let first = gateway.ask(Some(token), create, input.clone()).await;
    let again = gateway.ask(Some(token), create, input).await;
    assert_eq!(first, again, "the same key answers the same outcome");
    first["productCreate"]["product"]["id"].as_str().unwrap_or_else(|| panic!("{first}")).to_owned()
}

async fn name_of(gateway: &Souk, id: &str) -> Value {
    let mut found =
        gateway.ask(None, "query($id: ID!) { product(id: $id) { name } }", json!({ "id": id })).await;
    found["product"]["name"].take()
}

#[test]
fn a_second_process_in_the_same_role_is_refused() {
    let platform = Platform::together();
    let second = crate::souk::run(&platform.data, &["subgraph", "merchants", "--listen", "127.0.0.1:0"]);
    assert_eq!(second.status.code(), Some(1));
    let reason = String::from_utf8_lossy(&second.stderr);
    assert!(reason.contains("another process"), "{reason}");
}
