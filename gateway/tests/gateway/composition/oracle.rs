//! The reference composer, run beside the tests as a child process: one line in, one line out.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Mutex;

use serde::Deserialize;
use serde_json::json;

use super::Set;

/// What the reference answers about one set.
#[derive(Deserialize, Debug)]
#[serde(rename_all = "camelCase")]
pub(super) struct Answer {
    pub(super) errors: Vec<Error>,
    /// What is legal but doubtful.
    #[serde(default)]
    pub(super) hints: Vec<Error>,
    pub(super) supergraph_sdl: Option<String>,
    pub(super) api_sdl: Option<String>,
    pub(super) merged_sdl: Option<String>,
    /// What broke in the reference itself.
    pub(super) fault: Option<String>,
}

/// An error or a hint of the reference.
#[derive(Deserialize, Debug)]
pub(super) struct Error {
    pub(super) code: String,
    pub(super) message: String,
}

impl Answer {
    pub(super) fn codes(&self) -> BTreeSet<&str> {
        self.errors.iter().map(|error| error.code.as_str()).collect()
    }
}

/// A running reference composer.
pub(super) struct Oracle {
    process: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Oracle {
    /// A running oracle, or `None` with a line that says which test is skipped and what is missing.
    pub(super) fn start_or_skip(test: &str) -> Option<Self> {
        match Self::start() {
            Ok(oracle) => Some(oracle),
            Err(missing) => {
                let required = super::variable("SOUK_REQUIRE_ORACLE").is_some_and(|value| value == "1");
                assert!(!required, "{missing}");
                println!("skipped: {test}: {missing}");
                None
            }
        }
    }

    /// Installs the reference if need be and starts it; the error says what is missing.
    fn start() -> Result<Self, String> {
        // Two installations at a time would spoil each other.
        static INSTALLING: Mutex<()> = Mutex::new(());
        let _installing = INSTALLING.lock();
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracle");
        let installed = Command::new("sh").arg(folder.join("install")).output();
        let installed = installed.map_err(|error| format!("no shell: {error}"))?;
        if !installed.status.success() {
            let reason = String::from_utf8_lossy(&installed.stderr);
            return Err(format!("npm cannot install the reference composer: {}", reason.trim()));
        }
        let script: PathBuf = folder.join("oracle.mjs");
        let mut process = Command::new("node")
            .arg(script)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("Node cannot be started: {error}"))?;
        let input = process.stdin.take();
        let output = process.stdout.take().ok_or("Node has no standard output")?;
        Ok(Self { process, input, output: BufReader::new(output) })
    }

    /// Composes one set.
    pub(super) fn compose(&mut self, set: &Set) -> Answer {
        let subgraphs: Vec<_> = set
            .subgraphs
            .iter()
            .map(|(name, sdl)| json!({ "name": name, "url": format!("http://{name}"), "sdl": sdl }))
            .collect();
        let line = json!({ "id": set.name, "subgraphs": subgraphs });
        let input = self.input.as_mut().expect("the input stays open until the oracle is dropped");
        writeln!(input, "{line}").expect("Node reads its input");
        let mut answer = String::new();
        self.output.read_line(&mut answer).expect("Node answers");
        serde_json::from_str(&answer)
            .unwrap_or_else(|error| panic!("{error} in the answer to {}: {answer}", set.name))
    }
}

impl Drop for Oracle {
    fn drop(&mut self) {
        drop(self.input.take());
        let _ = self.process.wait();
    }
}
