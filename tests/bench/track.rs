//! What visitors' events cost: how many the platform takes and counts in a second, in one process on embedded stores.
//!
//! Prints events per second that are acknowledged, by single events and by batches as a storefront sends them, and how
//! soon the last of them is in the figures.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::latencies::Latencies;
use crate::process::Souk;

const REQUESTS: usize = 400;
const AT_ONCE: usize = 8;
pub(crate) const BROWSER: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";
pub(crate) const TRACK: &str =
    "mutation T($input: TrackInput!) { track(input: $input) { accepted userErrors { code } } }";

/// Measures single events, then batches.
pub(crate) async fn run() {
    let folder = tempfile::tempdir().unwrap();
    let souk = Souk::start(folder.path());
    let company = souk.company().await;
    let mut sent = 0;
    for batch in [1, 20, 100] {
        measure(&souk, &company, batch, &mut sent).await;
    }
    println!("measured: track: {} MiB resident after {sent} events", souk.process.resident_mib());
}

async fn measure(souk: &Souk, company: &str, batch: usize, sent: &mut usize) {
    let client = reqwest::Client::builder().user_agent(BROWSER).build().unwrap();
    let (start, processor, first) = (Instant::now(), souk.process.processor(), *sent);
    let workers = (0..AT_ONCE).map(|worker| {
        let client = &client;
        async move {
            let mut latencies = Vec::with_capacity(REQUESTS / AT_ONCE);
            for request in 0..REQUESTS / AT_ONCE {
                let number = first + (request * AT_ONCE + worker) * batch;
                let input = input(company, number, batch);
                let start = Instant::now();
                let body = json!({ "query": TRACK, "variables": { "input": input } });
                let answer = client.post(&souk.gateway).json(&body).send().await.unwrap();
                let answer: Value = answer.json().await.unwrap();
                assert_eq!(answer["data"]["track"]["accepted"], batch, "{answer}");
                latencies.push(start.elapsed());
            }
            latencies
        }
    });
    let mut latencies = Latencies::default();
    futures::future::join_all(workers).await.into_iter().for_each(|some| latencies.extend(some));
    let events = REQUESTS * batch;
    *sent += events;
    let elapsed = start.elapsed();
    println!(
        "measured: track, {batch} events a call: {:.0} events/s acknowledged, p50 {:.2} ms, p99 {:.2} ms, {:.0} \u{b5}s of processor per event",
        events as f64 / elapsed.as_secs_f64(),
        latencies.percentile(50),
        latencies.percentile(99),
        (souk.process.processor().saturating_sub(processor)).as_secs_f64() * 1e6 / events as f64,
    );
    let behind = souk.counted(*sent).await;
    println!(
        "measured: track, {batch} events a call: all counted {:.0} ms after the last was acknowledged, {:.0} events/s over all",
        behind.as_secs_f64() * 1e3,
        events as f64 / (elapsed + behind).as_secs_f64(),
    );
}

/// What a storefront sends of `batch` events; the same `number` makes the same ids.
pub(crate) fn input(company: &str, number: usize, batch: usize) -> Value {
    let now = souk_kit::clock::Clock::system().now();
    let events: Vec<_> = (number..number + batch)
        .map(|n| {
            let id = format!("0198f0c2-6d1e-7aa0-9c5b-{n:012x}");
            json!({ "id": id, "occurredAt": now, "listViewed": { "list": format!("list-{}", n % 50) } })
        })
        .collect();
    let visitor = format!("visitor-{:012}", number / batch);
    json!({ "company": company, "visitor": visitor, "consent": true, "events": events })
}

impl Souk {
    /// How long it takes from now until so many events are in the figures of the demo company.
    async fn counted(&self, events: usize) -> Duration {
        let now = souk_kit::clock::Clock::system().now();
        let query = "query F($from: DateTime!, $until: DateTime!) { company(slug: \"blossom-and-bloom\") {
            analytics(from: $from, until: $until) { totals { listViews } } } }";
        let variables =
            json!({ "from": now - chrono::TimeDelta::days(1), "until": now + chrono::TimeDelta::days(1) });
        let (client, start) = (reqwest::Client::new(), Instant::now());
        loop {
            let answer = self.ask(&client, query, variables.clone()).await;
            if answer["company"]["analytics"]["totals"]["listViews"] == events {
                return start.elapsed();
            }
            assert!(start.elapsed() < Duration::from_mins(2), "{events} events are not in {answer}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}
