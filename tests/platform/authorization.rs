//! `souk gateway --supergraph` on a graph that is none of ours, some of which is for those who sign in.

use std::path::{Path, PathBuf};

use axum::Router;
use axum::routing::post;
use chrono::TimeDelta;
use serde_json::{Value, json};
use souk_kit::auth::{Issuer, SigningKey};
use souk_kit::clock::Clock;
use souk_kit::principal::Principal;

use crate::souk::{Souk, line, run, site};

const SDL: &str = r#"
extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@authenticated", "@requiresScopes"])
type Query { hello: String secret: String @authenticated report: String @requiresScopes(scopes: [["read:report"]]) }
"#;

const ALL: &str = "{ hello secret report }";

/// A subgraph that knows every field and cares for no token.
async fn trusting(body: String) -> String {
    let query: Value = serde_json::from_str(&body).unwrap();
    let asked = |field: &&str| query["query"].as_str().unwrap().contains(*field);
    let fields = ["hello", "secret", "report"].into_iter().filter(asked);
    let data: serde_json::Map<_, _> = fields.map(|field| (field.to_owned(), json!("known"))).collect();
    json!({ "data": data }).to_string()
}

/// The supergraph in a folder of its own, beside the data folder.
async fn supergraph(folder: &Path) -> PathBuf {
    std::fs::write(folder.join("all.graphql"), SDL).unwrap();
    let at = format!("all={}/graphql", site(Router::new().route("/graphql", post(trusting))).await);
    let args =
        ["schema", "compose", "--subgraph", "all=all.graphql", "--url", &at, "--output", "out.graphql"];
    let output = run(&folder.join("data"), &args);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    folder.join("out.graphql")
}

/// Which fields were answered, and the codes of the errors.
async fn seen(gateway: &Souk, token: Option<&str>) -> (Vec<String>, Vec<String>) {
    let answer = gateway.answer(token, ALL, json!({})).await;
    let data = answer["data"].as_object().into_iter().flatten();
    let fields = data.filter(|(_, value)| !value.is_null()).map(|(field, _)| field.clone());
    let errors = answer["errors"].as_array().into_iter().flatten();
    let codes = errors.map(|error| error["extensions"]["code"].as_str().unwrap_or_default().to_owned());
    (fields.collect(), codes.collect())
}

#[tokio::test]
async fn a_supergraph_shows_what_is_closed_to_those_whose_token_grants_it() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let file = supergraph(folder.path()).await;
    let gateway = Souk::start(&data, &["gateway", "--supergraph", file.to_str().unwrap()], &[]);
    let plain = line(&data, &["token", "--role", "customer"]);
    let other = line(&data, &["token", "--role", "customer", "--scope", "read:other write"]);
    let scoped = line(&data, &["token", "--role", "customer", "--scope", "read:other read:report"]);
    let refused = "UNAUTHORIZED_FIELD_OR_TYPE";
    for (token, fields, codes) in [
        (None, &["hello"][..], &[refused, refused][..]),
        (Some(plain.as_str()), &["hello", "secret"], &[refused]),
        (Some(&other), &["hello", "secret"], &[refused]),
        (Some(&scoped), &["hello", "secret", "report"], &[]),
        (Some("made up"), &[], &["UNAUTHENTICATED"]),
    ] {
        let (answered, told) = seen(&gateway, token).await;
        assert_eq!((answered, told), (words(fields), words(codes)), "{token:?}");
    }
}

#[tokio::test]
async fn an_operator_may_have_such_requests_refused_as_a_whole() {
    let folder = tempfile::tempdir().unwrap();
    let file = supergraph(folder.path()).await;
    let settings = [("SOUK_GATEWAY__AUTHORIZATION__REJECT_UNAUTHORIZED", "true".to_owned())];
    let args = ["gateway", "--supergraph", file.to_str().unwrap()];
    let gateway = Souk::start(&folder.path().join("data"), &args, &settings);
    assert_eq!(seen(&gateway, None).await, (Vec::new(), words(&["UNAUTHORIZED_FIELD_OR_TYPE"])));
}

#[tokio::test]
async fn keys_and_names_of_another_issuer_are_configured() {
    let folder = tempfile::tempdir().unwrap();
    let file = supergraph(folder.path()).await;
    let key = SigningKey::load_or_make(&folder.path().join("issuer.pem")).unwrap();
    let keys = folder.path().join("jwks.json");
    std::fs::write(&keys, serde_json::to_string(&key.public()).unwrap()).unwrap();
    let name = "https://login.example/";
    let settings = [
        ("SOUK_AUTH__JWKS", keys.to_str().unwrap().to_owned()),
        ("SOUK_AUTH__ISSUER", name.to_owned()),
        ("SOUK_AUTH__AUDIENCE", "shop".to_owned()),
    ];
    let args = ["gateway", "--supergraph", file.to_str().unwrap()];
    let gateway = Souk::start(&folder.path().join("data"), &args, &settings);
    let token = |issuer: &str, audience: &str| {
        let issuer = Issuer::new(key.clone(), issuer, audience, Clock::system());
        issuer.sign(&Principal::service("till"), "read:report", TimeDelta::minutes(1)).unwrap()
    };
    let (fields, told) = seen(&gateway, Some(&token(name, "shop"))).await;
    assert_eq!((fields, told), (words(&["hello", "secret", "report"]), Vec::new()));
    for stranger in [token(name, "souk"), token("souk", "shop")] {
        assert_eq!(seen(&gateway, Some(&stranger)).await, (Vec::new(), words(&["UNAUTHENTICATED"])));
    }
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(ToString::to_string).collect()
}
