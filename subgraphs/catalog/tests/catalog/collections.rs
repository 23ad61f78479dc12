//! Collections by hand and by rule, attributes, and their filters.

use serde_json::{Value as Json, json};

use crate::shop_floor::{CREATE as CREATE_PRODUCT, Floor, codes, payload};

const CREATE: &str = "mutation($input: CollectionCreateInput!) { collectionCreate(input: $input) {
    collection { id slug ruleSet { join rules { tag } } } userErrors { code path } } }";
const ADD: &str = "mutation($input: CollectionProductsInput!) { collectionProductsAdd(input: $input) {
    collection { products(first: 2) { nodes { name } pageInfo { hasNextPage endCursor } totalCount } }
    userErrors { code } } }";

fn listed(collection: &Json) -> Vec<&str> {
    let nodes = collection["products"]["nodes"].as_array().unwrap_or_else(|| panic!("{collection}"));
    nodes.iter().map(|node| node["name"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_collection_by_hand_keeps_its_order_over_pages() {
    let floor = Floor::open().await;
    let mut ids = Vec::new();
    for name in ["A", "B", "C"] {
        ids.push(floor.product(name, json!({})).await["id"].clone());
    }
    let input = json!({ "company": floor.company, "name": "Tea time" });
    let reply = floor.admin().send(CREATE, json!({ "input": input })).await;
    let id = &payload(&reply)["collection"]["id"];
    let add = json!({ "id": id, "products": [ids[2], ids[0]] });
    floor.admin().send(ADD, json!({ "input": add })).await;
    let add = json!({ "id": id, "products": [ids[1]], "before": ids[0] });
    let reply = floor.admin().send(ADD, json!({ "input": add })).await;
    let first = &payload(&reply)["collection"];
    assert_eq!((listed(first), &first["products"]["totalCount"]), (vec!["C", "B"], &json!(3)));
    let query = "query($id: ID!, $after: String) { collection(id: $id) {
        products(first: 2, after: $after) { nodes { name } pageInfo { hasNextPage } } } }";
    let after = &first["products"]["pageInfo"]["endCursor"];
    let reply = floor.nobody().send(query, json!({ "id": id, "after": after })).await;
    assert_eq!(listed(&reply["data"]["collection"]), ["A"]);
    let foreign = json!({ "id": id, "products": ["prod_01h2xcejqtf2nbrexx3vqjhp41"] });
    assert_eq!(codes(&floor.admin().send(ADD, json!({ "input": foreign })).await), ["PRODUCT_UNKNOWN"]);
    assert_eq!(
        codes(&floor.rival().send(ADD, json!({ "input": { "id": id, "products": [] } })).await),
        ["NOT_FOUND"]
    );
}

#[tokio::test]
async fn a_collection_by_rule_gathers_what_meets_its_rules() {
    let floor = Floor::open().await;
    let priced = |amount: &str, tag: &str| json!({ "tags": [tag], "variants": [{ "prices": [{ "amount": amount, "currency": "GBP" }] }] });
    floor.product("Cheap tea", priced("2.00", "tea")).await;
    floor.product("Dear tea", priced("20.00", "tea")).await;
    floor.product("Cheap cup", priced("2.00", "cup")).await;
    let below = json!({ "priceBelow": { "amount": "5.00", "currency": "GBP" } });
    let cases = [("ALL", vec!["Cheap tea"]), ("ANY", vec!["Cheap cup", "Cheap tea", "Dear tea"])];
    for (join, expected) in cases {
        let rules = json!({ "join": join, "rules": [{ "tag": "tea" }, below] });
        let input = json!({ "company": floor.company, "name": join, "ruleSet": rules });
        let reply = floor.admin().send(CREATE, json!({ "input": input })).await;
        let query =
            "query($id: ID!) { collection(id: $id) { products(sort: { field: NAME }) { nodes { name } } } }";
        let variables = json!({ "id": payload(&reply)["collection"]["id"] });
        let reply = floor.nobody().send(query, variables).await;
        assert_eq!(listed(&reply["data"]["collection"]), expected, "{join}");
    }
    let empty = json!({ "company": floor.company, "name": "E", "ruleSet": { "join": "ALL", "rules": [] } });
    assert_eq!(codes(&floor.admin().send(CREATE, json!({ "input": empty })).await), ["INVALID"]);
}

#[tokio::test]
async fn attribute_values_fit_what_the_company_has_defined() {
    let floor = Floor::open().await;
    let define = "mutation($input: AttributeCreateInput!) { attributeCreate(input: $input) {
        attribute { code } userErrors { code } } }";
    let input = json!({ "company": floor.company, "code": "colour", "name": "Colour", "kind": "CHOICE",
        "choices": ["red", "blue"] });
    assert!(codes(&floor.admin().send(define, json!({ "input": input })).await).is_empty());
    assert_eq!(codes(&floor.admin().send(define, json!({ "input": input })).await), ["CODE_TAKEN"]);
    let with = |value: &str| json!({ "attributes": [{ "code": "colour", "values": [value] }] });
    let product = floor.product("Red cup", with("red")).await;
    let mut wrong = json!({ "company": floor.company, "name": "Green cup" });
    crate::shop_floor::merge(&mut wrong, with("green"));
    assert_eq!(
        codes(&floor.admin().send(CREATE_PRODUCT, json!({ "input": wrong })).await),
        ["ATTRIBUTE_INVALID"]
    );
    let query = "{ products(where: { attributes: [{ code: \"colour\", values: [\"red\"] }] }) {
        nodes { id attributes { name kind values } } } }";
    let reply = floor.nobody().send(query, json!({})).await;
    let shown = json!([{ "id": product["id"],
        "attributes": [{ "name": "Colour", "kind": "CHOICE", "values": ["red"] }] }]);
    assert_eq!(reply["data"]["products"]["nodes"], shown);
}
