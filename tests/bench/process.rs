//! The executable as a process, and what the system says it takes.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::side::Side;

/// How long anything may take that is waited for: engines on a busy machine are slow.
const PATIENCE: Duration = Duration::from_mins(5);
const COMPANY: &str = "blossom-and-bloom";

/// A process of ours, whatever its role. It is killed when it is dropped.
pub(crate) struct Process {
    child: Child,
    /// Where it listens.
    pub(crate) address: String,
}

impl Process {
    /// Starts it on the data in `folder`, and waits until it says where it listens.
    pub(crate) fn start(
        folder: &Path,
        arguments: &[&str],
        settings: impl IntoIterator<Item = (String, String)>,
    ) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_souk"))
            .args(arguments)
            .args(["--listen", "127.0.0.1:0", "--data"])
            .arg(folder.join("data"))
            .env("SOUK_TELEMETRY__LOG", "warn")
            .envs(settings)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut address = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut address).unwrap();
        assert!(!address.is_empty(), "{arguments:?} ended before it listened");
        Self { child, address: address.trim().to_owned() }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/graphql", self.address)
    }

    /// Processor time that the process has had, in user and system mode; zero where /proc is not there.
    pub(crate) fn processor(&self) -> Duration {
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

    /// Resident memory in MiB; zero where /proc is not there.
    pub(crate) fn resident_mib(&self) -> u64 {
        self.status_kib("VmRSS:") / 1024
    }

    /// The most that was ever resident, in MiB; zero where /proc is not there.
    pub(crate) fn peak_mib(&self) -> u64 {
        self.status_kib("VmHWM:") / 1024
    }

    fn status_kib(&self, name: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let line = status.lines().find(|line| line.starts_with(name)).unwrap_or_default();
        line.split_whitespace().nth(1).and_then(|kib| kib.parse().ok()).unwrap_or_default()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The platform in one process, with some subgraphs' own ports open beside the gateway's.
pub(crate) struct Souk {
    pub(crate) process: Process,
    pub(crate) gateway: String,
    pub(crate) catalog: String,
    pub(crate) merchants: String,
    /// Of an admin of the demo company.
    pub(crate) token: String,
}

impl Souk {
    /// Starts it on embedded stores in `folder`, with the demo.
    pub(crate) fn start(folder: &Path) -> Self {
        Self::start_on(&Side::embedded(), folder, &[])
    }

    /// The same on the stores of `side`; `settings` come on top.
    pub(crate) fn start_on(side: &Side, folder: &Path, settings: &[(String, String)]) -> Self {
        let (catalog, merchants) = (free_address(), free_address());
        let own_ports = [("SOUK_CATALOG__LISTEN", &catalog), ("SOUK_MERCHANTS__LISTEN", &merchants)].map(own);
        let settings = side.settings.iter().chain(settings).cloned();
        let process = Process::start(folder, &["serve"], settings.chain(own_ports));
        let url = |address: &str| format!("http://{address}/graphql");
        Self {
            gateway: process.url(),
            process,
            catalog: url(&catalog),
            merchants: url(&merchants),
            token: token(side, folder),
        }
    }

    /// The `data` of the gateway's answer to an admin of the demo company.
    pub(crate) async fn ask(&self, client: &reqwest::Client, query: &str, variables: Value) -> Value {
        let body = json!({ "query": query, "variables": variables });
        let request = client.post(&self.gateway).bearer_auth(&self.token).json(&body);
        let mut answer: Value = request.send().await.unwrap().json().await.unwrap();
        assert!(answer["errors"].is_null(), "{answer}");
        answer["data"].take()
    }

    /// The id of the demo company.
    pub(crate) async fn company(&self) -> String {
        let query = format!("{{ company(slug: \"{COMPANY}\") {{ id }} }}");
        let answer = self.ask(&reqwest::Client::new(), &query, Value::Null).await;
        answer["company"]["id"].as_str().expect("the demo company").to_owned()
    }

    /// Waits until search finds as many products as there are, and `at_least` so many; answers how many.
    pub(crate) async fn until_all_found(&self, at_least: u64) -> u64 {
        let query = "{ products { totalCount } search { totalCount } }";
        let (client, begun) = (reqwest::Client::new(), Instant::now());
        loop {
            let body = json!({ "query": query });
            let answer = client.post(&self.gateway).json(&body).send().await.unwrap();
            let answer: Value = answer.json().await.unwrap();
            let count = |of: &str| answer["data"][of]["totalCount"].as_u64();
            if let (Some(there), Some(found)) = (count("products"), count("search"))
                && there >= at_least
                // Neither counts any further than that.
                && found == there.min(10_000)
            {
                return there;
            }
            assert!(begun.elapsed() < PATIENCE, "{answer}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

/// A setting as the environment takes it.
pub(crate) fn own((name, value): (&str, &String)) -> (String, String) {
    (name.to_owned(), value.clone())
}

/// Makes the demo on the stores of `side`, where nothing runs yet.
pub(crate) fn seed(side: &Side, folder: &Path) {
    let seeding = Command::new(env!("CARGO_BIN_EXE_souk"))
        .args(["seed", "--data"])
        .arg(folder.join("data"))
        .env("SOUK_TELEMETRY__LOG", "warn")
        .envs(side.settings.iter().cloned())
        .status()
        .unwrap();
    assert!(seeding.success());
}

/// A token of an admin of the demo company.
fn token(side: &Side, folder: &Path) -> String {
    let token = Command::new(env!("CARGO_BIN_EXE_souk"))
        .args(["token", "--role", "company-admin", "--company", COMPANY, "--data"])
        .arg(folder.join("data"))
        .envs(side.settings.iter().cloned())
        .output()
        .unwrap();
    assert!(token.status.success(), "{}", String::from_utf8_lossy(&token.stderr));
    String::from_utf8(token.stdout).unwrap().trim().to_owned()
}

/// An address that nobody listened at a moment ago.
fn free_address() -> String {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}
