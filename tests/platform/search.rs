//! Search on the real executable: what a merchant changes is found a moment later, whatever is killed, as one process
//! and as several.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::souk::{Souk, demo, line, run};

const COMPANY: &str = "blossom-and-bloom";
/// How long a change may take until it is found; usually it is well below a second.
const PATIENCE: Duration = Duration::from_secs(30);

struct Platform {
    gateway: Souk,
    others: Vec<Souk>,
    data: PathBuf,
    admin: String,
    company: String,
    /// Held as long as the platform runs in it.
    folder: tempfile::TempDir,
}

impl Platform {
    async fn new(apart: bool) -> Self {
        let (folder, data) = demo();
        let (gateway, others) = start(&data, apart);
        let admin = line(&data, &["token", "--role", "company-admin", "--company", COMPANY]);
        let found = gateway.ask(
            None,
            "query($slug: String!) { company(slug: $slug) { id } }",
            json!({ "slug": COMPANY }),
        );
        let company = found.await["company"]["id"].as_str().unwrap().to_owned();
        Self { gateway, others, data, admin, company, folder }
    }

    async fn total(&self, text: &str) -> Option<u64> {
        let query =
            "query($text: String, $company: ID) { search(text: $text, company: $company) { totalCount } }";
        let variables = json!({ "text": text, "company": self.company });
        self.gateway.answer(None, query, variables).await["data"]["search"]["totalCount"].as_u64()
    }

    /// Waits until so many are found; answers for how long.
    async fn until(&self, text: &str, total: u64) -> Duration {
        let start = Instant::now();
        let mut last = None;
        while start.elapsed() < PATIENCE {
            last = self.total(text).await;
            if last == Some(total) {
                return start.elapsed();
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("`{text}`: {last:?} instead of {total} after {PATIENCE:?}");
    }

    /// The names of all that is found, as the catalogue has them, in their order; none while the index still has what
    /// the catalogue has no more.
    async fn names(&self, text: &str) -> Option<Vec<String>> {
        let query = "query($text: String, $company: ID, $after: String) { search(text: $text, company: $company, first: 100, after: $after) {
            nodes { name } pageInfo { hasNextPage endCursor } } }";
        let (mut names, mut after) = (Vec::new(), Value::Null);
        loop {
            let asked = json!({ "text": text, "company": self.company, "after": after });
            let mut answer = self.gateway.answer(None, query, asked).await;
            if !answer["errors"].is_null() {
                return None;
            }
            let page = answer["data"]["search"].take();
            let nodes = page["nodes"].as_array()?.iter();
            names.extend(nodes.filter_map(|node| node["name"].as_str()).map(str::to_owned));
            if page["pageInfo"]["hasNextPage"] == json!(false) {
                names.sort();
                return Some(names);
            }
            after = page["pageInfo"]["endCursor"].clone();
        }
    }

    /// A mutation of one product; answers its id.
    async fn change(&self, kind: &str, input: Value) -> String {
        let (name, input_type, fields) = match kind {
            "delete" => ("productDelete", "ProductDeleteInput", "deletedId"),
            "create" => ("productCreate", "ProductCreateInput", "product { id }"),
            _ => ("productUpdate", "ProductUpdateInput", "product { id }"),
        };
        let query = format!(
            "mutation($input: {input_type}!) {{ {name}(input: $input) {{ {fields} userErrors {{ code message }} }} }}"
        );
        let made = self.gateway.ask(Some(&self.admin), &query, json!({ "input": input })).await;
        assert_eq!(made[name]["userErrors"], json!([]), "{made}");
        made[name]["product"]["id"].as_str().unwrap_or_default().to_owned()
    }
}

