//! docker-compose.yml, without a container daemon: it is what the compose specification admits, every key that it sets
//! is one of the configuration's, and every role in it is one of the executable's.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::souk::{command, run};

/// A key as `.env.example` says how to make one; made for this test alone.
pub(crate) const SIGNING_KEY: &str = "MC4CAQAwBQYDK2VwBCIEICZPiCaYxbBEKeFymUbl4Nm9vpIpevM8M7jaenFcY+5c";

/// What `.env.example` asks for.
pub(crate) fn secrets() -> BTreeMap<String, String> {
    let example = std::fs::read_to_string(root().join(".env.example")).unwrap();
    let lines = example.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    let named = lines.map(|line| line.split_once('=').unwrap());
    named
        .map(|(name, value)| (name.to_owned(), if value.is_empty() { "made-up" } else { value }.to_owned()))
        .collect()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The file as Compose reads it, with these variables set; `Err` is why it does not.
pub(crate) fn project(variables: &BTreeMap<String, String>) -> Result<Value, String> {
    let mut reader = Command::new("go");
    reader.args(["run", ".", "../../docker-compose.yml"]).current_dir(root().join("tests/compose"));
    for name in secrets().keys() {
        reader.env_remove(name);
    }
    let output = reader.envs(variables).output().unwrap();
    match output.status.success() {
        true => Ok(serde_json::from_slice(&output.stdout).unwrap()),
        false => Err(String::from_utf8(output.stderr).unwrap()),
    }
}

/// Whether the reader can run here.
pub(crate) fn has_go() -> bool {
    let mut version = Command::new("go");
    // An older one cannot read the module's file, and says so.
    version.args(["list", "-m"]).current_dir(root().join("tests/compose"));
    let found = version.output().is_ok_and(|output| output.status.success());
    if !found {
        souk_stand::skipped("docker-compose.yml", "go, which reads it, is missing or too old");
    }
    found
}

/// The services that are roles of ours, with their environment.
pub(crate) fn roles(project: &Value) -> BTreeMap<String, BTreeMap<String, String>> {
    let services = project["services"].as_object().unwrap().iter();
    let ours = services.filter(|(_, service)| service["image"].as_str().unwrap().starts_with("souk:"));
    let environment = |service: &Value| {
        let variables = service["environment"].as_object().unwrap().iter();
        variables.map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned())).collect()
    };
    ours.map(|(name, service)| (name.clone(), environment(service))).collect()
}

/// What a service is started with.
pub(crate) fn arguments(project: &Value, service: &str) -> Vec<String> {
    let arguments = project["services"][service]["command"].as_array().unwrap();
    arguments.iter().map(|argument| argument.as_str().unwrap().to_owned()).collect()
}

/// The roles, each behind those that it waits for.
pub(crate) fn in_order(project: &Value) -> Vec<String> {
    let mut left: Vec<_> = roles(project).into_keys().collect();
    let mut ordered = Vec::new();
    while !left.is_empty() {
        let waits = |name: &String| {
            let for_whom = project["services"][name]["depends_on"].as_object();
            for_whom.is_some_and(|needed| left.iter().any(|other| needed.contains_key(other)))
        };
        let (waiting, next): (Vec<_>, Vec<_>) = left.iter().cloned().partition(waits);
        assert!(!next.is_empty(), "{waiting:?} wait for each other");
        ordered.extend(next);
        left = waiting;
    }
    ordered
}

#[test]
fn the_compose_file_is_whole_and_its_keys_are_known() {
    if !has_go() {
        return;
    }
    let project = project(&secrets()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let roles = roles(&project);
    let played: Vec<_> = roles.keys().map(|name| arguments(&project, name)).collect();
    for kind in ["subgraph", "worker"] {
        let refused = run(&data, &[kind, "no-such-part"]);
        let told = String::from_utf8_lossy(&refused.stderr).into_owned();
        let (_, parts) = told.trim_end().split_once("there are ").unwrap();
        for part in parts.split(", ") {
            let plays = |arguments: &Vec<String>| arguments.starts_with(&[kind.to_owned(), part.to_owned()]);
            assert!(played.iter().any(plays), "no service is the {kind} {part}");
        }
    }
    for (name, environment) in &roles {
        let output = command(&data, &["config"]).envs(environment).output().unwrap();
        assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
        let printed = String::from_utf8(output.stdout).unwrap();
        assert!(!printed.contains("made-up"), "{name} prints a secret:\n{printed}");
        if let [kind, part, ..] = arguments(&project, name).as_slice() {
            let unknown = run(&data, &[kind, "no-such-part"]);
            let known = String::from_utf8_lossy(&unknown.stderr).into_owned();
            assert!(known.split([' ', ',', '\n']).any(|word| word == part), "{name}: {known}");
        }
        let service = &project["services"][name];
        assert_eq!(service["read_only"], true, "{name}");
        assert_ne!(service["user"], Value::Null, "{name}");
    }
}

#[test]
fn every_service_is_pinned_and_says_whether_it_is_healthy() {
    if !has_go() {
        return;
    }
    let project = project(&secrets()).unwrap();
    for (name, service) in project["services"].as_object().unwrap() {
        let image = service["image"].as_str().unwrap();
        let ours = image.starts_with("souk:");
        let version = image.rsplit_once(':').unwrap().1.trim_start_matches('v');
        let pinned =
            version.split('.').count() == 3 || image.starts_with("postgres:") && version.contains('.');
        assert!(ours || pinned, "{name}: {image} may change");
        assert!(name == "migrate" || service["healthcheck"]["test"].is_array(), "{name} has no health check");
        let profiles = service["profiles"].as_array().unwrap();
        let expected: &[&str] = if ours { &["all"] } else { &["engines", "all"] };
        assert!(profiles.iter().eq(expected), "{name}: {profiles:?}");
    }
}

#[test]
fn nothing_in_the_compose_file_has_a_default_secret() {
    if !has_go() {
        return;
    }
    let all = secrets();
    let mut asked = 0;
    for secret in all.keys().filter(|name| !matches!(name.as_str(), "SOUK_PUBLIC_URL" | "SOUK_PORTS")) {
        let mut without = all.clone();
        without.remove(secret);
        let refused = project(&without).unwrap_err();
        assert!(refused.contains(&format!("required variable {secret}")), "{secret}: {refused}");
        asked += 1;
    }
    assert!(asked >= 7, "only {asked} secrets");
}
