//! Bulk writes: the three policies, resuming, and conflicts on their rows.

use serde_json::{Value as Json, json};

use crate::shop_floor::{Floor, fault, payload};

const CREATE: &str = "mutation($input: ProductBulkCreateInput!) { productBulkCreate(input: $input) {
    writtenCount rows { index written product { id name brand slug } userErrors { code path } } userErrors { code } } }";
const UPDATE: &str = "mutation($input: ProductBulkUpdateInput!) { productBulkUpdate(input: $input) {
    writtenCount rows { index written product { brand variants { sku barcode } } userErrors { code path currentVersion } } } }";

async fn create(floor: &Floor, policy: &str, rows: Json, key: Option<&str>) -> Json {
    let input = json!({ "company": floor.company, "policy": policy, "rows": rows, "idempotencyKey": key });
    floor.admin().send(CREATE, json!({ "input": input })).await
}

fn rows() -> Json {
    json!([
        { "name": "Good", "externalReference": "1" },
        { "name": "Half", "externalReference": "2", "brand": "Acme", "slug": "Not A Slug", "tags": ["", "x"] },
        { "name": " ", "externalReference": "3" },
    ])
}

/// Which rows were written, and the codes of each.
fn outcome(reply: &Json) -> Vec<(bool, Vec<String>)> {
    let rows = payload(reply)["rows"].as_array().unwrap().clone();
    let codes = |row: &Json| {
        let errors = row["userErrors"].as_array().unwrap().clone();
        errors.iter().map(|error| error["code"].as_str().unwrap().to_owned()).collect()
    };
    rows.iter().map(|row| (row["written"].as_bool().unwrap(), codes(row))).collect()
}

fn texts(list: &[&str]) -> Vec<String> {
    list.iter().map(ToString::to_string).collect()
}

#[tokio::test]
async fn reject_all_writes_nothing_when_one_row_is_wrong() {
    let floor = Floor::open().await;
    let reply = create(&floor, "REJECT_ALL", rows(), None).await;
    assert_eq!(payload(&reply)["writtenCount"], 0);
    let written: Vec<bool> = outcome(&reply).into_iter().map(|(written, _)| written).collect();
    assert_eq!(written, [false; 3]);
    assert_eq!(outcome(&reply)[2].1, ["REQUIRED"]);
    let clash =
        json!([{ "name": "A", "variants": [{ "sku": "X" }] }, { "name": "B", "variants": [{ "sku": "X" }] }]);
    assert_eq!(payload(&create(&floor, "REJECT_ALL", clash, None).await)["writtenCount"], 0);
    let reply = create(&floor, "REJECT_ALL", json!([{ "name": "A" }, { "name": "A" }]), None).await;
    assert_eq!(payload(&reply)["writtenCount"], 2, "a slug made of the name gives way: {reply}");
}

#[tokio::test]
async fn reject_failed_rows_writes_the_others() {
    let floor = Floor::open().await;
    let reply = create(&floor, "REJECT_FAILED_ROWS", rows(), None).await;
    assert_eq!(
        outcome(&reply),
        [(true, vec![]), (false, texts(&["SLUG_INVALID"])), (false, texts(&["REQUIRED"])),]
    );
}

#[tokio::test]
async fn ignore_failed_fields_keeps_what_is_good_of_a_row() {
    let floor = Floor::open().await;
    let rows = json!([{ "name": "Half", "brand": "Acme", "tags": ["", "x"] }, { "name": " " }]);
    let reply = create(&floor, "IGNORE_FAILED_FIELDS", rows, None).await;
    assert_eq!(outcome(&reply), [(true, texts(&["REQUIRED"])), (false, texts(&["REQUIRED"]))]);
    let row = &payload(&reply)["rows"][0];
    assert_eq!(
        (&row["product"]["brand"], &row["userErrors"][0]["path"]),
        (&json!("Acme"), &json!(["input", "rows", "0", "tags", "0"]))
    );
}

#[tokio::test]
async fn a_bulk_write_sent_again_answers_the_rows_that_are_done() {
    let floor = Floor::open().await;
    let rows = json!([{ "name": "A", "externalReference": "1" }, { "name": "B", "externalReference": "2" }]);
    for policy in ["REJECT_FAILED_ROWS", "REJECT_ALL"] {
        let key = Some(policy);
        let tagged: Vec<Json> = (0..2)
            .map(|n| json!({ "name": format!("{policy}{n}"), "externalReference": format!("{policy}{n}") }))
            .collect();
        let first = create(&floor, policy, json!(tagged), key).await;
        let again = create(&floor, policy, json!(tagged), key).await;
        assert_eq!(payload(&first), payload(&again));
        assert_eq!(payload(&first)["writtenCount"], 2);
    }
    create(&floor, "REJECT_ALL", rows.clone(), Some("k")).await;
    let other = json!([{ "name": "C" }, { "name": "D" }]);
    assert_eq!(fault(&create(&floor, "REJECT_ALL", other, Some("k")).await), "IDEMPOTENCY_KEY_REUSED");
}

#[tokio::test]
async fn rows_are_named_by_external_reference_and_their_variants_by_sku() {
    let floor = Floor::open().await;
    let product =
        floor.product("Tea Pot", json!({ "externalReference": "p", "variants": [{ "sku": "S" }] })).await;
    let rows = json!([
        { "externalReference": "p", "brand": "Acme", "variants": [{ "sku": "S", "barcode": "123" }] },
        { "externalReference": "unknown", "brand": "Acme" },
        { "id": product["id"], "expectedVersion": 7, "brand": "Late" },
    ]);
    let input = json!({ "company": floor.company, "policy": "REJECT_FAILED_ROWS", "rows": rows });
    let reply = floor.admin().send(UPDATE, json!({ "input": input })).await;
    assert_eq!(
        outcome(&reply),
        [(true, vec![]), (false, texts(&["NOT_FOUND"])), (false, texts(&["VERSION_CONFLICT"])),]
    );
    let expected = json!({ "brand": "Acme", "variants": [{ "sku": "S", "barcode": "123" }] });
    assert_eq!(payload(&reply)["rows"][0]["product"], expected);
}