fn start(data: &Path, apart: bool) -> (Souk, Vec<Souk>) {
    if !apart {
        return (Souk::start(data, &["serve"], &[]), Vec::new());
    }
    let merchants = Souk::start(data, &["subgraph", "merchants"], &[]);
    let at_merchants = ("SOUK_MERCHANTS__URL", merchants.url("/graphql"));
    let catalog = Souk::start(data, &["subgraph", "catalog"], std::slice::from_ref(&at_merchants));
    let at_catalog = ("SOUK_CATALOG__URL", catalog.url("/graphql"));
    let search = Souk::start(data, &["subgraph", "search"], std::slice::from_ref(&at_merchants));
    let at_search = ("SOUK_SEARCH__URL", search.url("/graphql"));
    let indexer = Souk::start(data, &["worker", "search-indexer"], std::slice::from_ref(&at_catalog));
    let analytics = Souk::start(data, &["subgraph", "analytics"], std::slice::from_ref(&at_merchants));
    let at_analytics = ("SOUK_ANALYTICS__URL", analytics.url("/graphql"));
    let gateway = Souk::start(data, &["gateway"], &[at_merchants, at_catalog, at_search, at_analytics]);
    (gateway, vec![merchants, catalog, search, indexer, analytics])
}

async fn a_product_comes_and_goes(apart: bool) {
    let platform = Platform::new(apart).await;
    let input = json!({ "company": platform.company, "name": "Zanzibar lantern", "status": "ACTIVE",
        "variants": [{ "sku": "ZZ-1", "prices": [{ "amount": "12.00", "currency": "GBP" }] }] });
    let id = platform.change("create", input).await;
    let mut waits = vec![platform.until("zanzibar", 1).await];
    let query = "query($company: ID) { search(text: \"zanzibr\", company: $company) { nodes { id name } edges { score } } }";
    let found = platform.gateway.ask(None, query, json!({ "company": platform.company })).await;
    assert_eq!(found["search"]["nodes"], json!([{ "id": id, "name": "Zanzibar lantern" }]));
    platform.change("update", json!({ "id": id, "name": "Mombasa lantern" })).await;
    waits.push(platform.until("mombasa", 1).await);
    assert_eq!(platform.total("zanzibar").await, Some(0));
    platform.change("update", json!({ "id": id, "status": "ARCHIVED" })).await;
    waits.push(platform.until("mombasa", 0).await);
    platform.change("update", json!({ "id": id, "status": "ACTIVE" })).await;
    waits.push(platform.until("mombasa", 1).await);
    platform.change("delete", json!({ "id": id })).await;
    waits.push(platform.until("mombasa", 0).await);
    println!("measured: change to visible, apart: {apart}: {waits:?}");
    for other in platform.others {
        other.terminate();
    }
}

#[tokio::test]
async fn a_product_is_found_while_it_is_offered_in_one_process() {
    a_product_comes_and_goes(false).await;
}

#[tokio::test]
async fn a_product_is_found_while_it_is_offered_across_processes() {
    a_product_comes_and_goes(true).await;
}

#[tokio::test]
async fn what_was_changed_right_before_a_crash_is_found_after_it() {
    let platform = Platform::new(false).await;
    let everything = platform.gateway.ask(None, "{ products { totalCount } }", json!({})).await;
    let everything = everything["products"]["totalCount"].as_u64().unwrap();
    platform.until("", everything).await;
    for n in 0..20 {
        let input =
            json!({ "company": platform.company, "name": format!("Zanzibar {n}"), "status": "ACTIVE" });
        platform.change("create", input).await;
    }
    let Platform { gateway, data, folder, company, admin, .. } = platform;
    gateway.kill();
    let (gateway, others) = start(&data, false);
    let platform = Platform { gateway, others, data, admin, company, folder };
    platform.until("zanzibar", 20).await;
    platform.until("", everything + 20).await;
    println!("counted: {} products found after a crash", everything + 20);
}

#[tokio::test]
async fn the_index_is_built_anew_on_demand_while_it_answers() {
    let platform = Platform::new(false).await;
    let everything = platform.gateway.ask(None, "{ products { totalCount } }", json!({})).await;
    let everything = everything["products"]["totalCount"].as_u64().unwrap();
    platform.until("", everything).await;
    for arguments in [&["search", "reindex"][..], &["search", "reindex", "--from-source"]] {
        let (data, owned) =
            (platform.data.clone(), arguments.iter().map(ToString::to_string).collect::<Vec<_>>());
        let command = tokio::task::spawn_blocking(move || {
            let arguments: Vec<&str> = owned.iter().map(String::as_str).collect();
            run(&data, &arguments)
        });
        let mut asked = 0;
        while !command.is_finished() {
            assert_eq!(platform.total("").await, Some(everything));
            asked += 1;
        }
        let output = command.await.unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
        println!("counted: {asked} searches during {arguments:?}, none failed; {}", said.trim());
        platform.until("", everything).await;
    }
}

