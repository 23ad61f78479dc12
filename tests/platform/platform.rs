//! A platform that runs: as one process or a process per role, on embedded stores or on real engines.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use serde_json::json;

use crate::side::{Settings, Side};
use crate::souk::{Souk, command, demo};

/// The company of the demo, by its slug.
pub(crate) const COMPANY: &str = "blossom-and-bloom";

/// The roles that are processes of their own in a platform apart, each after those that it asks: its name, its
/// arguments, and the key by which others find it.
const ROLES: &[(&str, &[&str], Option<&str>)] = &[
    ("merchants", &["subgraph", "merchants"], Some("SOUK_MERCHANTS__URL")),
    ("catalog", &["subgraph", "catalog"], Some("SOUK_CATALOG__URL")),
    ("analytics", &["subgraph", "analytics"], Some("SOUK_ANALYTICS__URL")),
    ("analytics-worker", &["worker", "analytics"], None),
    ("search", &["subgraph", "search"], Some("SOUK_SEARCH__URL")),
    ("search-indexer", &["worker", "search-indexer"], None),
    ("gateway", &["gateway"], None),
];

/// Whether its roles share a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    Together,
    Apart,
}

pub(crate) struct Platform {
    running: BTreeMap<String, Souk>,
    /// Where those listen that run or ran, by their names.
    addresses: BTreeMap<String, String>,
    pub(crate) data: PathBuf,
    settings: Settings,
    /// Each role writes its log there, when it is set.
    logs: Option<PathBuf>,
    _folder: tempfile::TempDir,
}

impl Platform {
    /// One that has the demo.
    pub(crate) fn with_demo(side: Side, shape: Shape) -> Self {
        let (folder, data) = match side {
            Side::Embedded => demo(),
            Side::Engines => nothing(),
        };
        let mut platform = Self::new(folder, data, side.settings());
        if side == Side::Engines {
            platform.succeeds(&["migrate"]);
            platform.succeeds(&["seed"]);
        }
        platform.start_all(shape);
        platform
    }

    /// One without any data, which starts when it is told to.
    pub(crate) fn empty(settings: Settings) -> Self {
        let (folder, data) = nothing();
        Self::new(folder, data, settings)
    }

    /// Lets each role write its log into that folder.
    pub(crate) fn logging_to(self, folder: PathBuf) -> Self {
        fs::create_dir_all(&folder).unwrap();
        Self { logs: Some(folder), ..self }
    }

    fn new(folder: tempfile::TempDir, data: PathBuf, mut settings: Settings) -> Self {
        settings.insert("SOUK_TELEMETRY__LOG".to_owned(), "warn".to_owned());
        settings.insert("SOUK_DEMO__SEED".to_owned(), "false".to_owned());
        let (running, addresses) = (BTreeMap::new(), BTreeMap::new());
        Self { running, addresses, data, settings, logs: None, _folder: folder }
    }

    pub(crate) fn start_all(&mut self, shape: Shape) {
        match shape {
            Shape::Together => self.start("serve"),
            Shape::Apart => ROLES.iter().for_each(|(name, ..)| self.start(name)),
        }
    }

    /// Starts a role, where it listened before if it did. `search-indexer-2` is one more of `search-indexer`.
    pub(crate) fn start(&mut self, name: &str) {
        let role = ROLES
            .iter()
            .find(|(role, ..)| *role == name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '-'));
        let (kind, arguments) =
            role.map_or((name, &["serve"][..]), |(kind, arguments, _)| (*kind, *arguments));
        let mut settings = self.settings.clone();
        for (other, _, key) in ROLES.iter().filter(|(other, ..)| *other != kind && role.is_some()) {
            if let (Some(key), Some(address)) = (key, self.addresses.get(*other)) {
                settings.insert((*key).to_owned(), format!("http://{address}/graphql"));
            }
        }
        let address = self.addresses.get(name).map_or("127.0.0.1:0", String::as_str);
        let mut command = command(&self.data, &[arguments, &["--listen", address]].concat());
        command.envs(settings);
        if let Some(folder) = &self.logs {
            let log = fs::File::options().append(true).create(true).open(folder.join(name)).unwrap();
            command.stderr(log);
        }
        let started = Souk::listening(command);
        self.addresses.insert(name.to_owned(), started.address.clone());
        self.running.insert(name.to_owned(), started);
    }

    /// As a crash does it.
    pub(crate) fn kill(&mut self, name: &str) {
        self.running.remove(name).unwrap().kill();
    }

    /// As a crash of everything does it; it starts again on what is left.
    pub(crate) fn crash(&mut self) {
        let names: Vec<String> = self.running.keys().cloned().collect();
        names.iter().for_each(|name| self.kill(name));
        self.start_all(if names == ["serve"] { Shape::Together } else { Shape::Apart });
    }

    /// Tells a role to stop, as an operator does; it must end well.
    pub(crate) fn terminate(&mut self, name: &str) {
        assert_eq!(self.running.remove(name).unwrap().terminate(), Some(0), "{name}");
    }

    /// Tells all roles to stop, the gateway first.
    pub(crate) fn terminate_all(&mut self) {
        let names = ROLES.iter().rev().map(|(name, ..)| *name).chain(["serve"]);
        let names: Vec<_> = names.filter(|name| self.running.contains_key(*name)).collect();
        names.iter().for_each(|name| self.terminate(name));
    }

    /// The role that clients speak to.
    pub(crate) fn gateway(&self) -> &Souk {
        self.running.get("gateway").or_else(|| self.running.get("serve")).unwrap()
    }

    /// The command line `souk ARGS` on what this platform stands on.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = command(&self.data, args);
        command.envs(&self.settings);
        command
    }

    /// The same, run to its end.
    pub(crate) fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    /// The same, which must succeed; answers what it printed.
    pub(crate) fn succeeds(&self, args: &[&str]) -> String {
        let output = self.run(args);
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// A token of the demo company.
    pub(crate) fn token(&self, role: &str) -> String {
        self.token_at(role, COMPANY)
    }

    /// A token of a company, named by its slug.
    pub(crate) fn token_at(&self, role: &str, company: &str) -> String {
        // The merchants' store may be read beside the process that writes it.
        self.succeeds(&["token", "--role", role, "--company", company])
    }

    /// The id of the demo company.
    pub(crate) async fn company(&self) -> String {
        let asked = "query($slug: String!) { company(slug: $slug) { id } }";
        let found = self.gateway().ask(None, asked, json!({ "slug": COMPANY })).await;
        found["company"]["id"].as_str().unwrap().to_owned()
    }
}

fn nothing() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    (folder, data)
}
