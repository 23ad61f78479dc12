//! What the layers of the configuration accept, refuse and say.

use super::{Config, DEFAULTS, layers};

fn merged(file: &str, environment: &[(&str, &str)]) -> Result<Config, String> {
    let environment: Vec<_> = environment.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    layers::merge(DEFAULTS, Some(("souk.toml", file)), &environment).map_err(|mistakes| mistakes.to_string())
}

#[test]
fn the_defaults_alone_are_a_whole_configuration() {
    let config = merged("", &[]).unwrap();
    assert_eq!((config.gateway.host.to_string().as_str(), config.gateway.port), ("127.0.0.1", 4000));
}

#[test]
fn the_environment_wins_over_the_file_and_the_file_over_the_defaults() {
    assert_eq!(merged("[gateway]\nport = 5000", &[]).unwrap().gateway.port, 5000);
    let both = merged("[gateway]\nport = 5000", &[("SOUK_GATEWAY__PORT", "6000")]);
    assert_eq!(both.unwrap().gateway.port, 6000);
}

#[test]
fn an_unknown_key_is_refused_with_the_nearest_known_one() {
    insta::assert_snapshot!(merged("[gateway]\nprot = 1", &[("SOUK_GATEWAY__HOTS", "::1")]).unwrap_err(), @r"
    souk.toml: there is no key `gateway.prot`; the nearest is `gateway.port`
    environment variable SOUK_GATEWAY__HOTS: there is no key `gateway.hots`; the nearest is `gateway.host`
    ");
}

#[test]
fn a_variable_with_one_underscore_too_few_is_not_ignored() {
    insta::assert_snapshot!(merged("", &[("SOUK_GATEWAY_PORT", "1")]).unwrap_err(), @"environment variable SOUK_GATEWAY_PORT: there is no key `gateway_port`; the nearest is `gateway.port`");
}

#[test]
fn a_value_of_another_type_is_refused_wherever_it_comes_from() {
    insta::assert_snapshot!(merged("[gateway]\nport = \"x\"", &[("SOUK_DEMO__SEED", "maybe")]).unwrap_err(), @r"
    souk.toml: `gateway.port` takes an integer, not a string
    environment variable SOUK_DEMO__SEED: `demo.seed` takes a boolean, which `maybe` is not
    ");
}

#[test]
fn variables_of_the_test_suites_are_no_keys() {
    assert!(merged("", &[("SOUK_CACHE", "/tmp"), ("SOUK_TEST_QUERIES", "10"), ("HOME", "/")]).is_ok());
}

#[test]
fn a_secret_is_never_printed() {
    let config = merged("[telemetry]\notlp_headers = \"authorization=hunter2\"", &[]).unwrap();
    let printed = config.print().unwrap();
    assert!(!printed.contains("hunter2") && printed.contains("(secret)"), "{printed}");
    assert!(!format!("{config:?}").contains("hunter2"));
    assert_eq!(config.telemetry.otlp_headers.reveal(), "authorization=hunter2");
}
