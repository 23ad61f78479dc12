//! Search on the real executable: what a merchant changes is found a moment later, whatever is killed, on embedded stores
//! and on real engines, as one process and as several.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::platform::{Platform, Shape};
use crate::side::Side;

/// How long a change may take until it is found; usually it is well below a second.
const PATIENCE: Duration = Duration::from_secs(30);

/// The demo company with who runs it.
struct Shop {
    platform: Platform,
    admin: String,
    company: String,
}

impl Shop {
    async fn new(side: Side, shape: Shape) -> Self {
        let platform = Platform::with_demo(side, shape);
        let (admin, company) = (platform.token("company-admin"), platform.company().await);
        Self { platform, admin, company }
    }

    /// Waits until all of the demo is found; answers how much that is.
    async fn everything(&self) -> u64 {
        let found = self.platform.gateway().ask(None, "{ products { totalCount } }", json!({})).await;
        let everything = found["products"]["totalCount"].as_u64().unwrap();
        self.until("", everything).await;
        everything
    }

    async fn total(&self, text: &str) -> Option<u64> {
        let query =
            "query($text: String, $company: ID) { search(text: $text, company: $company) { totalCount } }";
        let variables = json!({ "text": text, "company": self.company });
        self.platform.gateway().answer(None, query, variables).await["data"]["search"]["totalCount"].as_u64()
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
        let made = self.platform.gateway().ask(Some(&self.admin), &query, json!({ "input": input })).await;
        assert_eq!(made[name]["userErrors"], json!([]), "{made}");
        made[name]["product"]["id"].as_str().unwrap_or_default().to_owned()
    }
}

async fn a_product_comes_and_goes(side: Side, shape: Shape) {
    let shop = Shop::new(side, shape).await;
    let input = json!({ "company": shop.company, "name": "Zanzibar lantern", "status": "ACTIVE",
        "variants": [{ "sku": "ZZ-1", "prices": [{ "amount": "12.00", "currency": "GBP" }] }] });
    let id = shop.change("create", input).await;
    let mut waits = vec![shop.until("zanzibar", 1).await];
    let query = "query($company: ID) { search(text: \"zanzibr\", company: $company) { nodes { id name } edges { score } } }";
    let found = shop.platform.gateway().ask(None, query, json!({ "company": shop.company })).await;
    assert_eq!(found["search"]["nodes"], json!([{ "id": id, "name": "Zanzibar lantern" }]));
    shop.change("update", json!({ "id": id, "name": "Mombasa lantern" })).await;
    waits.push(shop.until("mombasa", 1).await);
    assert_eq!(shop.total("zanzibar").await, Some(0));
    shop.change("update", json!({ "id": id, "status": "ARCHIVED" })).await;
    waits.push(shop.until("mombasa", 0).await);
    shop.change("update", json!({ "id": id, "status": "ACTIVE" })).await;
    waits.push(shop.until("mombasa", 1).await);
    shop.change("delete", json!({ "id": id })).await;
    waits.push(shop.until("mombasa", 0).await);
    println!("measured: change to visible, {side:?}, {shape:?}: {waits:?}");
    let mut platform = shop.platform;
    platform.terminate_all();
}

#[tokio::test]
async fn a_product_is_found_while_it_is_offered_in_one_process() {
    for side in Side::all() {
        a_product_comes_and_goes(side, Shape::Together).await;
    }
}

#[tokio::test]
async fn a_product_is_found_while_it_is_offered_across_processes() {
    for side in Side::all() {
        a_product_comes_and_goes(side, Shape::Apart).await;
    }
}

#[tokio::test]
async fn what_was_changed_right_before_a_crash_is_found_after_it() {
    for side in Side::all() {
        let mut shop = Shop::new(side, Shape::Together).await;
        let everything = shop.everything().await;
        for n in 0..20 {
            let input =
                json!({ "company": shop.company, "name": format!("Zanzibar {n}"), "status": "ACTIVE" });
            shop.change("create", input).await;
        }
        shop.platform.crash();
        shop.until("zanzibar", 20).await;
        shop.until("", everything + 20).await;
        println!("counted: {} products found after a crash, {side:?}", everything + 20);
    }
}

#[tokio::test]
async fn the_index_is_built_anew_on_demand_while_it_answers() {
    for side in Side::all() {
        let shop = Arc::new(Shop::new(side, Shape::Together).await);
        let everything = shop.everything().await;
        for arguments in [&["search", "reindex"][..], &["search", "reindex", "--from-source"]] {
            let of_command = Arc::clone(&shop);
            let command = tokio::task::spawn_blocking(move || of_command.platform.succeeds(arguments));
            let mut asked = 0;
            while !command.is_finished() {
                assert_eq!(shop.total("").await, Some(everything));
                asked += 1;
            }
            let said = command.await.unwrap();
            println!("counted: {asked} searches during {arguments:?}, {side:?}, none failed; {said}");
            shop.until("", everything).await;
        }
    }
}

#[tokio::test]
async fn settings_of_a_company_change_what_is_found() {
    for side in Side::all() {
        let shop = Shop::new(side, Shape::Together).await;
        for name in ["Zanzibar lantern", "Mombasa basket"] {
            shop.change("create", json!({ "company": shop.company, "name": name, "status": "ACTIVE" })).await;
        }
        shop.until("mombasa", 1).await;
        shop.until("zanzibar", 1).await;
        let update = "mutation($input: SearchSettingsUpdateInput!) { searchSettingsUpdate(input: $input) {
            settings { version } userErrors { code message } } }";
        let input = json!({ "company": shop.company, "synonyms": [{ "words": ["zanzibar", "mombasa"] }] });
        let gateway = shop.platform.gateway();
        let answer = gateway.ask(Some(&shop.admin), update, json!({ "input": input })).await;
        assert_eq!(answer["searchSettingsUpdate"]["userErrors"], json!([]), "{answer}");
        shop.until("mombasa", 2).await;
    }
}
