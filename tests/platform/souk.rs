//! Starts the executable, waits until it listens, asks it, and stops it by its process id.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// What a person's browser calls itself; programs are not counted as visitors.
pub(crate) const BROWSER: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";
const SOUK: &str = env!("CARGO_BIN_EXE_souk");

/// A client; the one TLS stack must have been chosen before the first is made.
pub(crate) fn http() -> reqwest::Client {
    // Whichever test comes first has chosen.
    let _ = rustls::crypto::ring::default_provider().install_default();
    plain().build().unwrap()
}

/// A client of platforms on loopback, which are asked without TLS: reading the system's certificates takes long.
fn plain() -> reqwest::ClientBuilder {
    reqwest::Client::builder().tls_certs_only([])
}

/// Serves `routes` on loopback for as long as the test runs; answers the URL.
pub(crate) async fn site(routes: axum::Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, routes).await });
    url
}

/// A data folder of its own that has the demo, which is made once and copied.
pub(crate) fn demo() -> (tempfile::TempDir, PathBuf) {
    static MADE: OnceLock<tempfile::TempDir> = OnceLock::new();
    let made = MADE.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let output = run(&folder.path().join("data"), &["seed"]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        folder
    });
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    copy(&made.path().join("data"), &data);
    (folder, data)
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// A running role; killed when dropped.
pub(crate) struct Souk {
    child: Child,
    pub(crate) address: String,
}

/// The command line `souk ARGS` on the data folder `data`, with no configuration of whoever runs the tests.
pub(crate) fn command(data: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(SOUK);
    command.args(args).arg("--data").arg(data).current_dir(data.parent().unwrap());
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("SOUK_")) {
        command.env_remove(name);
    }
    command
}

/// Runs a command to its end.
pub(crate) fn run(data: &Path, args: &[&str]) -> Output {
    command(data, args).output().unwrap()
}

/// The first line that a command prints; it must succeed.
pub(crate) fn line(data: &Path, args: &[&str]) -> String {
    let output = run(data, args);
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

impl Souk {
    /// Starts a role on a free port and waits for the line that says which.
    pub(crate) fn start(data: &Path, args: &[&str], settings: &[(&str, String)]) -> Self {
        Self::spawn(data, args, settings, Stdio::inherit())
    }

    /// The same, with the log in a file.
    pub(crate) fn start_logging(data: &Path, args: &[&str], settings: &[(&str, String)], log: &Path) -> Self {
        Self::spawn(data, args, settings, fs::File::create(log).unwrap().into())
    }

    /// Starts a role whose arguments say where it listens.
    pub(crate) fn start_as(data: &Path, args: &[String], settings: &BTreeMap<String, String>) -> Self {
        let args: Vec<_> = args.iter().map(String::as_str).collect();
        let mut command = command(data, &args);
        command.env("SOUK_TELEMETRY__LOG", "warn").envs(settings);
        Self::listening(command)
    }

    fn spawn(data: &Path, args: &[&str], settings: &[(&str, String)], log: Stdio) -> Self {
        let mut command = command(data, args);
        command.args(["--listen", "127.0.0.1:0"]).stderr(log);
        command.env("SOUK_TELEMETRY__LOG", "warn").envs(settings.iter().map(|(name, value)| (name, value)));
        Self::listening(command)
    }

    /// Runs a role and waits for the line that says where it listens.
    pub(crate) fn listening(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut address = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut address).unwrap();
        assert!(!address.is_empty(), "{command:?} ended before it listened");
        Self { child, address: address.trim().to_owned() }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The whole answer to an operation.
    pub(crate) async fn answer(&self, token: Option<&str>, query: &str, variables: Value) -> Value {
        let mut request = http().post(self.url("/graphql"));
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        let body = json!({ "query": query, "variables": variables });
        request.json(&body).send().await.unwrap().json().await.unwrap()
    }

    /// The data of an operation that has no errors.
    pub(crate) async fn ask(&self, token: Option<&str>, query: &str, variables: Value) -> Value {
        let mut answer = self.answer(token, query, variables).await;
        assert!(answer.get("errors").is_none(), "{query}: {answer}");
        answer["data"].take()
    }

    /// Where it is asked, for tasks that go on while it is away.
    pub(crate) fn endpoint(&self) -> Endpoint {
        let builder = plain().user_agent(BROWSER).timeout(Duration::from_secs(30));
        // Whichever test comes first has chosen.
        let _ = rustls::crypto::ring::default_provider().install_default();
        Endpoint { url: self.url("/graphql"), client: builder.build().unwrap() }
    }

    pub(crate) async fn get(&self, path: &str) -> reqwest::Response {
        http().get(self.url(path)).send().await.unwrap()
    }

    /// As a crash or the system does it: no chance to finish anything.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// As an operator does it; answers the exit code.
    pub(crate) fn terminate(mut self) -> Option<i32> {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
        let deadline = Instant::now() + Duration::from_secs(30);
        while Instant::now() < deadline {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("souk did not stop within 30 s");
    }
}

impl Drop for Souk {
    fn drop(&mut self) {
        // It may have been stopped already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Where an operation can be asked, by the browser of somebody who takes no for an answer.
#[derive(Clone)]
pub(crate) struct Endpoint {
    url: String,
    client: reqwest::Client,
}

impl Endpoint {
    /// The data of an operation. `Err` is why it is not there, or not all of it.
    pub(crate) async fn ask(
        &self,
        token: Option<&str>,
        query: &str,
        variables: Value,
    ) -> Result<Value, String> {
        let mut request =
            self.client.post(&self.url).json(&json!({ "query": query, "variables": variables }));
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        let answer = request.send().await.map_err(|error| error.to_string())?;
        let mut answer: Value = answer.json().await.map_err(|error| error.to_string())?;
        match &answer["errors"] {
            Value::Null => Ok(answer["data"].take()),
            errors => Err(errors.to_string()),
        }
    }
}