#[tokio::test]
async fn settings_of_a_company_change_what_is_found() {
    let platform = Platform::new(false).await;
    for name in ["Zanzibar lantern", "Mombasa basket"] {
        platform
            .change("create", json!({ "company": platform.company, "name": name, "status": "ACTIVE" }))
            .await;
    }
    platform.until("mombasa", 1).await;
    platform.until("zanzibar", 1).await;
    let update = "mutation($input: SearchSettingsUpdateInput!) { searchSettingsUpdate(input: $input) {
        settings { version } userErrors { code message } } }";
    let input = json!({ "company": platform.company, "synonyms": [{ "words": ["zanzibar", "mombasa"] }] });
    let answer = platform.gateway.ask(Some(&platform.admin), update, json!({ "input": input })).await;
    assert_eq!(answer["searchSettingsUpdate"]["userErrors"], json!([]), "{answer}");
    platform.until("mombasa", 2).await;
}

/// How many changes of products are made while the platform is killed again and again.
fn changes() -> usize {
    souk_stand::setting("SOUK_TEST_SEARCH_CHANGES").and_then(|count| count.parse().ok()).unwrap_or(1_000)
}

#[tokio::test]
async fn however_often_it_is_killed_search_and_catalogue_agree_in_the_end() {
    const PRODUCTS: usize = 250;
    let mut platform = Platform::new(false).await;
    let rows = |round: usize| -> Vec<Value> {
        let row = |n| {
            json!({ "externalReference": format!("fault-{n}"), "name": format!("Faulty {n} of {round}"),
            "status": if usize::is_multiple_of(n + round, 5) { "ARCHIVED" } else { "ACTIVE" } })
        };
        (0..PRODUCTS).map(row).collect()
    };
    let rounds = changes().div_ceil(PRODUCTS).max(2);
    let mut kills = 0;
    for round in 1..=rounds {
        let (name, rows) = (if round == 1 { "productBulkCreate" } else { "productBulkUpdate" }, rows(round));
        let query = format!(
            "mutation($company: ID!, $rows: [{}Row!]!) {{ {name}(input: {{ company: $company, policy: REJECT_FAILED_ROWS, rows: $rows }}) {{
                rows {{ userErrors {{ code message }} }} userErrors {{ code message }} }} }}",
            if round == 1 { "ProductBulkCreate" } else { "ProductBulkUpdate" }
        );
        let made = platform
            .gateway
            .ask(Some(&platform.admin), &query, json!({ "company": platform.company, "rows": rows }))
            .await;
        assert_eq!(made[name]["userErrors"], json!([]), "{made}");
        // At another moment of the indexer's work each time.
        tokio::time::sleep(Duration::from_millis(u64::try_from(round * 37 % 400).unwrap())).await;
        if round % 2 == 0 {
            let Platform { gateway, data, admin, company, folder, .. } = platform;
            gateway.kill();
            kills += 1;
            let (gateway, others) = start(&data, false);
            platform = Platform { gateway, others, data, admin, company, folder };
        }
    }
    let last = rows(rounds);
    let active = last.iter().filter(|row| row["status"] == "ACTIVE");
    let mut expected: Vec<_> = active.map(|row| row["name"].as_str().unwrap().to_owned()).collect();
    expected.sort();
    let start = Instant::now();
    let mut found = platform.names("faulty").await;
    while found.as_ref() != Some(&expected) && start.elapsed() < PATIENCE {
        tokio::time::sleep(Duration::from_millis(50)).await;
        found = platform.names("faulty").await;
    }
    assert_eq!(found.as_ref(), Some(&expected));
    println!(
        "counted: {} changes of {PRODUCTS} products over {kills} kills, {} found as they are",
        rounds * PRODUCTS,
        expected.len()
    );
}
