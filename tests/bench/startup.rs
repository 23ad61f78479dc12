//! How long the first start takes, which makes the demo, and a later one; and what the process takes of memory once
//! everything is found, and under load.

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::process::Souk;
use crate::track;

/// How often the later start is measured.
const LATER: usize = 5;
/// What the process has to stay below, in MiB.
const AIM: u64 = 150;
/// How long it rests before its memory is read: what is freed goes back to the system a moment later.
const REST: Duration = Duration::from_secs(5);
/// How long the load lasts, and how many at once make it.
const LOAD: Duration = Duration::from_mins(1);
const AT_ONCE: usize = 4;

const LISTING: &str = "query L($company: ID!, $after: String) { products(company: $company, first: 24, after: $after) {
    totalCount pageInfo { hasNextPage endCursor }
    nodes { name slug image { url(width: 256) alt } price { amount { amount currency } } variants { sku name } company { name } } } }";
const SEARCH: &str = "query S($company: ID!, $text: String!) {
    search(company: $company, text: $text, first: 24, facets: [{ field: CATEGORY }, { field: BRAND },
        { field: PRICE, ranges: [{ below: \"5.00\" }, { from: \"5.00\", below: \"20.00\" }, { from: \"20.00\" }] }]) {
        totalCount facets { values { value count } } edges { highlights { field html } node { name price { amount { amount } } } } }
    suggest(company: $company, text: $text) { text } }";
const WORDS: [&str; 8] =
    ["lunch box", "red", "clock", "vintag", "heart of wicker", "bagg", "christmas", "set of 6"];

/// Measures both starts on one folder. The aims are those of two idle cores.
pub(crate) async fn run() {
    let folder = tempfile::tempdir().unwrap();
    let (took, souk) = start(folder.path()).await;
    let ready = souk.process.resident_mib();
    let begun = Instant::now();
    let products = souk.until_all_found(1).await;
    let behind = begun.elapsed();
    tokio::time::sleep(REST).await;
    println!(
        "measured: first start, demo included: ready after {:.2} s (aim 5 s), all {products} products found {:.2} s later",
        took.as_secs_f64(),
        behind.as_secs_f64()
    );
    println!(
        "measured: first start, demo included: {ready} MiB resident when ready, {} MiB when all are found, {} MiB at most (aim {AIM} MiB)",
        souk.process.resident_mib(),
        souk.process.peak_mib()
    );
    load(&souk, "first start").await;
    drop(souk);

    let mut later = Vec::new();
    for _ in 1..LATER {
        later.push(start(folder.path()).await.0);
    }
    let (last, souk) = start(folder.path()).await;
    later.push(last);
    later.sort_unstable();
    let median = later[LATER / 2];
    souk.until_all_found(products).await;
    tokio::time::sleep(REST).await;
    println!(
        "measured: later start: ready after {:.3} s (aim 1 s, median of {LATER}), {} MiB resident, {} MiB at most (aim {AIM} MiB); the first takes {:.0} times as long",
        median.as_secs_f64(),
        souk.process.resident_mib(),
        souk.process.peak_mib(),
        took.as_secs_f64() / median.as_secs_f64()
    );
    load(&souk, "later start").await;
}

/// Starts and asks a first query; answers the time to readiness.
async fn start(folder: &Path) -> (Duration, Souk) {
    let begun = Instant::now();
    let souk = Souk::start(folder);
    let ready = souk.gateway.replace("/graphql", "/ready");
    assert_eq!(reqwest::get(ready).await.unwrap().status(), 200);
    let took = begun.elapsed();
    souk.company().await;
    (took, souk)
}

/// Visitors leaf through the listing, search with facets, and are tracked; prints what that takes.
async fn load(souk: &Souk, after: &str) {
    let (company, begun, processor) = (souk.company().await, Instant::now(), souk.process.processor());
    let visitors = (0..AT_ONCE).map(|visitor| visit(souk, &company, visitor, begun + LOAD));
    let requests: usize = futures::future::join_all(visitors).await.into_iter().sum();
    let under_load = souk.process.resident_mib();
    let processor = souk.process.processor().saturating_sub(processor);
    tokio::time::sleep(REST).await;
    println!(
        "measured: {after}, then {} s of listings, searches and track at once: {requests} requests, {:.0} \u{b5}s of processor each, {under_load} MiB resident, {} MiB after a rest, {} MiB at most (aim {AIM} MiB)",
        LOAD.as_secs(),
        processor.as_secs_f64() * 1e6 / requests as f64,
        souk.process.resident_mib(),
        souk.process.peak_mib()
    );
}

/// One visitor after the other until `end`; answers the number of requests.
async fn visit(souk: &Souk, company: &str, visitor: usize, end: Instant) -> usize {
    let client = reqwest::Client::builder().user_agent(track::BROWSER).build().unwrap();
    let (mut requests, mut after) = (0, Value::Null);
    while Instant::now() < end {
        let listed = souk.ask(&client, LISTING, json!({ "company": company, "after": after })).await;
        let page = &listed["products"]["pageInfo"];
        after = if page["hasNextPage"] == json!(true) { page["endCursor"].clone() } else { Value::Null };
        let text = WORDS[(requests + visitor) / 3 % WORDS.len()];
        souk.ask(&client, SEARCH, json!({ "company": company, "text": text })).await;
        let input = track::input(company, (requests * AT_ONCE + visitor) * 10, 10);
        souk.ask(&client, track::TRACK, json!({ "input": input })).await;
        requests += 3;
    }
    requests
}
