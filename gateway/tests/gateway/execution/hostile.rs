//! Subgraphs that answer with anything: whatever comes, the client gets well-formed JSON, and the gateway goes on.
use rand::{Rng as _, SeedableRng as _, rngs::StdRng, seq::IndexedRandom as _};
use souk_gateway::execute::run;

use super::script::{Graph, SHOP, Script};

const ROUNDS: usize = 2_000;

const PRODUCTS: &str = r#"{"data":{"product":{"__typename":"Product","id":"1","name":"a"},"products":[{"__typename":"Product","id":"1"},{"__typename":"Product","id":"2"}],"any":{"x":[1]},"kind":"BOOK","count":3},"errors":[{"message":"m","path":["products",0,"name"]}]}"#;
const REVIEWS: &str = r#"{"data":{"_entities":[{"score":1,"stars":2,"by":[{"__typename":"Author","id":"a"}]},{"score":null,"stars":3,"by":[]}]},"errors":[{"message":"n","path":["_entities",1,"score"]}]}"#;
const AUTHORS: &str = r#"{"data":{"_entities":[{"name":"Ann"}]}}"#;

/// Damages a text: single bytes, and pieces put where others stand.
fn damaged(text: &str, rng: &mut StdRng) -> Vec<u8> {
    const PIECES: &[&str] =
        &["null", "[]", "{}", "\"x\"", "1e9", "[[[]]]", "{\"__typename\":\"Author\"}", ",", "\"", "\u{0}"];
    let mut bytes = text.as_bytes().to_vec();
    for _ in 0..rng.random_range(0..4) {
        let at = rng.random_range(0..bytes.len());
        if rng.random_bool(0.5) {
            bytes[at] = rng.random();
        } else {
            let end = (at + rng.random_range(0..12)).min(bytes.len());
            bytes.splice(at..end, PIECES.choose(rng).unwrap().bytes());
        }
        if bytes.is_empty() {
            break;
        }
    }
    bytes
}

#[tokio::test]
async fn damaged_answers_never_break_the_clients_answer() {
    let graph = Graph::new(SHOP);
    let text = "{ product { name score } products { name stars score by { name } } any kind count }";
    let (plan, input) = (graph.plan(text).unwrap(), graph.input(text, &serde_json::json!({})));
    let mut rng = StdRng::seed_from_u64(5);
    for _ in 0..ROUNDS {
        let script = Script::new()
            .with("products", damaged(PRODUCTS, &mut rng))
            .with("reviews", damaged(REVIEWS, &mut rng))
            .with("authors", damaged(AUTHORS, &mut rng));
        let response = run(&plan, &input, &script.subgraphs()).await;
        let seen: serde_json::Value = serde_json::from_slice(&response.body).unwrap();
        assert_eq!(seen["data"].is_null(), !response.has_data);
        assert_eq!(seen["errors"].as_array().map_or(0, Vec::len), response.errors);
    }
}
