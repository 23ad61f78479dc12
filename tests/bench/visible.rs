//! How soon a change is found: from the answer to a product's change until a search finds it, through the whole
//! platform in one process, on embedded stores and on real engines.

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::latencies::Latencies;
use crate::process::Souk;
use crate::side::Side;

const CHANGES: usize = 200;
/// How often a search looks.
const LOOK: Duration = Duration::from_millis(5);
const PATIENCE: Duration = Duration::from_secs(30);

const UPDATE: &str = "mutation U($input: ProductUpdateInput!) {
    productUpdate(input: $input) { userErrors { code message } } }";
const SEARCH: &str = "query S($text: String!) { search(text: $text, first: 10) { nodes { id } } }";

/// Measures both sides. The aims are those of two idle cores.
pub(crate) async fn run() {
    let embedded = side(&Side::embedded()).await;
    let Some(engines) = Side::engines() else { return };
    let on_engines = side(&engines).await;
    println!(
        "measured: change to visible: {:.2} times as long on engines as embedded",
        on_engines / embedded
    );
}

/// Prints the figures of one side; answers the median in milliseconds.
async fn side(side: &Side) -> f64 {
    let folder = tempfile::tempdir().unwrap();
    let latencies = measure(side, folder.path()).await;
    println!(
        "measured: change to visible, {}: p50 {:.0} ms, p99 {:.0} ms (aim 1,000 ms) of {} changes of one product",
        side.name,
        latencies.percentile(50),
        latencies.percentile(99),
        latencies.len()
    );
    latencies.percentile(50)
}

async fn measure(side: &Side, folder: &Path) -> Latencies {
    let souk = Souk::start_on(side, folder, &[]);
    souk.until_all_found(1).await;
    let client = reqwest::Client::new();
    let listed = souk.ask(&client, "{ products(first: 100) { nodes { id } } }", Value::Null).await;
    let ids: Vec<&str> = listed["products"]["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|node| node["id"].as_str())
        .collect();
    let mut latencies = Latencies::default();
    for change in 0..CHANGES {
        let id = ids[change % ids.len()];
        let word = word(change);
        let input = json!({ "id": id, "name": format!("Lamp {word}") });
        let changed = souk.ask(&client, UPDATE, json!({ "input": input })).await;
        assert_eq!(changed["productUpdate"]["userErrors"], json!([]), "{changed}");
        let begun = Instant::now();
        let asked = json!({ "text": word });
        while !is_found(&souk.ask(&client, SEARCH, asked.clone()).await, id) {
            assert!(begun.elapsed() < PATIENCE, "{word} does not find {id}");
            tokio::time::sleep(LOOK).await;
        }
        latencies.push(begun.elapsed());
    }
    latencies
}

/// A word that no other is near to, as search forgives mistyping.
fn word(change: usize) -> String {
    let hash = |seed: u64| {
        (change as u64 + seed)
            .wrapping_mul(0x9e37_79b9_7f4a_7c15)
            .rotate_left(29)
            .wrapping_mul(0xbf58_476d_1ce4_e5b9)
    };
    let letter = |n: u32| char::from(b'a' + u8::try_from(hash(u64::from(n)) >> 17 & 15).unwrap());
    (0..14).map(|n| letter(n * 1_000)).collect()
}

fn is_found(answer: &Value, id: &str) -> bool {
    answer["search"]["nodes"].as_array().is_some_and(|nodes| nodes.iter().any(|node| node["id"] == id))
}
