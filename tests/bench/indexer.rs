//! What the indexer takes of memory: `souk worker search-indexer` alone, after the demo and after many more products,
//! on embedded stores and on real engines.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::process::{Process, Souk, own, seed};
use crate::side::Side;

/// Products beside those of the demo. On engines fewer: MongoDB's stand-in looks through all documents for each.
const EMBEDDED: usize = 20_000;
const ON_ENGINES: usize = 5_000;
/// How many one mutation makes.
const AT_ONCE: usize = 100;
/// Searches count no further than 10,000, so the products are found by so many to a tag.
const TO_A_TAG: usize = 5_000;
const PATIENCE: Duration = Duration::from_mins(15);

const CREATE: &str = "mutation C($input: ProductBulkCreateInput!) {
    productBulkCreate(input: $input) { writtenCount userErrors { code message } } }";
const TAGGED: &str = "query T($tag: String!) { search(where: { tags: [$tag] }) { totalCount } }";

/// Measures both sides.
pub(crate) async fn run() {
    side(&Side::embedded(), EMBEDDED).await;
    if let Some(engines) = Side::engines() {
        side(&engines, ON_ENGINES).await;
    }
}

async fn side(side: &Side, products: usize) {
    let folder = tempfile::tempdir().unwrap();
    // A first start makes the demo only where merchants was never started.
    seed(side, folder.path());
    // Search runs apart, so that the indexer does; it asks merchants, whose address is not known before.
    let merchants = Process::start(folder.path(), &["subgraph", "merchants"], side.settings.clone());
    let of_merchants = [own(("SOUK_MERCHANTS__URL", &merchants.url()))];
    let search = Process::start(
        folder.path(),
        &["subgraph", "search"],
        side.settings.iter().cloned().chain(of_merchants.clone()),
    );
    let elsewhere = [of_merchants, [own(("SOUK_SEARCH__URL", &search.url()))]].concat();
    let indexer = Process::start(folder.path(), &["worker", "search-indexer"], side.settings.clone());
    let souk = Souk::start_on(side, folder.path(), &elsewhere);
    let demo = souk.until_all_found(1).await;
    tell(side, &indexer, &format!("the demo's {demo} products")).await;
    let begun = Instant::now();
    fill(&souk, products).await;
    println!(
        "measured: indexer, {}: {products} products found {:.0} s after the first was made, {:.0} s of processor",
        side.name,
        begun.elapsed().as_secs_f64(),
        indexer.processor().as_secs_f64()
    );
    tell(side, &indexer, &format!("{products} more")).await;
}

async fn tell(side: &Side, indexer: &Process, what: &str) {
    // What is freed goes back to the system a moment later.
    tokio::time::sleep(Duration::from_secs(5)).await;
    println!(
        "measured: indexer, {}: {} MiB resident after {what}, {} MiB at most",
        side.name,
        indexer.resident_mib(),
        indexer.peak_mib()
    );
}

/// Makes the products, and waits until all of them are found.
async fn fill(souk: &Souk, products: usize) {
    let client = reqwest::Client::new();
    let company = souk.company().await;
    for first in (0..products).step_by(AT_ONCE) {
        let rows: Vec<_> = (first..first + AT_ONCE).map(row).collect();
        let input = json!({ "company": company, "policy": "REJECT_FAILED_ROWS", "rows": rows });
        let made = souk.ask(&client, CREATE, json!({ "input": input })).await;
        assert_eq!(made["productBulkCreate"]["writtenCount"], AT_ONCE, "{made}");
    }
    let begun = Instant::now();
    for tag in 0..products / TO_A_TAG {
        let asked = json!({ "tag": format!("bench-{tag}") });
        loop {
            let found = souk.ask(&client, TAGGED, asked.clone()).await;
            if found["search"]["totalCount"] == TO_A_TAG {
                break;
            }
            assert!(begun.elapsed() < PATIENCE, "bench-{tag}: {found}");
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }
}

/// About as much as a real product says.
fn row(n: usize) -> Value {
    json!({
        "name": format!("Bench lamp {n} with a shade of paper"),
        "externalReference": format!("bench-{n}"),
        "descriptionHtml": format!("<p>Lamp number {n}. {}</p>", "It gives a warm light and stands firmly. ".repeat(8)),
        "brand": format!("Brand {}", n % 50),
        "tags": [format!("bench-{}", n / TO_A_TAG)],
        "status": "ACTIVE",
        "variants": [{ "sku": format!("BENCH-{n}"), "prices": [{ "amount": format!("{}.50", n % 90 + 1), "currency": "GBP" }] }],
    })
}
