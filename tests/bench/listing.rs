//! What the gateway costs: a listing through it, against the subgraphs asked directly, on one process.
//!
//! Prints, for each side, requests per second, latency and processor time per request, and the ratio of the two.
//! Rounds of both sides alternate, so that a drifting machine hits both.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::latencies::Latencies;
use crate::process::Souk;

const ROUNDS: usize = 10;
const REQUESTS: usize = 300;
const AT_ONCE: usize = 4;

const FIELDS: &str =
    "name image { url(width: 256) alt } price { amount { amount currency } } variants { sku name }";

/// Measures both listings, and what the process takes of memory afterwards.
pub(crate) async fn run() {
    let folder = tempfile::tempdir().unwrap();
    let souk = Souk::start(folder.path());
    let company = souk.company().await;
    by_key(&souk, &company).await;
    by_name(&souk, &company).await;
    println!("measured: listings: {} MiB resident after the run", souk.process.resident_mib());
}

/// The gateway has nothing to fetch beside the listing: the company is a key that the listing has.
async fn by_key(souk: &Souk, company: &str) {
    let query = format!(
        "query L($company: ID!) {{ products(company: $company, first: 24) {{ nodes {{ {FIELDS} company {{ id }} }} }} }}"
    );
    let body = json!({ "query": query, "variables": { "company": company } });
    let through = Side { name: "through the gateway", steps: vec![(souk.gateway.clone(), body.clone())] };
    let direct = Side { name: "the catalogue directly", steps: vec![(souk.catalog.clone(), body)] };
    compare(souk, "24 products with company { id }", &through, &direct).await;
}

/// The gateway asks merchants for the names, as a client of the subgraphs would have to.
async fn by_name(souk: &Souk, company: &str) {
    let listing = |of_company: &str| {
        let query = format!(
            "query L($company: ID!) {{ products(company: $company, first: 24) {{ nodes {{ {FIELDS} company {{ {of_company} }} }} }} }}"
        );
        json!({ "query": query, "variables": { "company": company } })
    };
    let entities = json!({
        "query": "query E($r: [_Any!]!) { _entities(representations: $r) { ... on Company { name } } }",
        "variables": { "r": [{ "__typename": "Company", "id": company }] },
    });
    let through = Side { name: "through the gateway", steps: vec![(souk.gateway.clone(), listing("name"))] };
    let direct = Side {
        name: "catalogue, then merchants' _entities",
        steps: vec![(souk.catalog.clone(), listing("__typename id")), (souk.merchants.clone(), entities)],
    };
    compare(souk, "24 products with company { name }", &through, &direct).await;
}

/// One way of getting the answer: requests that are made one after the other.
struct Side {
    name: &'static str,
    steps: Vec<(String, Value)>,
}

#[derive(Default)]
struct Measured {
    latencies: Latencies,
    elapsed: Duration,
    processor: Duration,
}

async fn compare(souk: &Souk, what: &str, a: &Side, b: &Side) {
    let client = reqwest::Client::new();
    let (mut of_a, mut of_b) = (Measured::default(), Measured::default());
    for side in [a, b] {
        round(souk, &client, side, &mut Measured::default()).await;
    }
    for _ in 0..ROUNDS {
        round(souk, &client, a, &mut of_a).await;
        round(souk, &client, b, &mut of_b).await;
    }
    let (a_mean, b_mean) = (report(what, a, &of_a), report(what, b, &of_b));
    println!("measured: {what}: {} takes {:.2} times as long as {}", a.name, a_mean / b_mean, b.name);
}

async fn round(souk: &Souk, client: &reqwest::Client, side: &Side, into: &mut Measured) {
    let (start, processor) = (Instant::now(), souk.process.processor());
    let workers = (0..AT_ONCE).map(|_| async {
        let mut latencies = Vec::with_capacity(REQUESTS / AT_ONCE);
        for _ in 0..REQUESTS / AT_ONCE {
            let start = Instant::now();
            for (url, body) in &side.steps {
                let answer = client.post(url).json(body).send().await.unwrap().bytes().await.unwrap();
                assert!(answer.starts_with(b"{\"data\":{"), "{}", String::from_utf8_lossy(&answer));
            }
            latencies.push(start.elapsed());
        }
        latencies
    });
    let latencies = futures::future::join_all(workers).await;
    latencies.into_iter().for_each(|some| into.latencies.extend(some));
    into.elapsed += start.elapsed();
    into.processor += souk.process.processor().saturating_sub(processor);
}

/// Prints one side, and answers its mean time per request in seconds.
fn report(what: &str, side: &Side, measured: &Measured) -> f64 {
    let count = measured.latencies.len();
    let mean = measured.elapsed.as_secs_f64() / count as f64;
    println!(
        "measured: {what}, {}: {:.0} requests/s, p50 {:.2} ms, p99 {:.2} ms, {:.0} µs of processor per request",
        side.name,
        1.0 / mean,
        measured.latencies.percentile(50),
        measured.latencies.percentile(99),
        measured.processor.as_secs_f64() * 1e6 / count as f64
    );
    mean
}
