//! What the gateway costs: a listing through it, against the subgraphs asked directly, in one run on one process.
//!
//! `cargo bench --bench listing` prints, for each side, requests per second, latency, processor time per request and
//! memory, and the ratio of the two. Rounds of both sides alternate, so that a drifting machine hits both.
#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "a benchmark"
)]

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

const ROUNDS: usize = 10;
const REQUESTS: usize = 300;
const AT_ONCE: usize = 4;

const FIELDS: &str =
    "name image { url(width: 256) alt } price { amount { amount currency } } variants { sku name }";

fn main() {
    // The one TLS stack; it must be chosen before the first client is made.
    rustls::crypto::ring::default_provider().install_default().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let souk = Souk::start(folder.path());
        let company = souk.company().await;
        by_key(&souk, &company).await;
        by_name(&souk, &company).await;
        println!("measured: resident memory after the run: {} MiB", souk.resident_kib() / 1024);
    });
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
    latencies: Vec<Duration>,
    elapsed: Duration,
    processor: Duration,
}

async fn compare(souk: &Souk, what: &str, a: &Side, b: &Side) {
    let client = reqwest::Client::new();
    let (mut of_a, mut of_b) = (Measured::default(), Measured::default());
    for side in [a, b] {
        run(souk, &client, side, &mut Measured::default()).await;
    }
    for _ in 0..ROUNDS {
        run(souk, &client, a, &mut of_a).await;
        run(souk, &client, b, &mut of_b).await;
    }
    let (a_mean, b_mean) = (report(what, a, &mut of_a), report(what, b, &mut of_b));
    println!("measured: {what}: {} takes {:.2} times as long as {}", a.name, a_mean / b_mean, b.name);
}

async fn run(souk: &Souk, client: &reqwest::Client, side: &Side, into: &mut Measured) {
    let (start, processor) = (Instant::now(), souk.processor());
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
    into.latencies.extend(latencies.into_iter().flatten());
    into.elapsed += start.elapsed();
    into.processor += souk.processor().saturating_sub(processor);
}

/// Prints one side, and answers its mean time per request in seconds.
fn report(what: &str, side: &Side, measured: &mut Measured) -> f64 {
    measured.latencies.sort_unstable();
    let count = measured.latencies.len();
    let at = |percent: usize| measured.latencies[(count - 1) * percent / 100].as_secs_f64() * 1e3;
    let mean = measured.elapsed.as_secs_f64() / count as f64;
    println!(
        "measured: {what}, {}: {:.0} requests/s, p50 {:.2} ms, p99 {:.2} ms, {:.0} µs of processor per request",
        side.name,
        1.0 / mean,
        at(50),
        at(99),
        measured.processor.as_secs_f64() * 1e6 / count as f64
    );
    mean
}

/// The platform in one process, with the subgraphs' own ports open beside the gateway's.
struct Souk {
    child: Child,
    gateway: String,
    catalog: String,
    merchants: String,
}

impl Souk {
    fn start(folder: &Path) -> Self {
        let (catalog, merchants) = (free_port(), free_port());
        let mut child = Command::new(env!("CARGO_BIN_EXE_souk"))
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(folder.join("data"))
            .env("SOUK_CATALOG__LISTEN", format!("127.0.0.1:{catalog}"))
            .env("SOUK_MERCHANTS__LISTEN", format!("127.0.0.1:{merchants}"))
            .env("SOUK_TELEMETRY__LOG", "warn")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut address = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut address).unwrap();
        let url = |address: &str| format!("http://{address}/graphql");
        Self {
            child,
            gateway: url(address.trim()),
            catalog: url(&format!("127.0.0.1:{catalog}")),
            merchants: url(&format!("127.0.0.1:{merchants}")),
        }
    }

    async fn company(&self) -> String {
        let body = json!({ "query": "{ company(slug: \"blossom-and-bloom\") { id } }" });
        let answer: Value = reqwest::Client::new()
            .post(&self.gateway)
            .json(&body)
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap();
        answer["data"]["company"]["id"].as_str().expect("the demo company").to_owned()
    }

    /// Processor time that the process has had, in user and system mode; zero where /proc is not there.
    fn processor(&self) -> Duration {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap_or_default();
        let after_name = stat.rsplit(')').next().unwrap_or_default();
        let ticks: u64 = after_name
            .split_whitespace()
            .skip(11)
            .take(2)
            .filter_map(|ticks| ticks.parse::<u64>().ok())
            .sum();
        // Linux counts in hundredths of a second whatever the kernel's own clock.
        Duration::from_millis(ticks * 10)
    }

    fn resident_kib(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap_or_default();
        line.split_whitespace().nth(1).and_then(|kib| kib.parse().ok()).unwrap_or_default()
    }
}

impl Drop for Souk {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
