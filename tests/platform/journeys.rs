//! What people do with the platform, on the real executable: on embedded stores and on real engines, as one process and
//! as gateway and subgraphs apart.

use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::platform::{COMPANY, Platform, Shape};
use crate::side::Side;
use crate::souk::{Souk, demo};

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
    for platform in everywhere() {
        let gateway = platform.gateway();
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
    for side in Side::all() {
        let mut platform = Platform::with_demo(side, Shape::Together);
        let admin = platform.token("company-admin");
        let id = add_product(platform.gateway(), &admin, "journey-teapot").await;
        assert_eq!(name_of(platform.gateway(), &id).await, json!("Teapot"));
        platform.crash();
        assert_eq!(name_of(platform.gateway(), &id).await, json!("Teapot"));
        platform.terminate_all();
    }
}

#[tokio::test]
async fn the_same_journey_works_across_processes_and_outlives_some_of_them() {
    for side in Side::all() {
        let mut platform = Platform::with_demo(side, Shape::Apart);
        let admin = platform.token("company-admin");
        let id = add_product(platform.gateway(), &admin, "journey-teapot").await;
        assert_eq!(name_of(platform.gateway(), &id).await, json!("Teapot"));
        without_merchants_the_rest_is_there(&mut platform, &id).await;
        platform.start("merchants");
        without_the_catalogue_companies_are_still_there(&mut platform).await;
        platform.start("catalog");
        assert_eq!(name_of(platform.gateway(), &id).await, json!("Teapot"));
        platform.terminate_all();
    }
}

async fn without_merchants_the_rest_is_there(platform: &mut Platform, product: &str) {
    platform.kill("merchants");
    let asked = "query($id: ID!) { product(id: $id) { name company { id name } } }";
    let answer = platform.gateway().answer(None, asked, json!({ "id": product })).await;
    let found = &answer["data"]["product"];
    assert_eq!(found["name"], "Teapot", "{answer}");
    assert!(found["company"].is_null() || found["company"]["name"].is_null(), "{answer}");
    assert!(!answer["errors"].as_array().unwrap().is_empty());
}

async fn without_the_catalogue_companies_are_still_there(platform: &mut Platform) {
    platform.kill("catalog");
    let query =
        "{ companies(first: 1) { nodes { name shops { totalCount } products(first: 1) { totalCount } } }
        products(first: 1) { totalCount } }";
    let answer = platform.gateway().answer(None, query, json!({})).await;
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
    for side in Side::all() {
        let platform = Platform::with_demo(side, Shape::Together);
        let gateway = platform.gateway();
        let create = "mutation($input: ProductCreateInput!) { productCreate(input: $input) { product { id } userErrors { code } } }";
        let draft =
            json!({ "input": { "company": platform.company().await, "name": "Secret", "status": "DRAFT" } });

        let refused = gateway.answer(None, create, draft.clone()).await;
        assert_eq!(refused["errors"][0]["extensions"]["code"], "UNAUTHENTICATED", "{refused}");
        let bad = gateway.answer(Some("not a token"), "{ __typename }", json!({})).await;
        assert_eq!(bad["errors"][0]["extensions"]["code"], "UNAUTHENTICATED", "{bad}");

        let made = gateway.ask(Some(&platform.token("company-admin")), create, draft).await;
        let id = made["productCreate"]["product"]["id"].as_str().unwrap();
        assert_eq!(name_of(gateway, id).await, Value::Null, "drafts are for staff");
        let operator = platform.succeeds(&["token", "--role", "super-admin"]);
        let rival = gateway
            .ask(
                Some(&operator),
                "mutation { companyCreate(input: { name: \"Rival\", slug: \"rival\", settings: { currency: \"EUR\" } }) { company { id } userErrors { code } } }",
                json!({}),
            )
            .await;
        assert!(rival["companyCreate"]["company"]["id"].is_string(), "{rival}");
        let rival = platform.token_at("company-admin", "rival");
        let asked = "query($id: ID!) { product(id: $id) { name } }";
        let seen = gateway.ask(Some(&rival), asked, json!({ "id": id })).await;
        assert_eq!(seen["product"], Value::Null);
    }
}

#[tokio::test]
async fn a_picture_of_the_demo_is_served_in_the_size_and_format_that_a_page_needs() {
    for platform in everywhere() {
        let found = platform
            .gateway()
            .ask(
                None,
                "query($slug: String!) { company(slug: $slug) { products(first: 1) { nodes { image { url(width: 64, format: WEBP) } } } } }",
                json!({ "slug": COMPANY }),
            )
            .await;
        let path = found["company"]["products"]["nodes"][0]["image"]["url"].as_str().unwrap().to_owned();
        let picture = platform.gateway().get(&path).await;
        assert_eq!(picture.status(), 200);
        assert_eq!(picture.headers()["content-type"], "image/webp");
        assert!(picture.headers()["cache-control"].to_str().unwrap().contains("immutable"));
        let bytes = picture.bytes().await.unwrap();
        assert!(bytes.starts_with(b"RIFF"), "{} bytes", bytes.len());
        let unknown = path.replace("64.webp", "63.webp");
        assert_eq!(platform.gateway().get(&unknown).await.status(), 404);
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

/// A platform of each side and shape, each with the demo.
fn everywhere() -> impl Iterator<Item = Platform> {
    let shapes = [Shape::Together, Shape::Apart];
    Side::all()
        .into_iter()
        .flat_map(move |side| shapes.into_iter().map(move |shape| Platform::with_demo(side, shape)))
}

async fn add_product(gateway: &Souk, token: &str, key: &str) -> String {
    let found =
        gateway.ask(None, "query($s: String!) { company(slug: $s) { id } }", json!({ "s": COMPANY })).await;
    let company = found["company"]["id"].as_str().unwrap();
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
    let platform = Platform::with_demo(Side::Embedded, Shape::Together);
    let second = crate::souk::run(&platform.data, &["subgraph", "merchants", "--listen", "127.0.0.1:0"]);
    assert_eq!(second.status.code(), Some(1));
    let reason = String::from_utf8_lossy(&second.stderr);
    assert!(reason.contains("another process"), "{reason}");
}
