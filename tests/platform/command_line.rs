//! What the command line answers, and with which exit code.

use std::path::PathBuf;

use crate::souk::{command, line, run};

fn data() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    (folder, data)
}

#[test]
fn wrong_usage_exits_with_2_and_a_refusal_with_1() {
    let (_folder, data) = data();
    for (args, code) in [
        (&["nonsense"] as &[&str], 2),
        (&["token", "--role", "emperor"], 2),
        (&["config", "--listen", "127.0.0.1:0"], 2),
        (&["schema", "compose"], 2),
        (&["subgraph", "nonsense", "--listen", "127.0.0.1:0"], 1),
        (&["token", "--role", "company-admin"], 1),
        (&["token", "--role", "company-admin", "--company", "nobody"], 1),
        (&["serve", "--config", "missing.toml"], 1),
        (&["schema", "explain", "NONSENSE"], 1),
        (&["config"], 0),
        (&["schema", "explain", "INVALID_FIELD_SHARING"], 0),
    ] {
        let output = run(&data, args);
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{args:?}: {told}");
        assert_eq!(told.is_empty(), code == 0, "{args:?} must say why: {told}");
    }
}

#[test]
fn the_configuration_is_printed_as_it_is_in_force_and_without_secrets() {
    let (folder, data) = data();
    std::fs::write(folder.path().join("souk.toml"), "[gateway]\nport = 5000\n").unwrap();
    let mut command = command(&data, &["config"]);
    command
        .env("SOUK_TELEMETRY__OTLP_HEADERS", "authorization=hunter2")
        .env("SOUK_API__IDEMPOTENCY_DAYS", "3");
    let printed = String::from_utf8(command.output().unwrap().stdout).unwrap();
    for expected in ["port = 5000", "idempotency_days = 3", "(secret)"] {
        assert!(printed.contains(expected), "{expected} is not in {printed}");
    }
    assert!(!printed.contains("hunter2"));
}

#[test]
fn a_misspelt_key_is_refused_by_name() {
    let (folder, data) = data();
    std::fs::write(folder.path().join("souk.toml"), "[gateway]\nprot = 5000\n").unwrap();
    let output = run(&data, &["serve"]);
    assert_eq!(output.status.code(), Some(1));
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(told.contains("gateway.prot") && told.contains("gateway.port"), "{told}");
}

#[test]
fn a_token_for_an_operator_needs_no_running_platform() {
    let (_folder, data) = data();
    assert_eq!(line(&data, &["token", "--role", "super-admin"]).split('.').count(), 3);
}

#[test]
fn a_public_address_must_be_one() {
    let (_folder, data) = data();
    let refused = command(&data, &["serve", "--listen", "127.0.0.1:0"])
        .env("SOUK_API__PUBLIC_URL", "shop.example")
        .output()
        .unwrap();
    assert_eq!(refused.status.code(), Some(1));
    let told = String::from_utf8_lossy(&refused.stderr);
    assert!(told.contains("api.public_url") && told.contains("https://"), "{told}");
}
