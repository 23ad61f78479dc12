//! The executable as a process, and what the system says it takes.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

/// The platform in one process, with the subgraphs' own ports open beside the gateway's.
pub(crate) struct Souk {
    child: Child,
    pub(crate) gateway: String,
    pub(crate) catalog: String,
    pub(crate) merchants: String,
    /// Of an admin of the demo company.
    pub(crate) token: String,
}

impl Souk {
    /// Starts it on the data in `folder`, and waits until it says where it listens.
    pub(crate) fn start(folder: &Path) -> Self {
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
        let token = Command::new(env!("CARGO_BIN_EXE_souk"))
            .args(["token", "--role", "company-admin", "--company", "blossom-and-bloom", "--data"])
            .arg(folder.join("data"))
            .output()
            .unwrap();
        let url = |address: &str| format!("http://{address}/graphql");
        Self {
            child,
            gateway: url(address.trim()),
            catalog: url(&format!("127.0.0.1:{catalog}")),
            merchants: url(&format!("127.0.0.1:{merchants}")),
            token: String::from_utf8(token.stdout).unwrap().trim().to_owned(),
        }
    }

    /// The id of the demo company.
    pub(crate) async fn company(&self) -> String {
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

    /// Resident memory in KiB; zero where /proc is not there.
    pub(crate) fn resident_kib(&self) -> u64 {
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
