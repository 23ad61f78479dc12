//! Mutated requests: whatever is sent, a well-formed answer comes back.

use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use souk_gateway::compose::{SubgraphSource, compose};
use souk_gateway::{Gateway, Request};

use super::bed::{builder, send, settings};

/// Mutated operations of one run; the long run sets `SOUK_TEST_MUTATIONS`.
const DEFAULT_COUNT: usize = 3_000;

const SEEDS: &[&str] = &[
    "query A($n: String = \"x\", $yes: Boolean!) { hello(name: $n) @include(if: $yes) ... on Query { caller } }",
    "query { a: hello b: hello(name: \"\"\"block\"\"\") ...F } fragment F on Query { pick(by: {id: 1}) sizes(of: [S, L]) }",
    "{ __schema { types { name fields(includeDeprecated: true) { name type { kind ofType { name } } } } } __typename }",
    "mutation($p: String!) { rename(name: $p) again: rename(name: \"\\u00e9\") }",
    "query($by: Pick!, $of: [Size!]! = [S]) { pick(by: $by) sizes(of: $of) __type(name: \"Pick\") { isOneOf } }",
    "subscription { ticks }",
];

const PIECES: &[&str] = &[
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    "!",
    "$",
    "@",
    "...",
    ":",
    "=",
    "|",
    "&",
    "\"",
    "\"\"\"",
    "\\",
    "#",
    ",",
    "query",
    "mutation",
    "fragment F on Query",
    "on",
    "hello",
    "__typename",
    "__schema",
    "@skip(if: true)",
    "@include(if: $yes)",
    "null",
    "true",
    "1e999",
    "-",
    "9999999999999999999",
    "\u{feff}",
    "\u{0}",
    "é",
    "💥",
    "a{b{c{d{e{",
    "...F",
    "$n: Int = 1",
];

fn mutate(random: &mut StdRng, seed: &str) -> String {
    let mut text: Vec<char> = seed.chars().collect();
    for _ in 0..random.random_range(1..=4) {
        let at = random.random_range(0..=text.len());
        let end = (at + random.random_range(0..12)).min(text.len());
        match random.random_range(0..4) {
            0 => drop(text.drain(at..end)),
            1 => drop(text.splice(at..at, PIECES.choose(random).unwrap().chars())),
            2 => drop(text.splice(at..end, PIECES.choose(random).unwrap().chars())),
            _ => {
                let copied: Vec<char> = text[at..end].to_vec();
                drop(text.splice(at..at, copied));
            }
        }
    }
    text.into_iter().collect()
}

fn count() -> usize {
    #[expect(clippy::disallowed_methods, reason = "how long a test runs is not a setting of the product")]
    let count = std::env::var("SOUK_TEST_MUTATIONS");
    count.ok().and_then(|count| count.parse().ok()).unwrap_or(DEFAULT_COUNT)
}

/// A gateway that never waits: what the subgraph answers does not matter here.
fn subject() -> Gateway {
    builder(settings()).build().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_operation_makes_the_gateway_fail() {
    let gateway = subject();
    let mut random = StdRng::seed_from_u64(7);
    let mut ran = 0;
    for _ in 0..count() {
        let seed = SEEDS.choose(&mut random).unwrap();
        let text = mutate(&mut random, seed);
        let variables =
            serde_json::json!({ "n": "n", "yes": random.random_bool(0.5), "p": "p", "by": { "id": 1 } });
        let answer = gateway.execute(Request::new(text.clone()).with_variables(variables)).await;
        let body: serde_json::Value =
            serde_json::from_slice(&answer.body).unwrap_or_else(|_| panic!("{text}"));
        assert_eq!(body.get("data").is_some(), answer.refused.is_none(), "{text}\n{body}");
        assert!(
            body["errors"]
                .as_array()
                .is_none_or(|errors| errors.iter().all(|error| error["message"].is_string()))
        );
        assert_ne!(body["errors"][0]["extensions"]["code"], "INTERNAL_SERVER_ERROR", "{text}\n{body}");
        ran += usize::from(answer.refused.is_none());
    }
    assert!(ran > 0, "some mutations are still valid");
    println!("counted: {} mutated operations answered, {ran} of them run, no fault", count());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_body_makes_the_endpoint_fail() {
    let gateway = subject();
    let mut random = StdRng::seed_from_u64(11);
    let seed = r#"{"query":"query($n: String) { hello(name: $n) }","variables":{"n":"x"},"operationName":null,"extensions":{}}"#;
    for _ in 0..count() / 3 {
        let body = mutate(&mut random, seed);
        let reply =
            send(&gateway, "POST", "/graphql", &[("content-type", "application/json")], body.clone()).await;
        assert!([200, 400].contains(&reply.status.as_u16()), "{body} {}", reply.text);
        assert!(reply.json().is_object(), "{body} {}", reply.text);
    }
}

#[test]
fn no_supergraph_makes_loading_panic() {
    let source = SubgraphSource { name: "echo".to_owned(), url: None, sdl: super::bed::SDL.to_owned() };
    let sdl = compose(&[source]).0.unwrap().sdl;
    let gateway = subject();
    let mut random = StdRng::seed_from_u64(13);
    for _ in 0..count() / 30 {
        // Loaded or refused, either is well.
        let _ = gateway.reload(&mutate(&mut random, &sdl), []);
    }
}
