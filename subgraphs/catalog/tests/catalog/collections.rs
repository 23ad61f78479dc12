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

#[tokio::test]
async fn a_collection_whose_rules_are_taken_away_is_put_together_by_hand() {
    let floor = Floor::open().await;
    let product = floor.product("Tea", json!({ "tags": ["tea"] })).await;
    let rules = json!({ "join": "ALL", "rules": [{ "tag": "tea" }] });
    let input = json!({ "company": floor.company, "name": "Tea", "ruleSet": rules });
    let reply = floor.admin().send(CREATE, json!({ "input": input })).await;
    let id = &payload(&reply)["collection"]["id"];
    let add = json!({ "input": { "id": id, "products": [product["id"]] } });
    assert_eq!(codes(&floor.admin().send(ADD, add.clone()).await), ["COLLECTION_BY_RULE"]);
    let update = "mutation($input: CollectionUpdateInput!) { collectionUpdate(input: $input) {
        collection { ruleSet { join } products { nodes { name } } } userErrors { code } } }";
    let by_hand = json!({ "input": { "id": id, "ruleSet": null } });
    let reply = floor.admin().send(update, by_hand.clone()).await;
    let empty = json!({ "ruleSet": null, "products": { "nodes": [] } });
    assert_eq!(payload(&reply)["collection"], empty, "{reply}");
    assert!(codes(&floor.admin().send(ADD, add).await).is_empty());
    let again = floor.admin().send(update, by_hand).await;
    assert_eq!(listed(&payload(&again)["collection"]), ["Tea"], "what was put in by hand stays");
}

#[tokio::test]
async fn a_decimal_is_found_however_it_is_written() {
    let floor = Floor::open().await;
    let define = "mutation($input: AttributeCreateInput!) { attributeCreate(input: $input) {
        attribute { code } userErrors { code } } }";
    for (code, kind) in [("volume", "DECIMAL"), ("model", "TEXT")] {
        let input = json!({ "company": floor.company, "code": code, "name": code, "kind": kind });
        assert!(codes(&floor.admin().send(define, json!({ "input": input })).await).is_empty());
    }
    let with = |volume: &str, model: &str| {
        json!({ "attributes": [
            { "code": "volume", "values": [volume] }, { "code": "model", "values": [model] }] })
    };
    floor.product("A", with("12.50", "10")).await;
    floor.product("B", with("12.5", "010")).await;
    let query = "query($company: ID!, $code: String!, $value: String!) {
        products(company: $company, sort: { field: NAME },
            where: { attributes: [{ code: $code, values: [$value] }] }) {
        nodes { name attributes { values } } } }";
    let cases = [
        ("volume", "12.5", vec!["A", "B"]),
        ("volume", "12.50", vec!["A", "B"]),
        ("volume", "012.500", vec!["A", "B"]),
        ("model", "010", vec!["B"]),
        ("model", "10", vec!["A"]),
    ];
    for (code, value, expected) in cases {
        let variables = json!({ "company": floor.company, "code": code, "value": value });
        let reply = floor.nobody().send(query, variables).await;
        let nodes = reply["data"]["products"]["nodes"].as_array().unwrap_or_else(|| panic!("{reply}"));
        let names: Vec<_> = nodes.iter().map(|node| node["name"].as_str().unwrap()).collect();
        assert_eq!(names, expected, "{code} {value}");
        assert_eq!(nodes[0]["attributes"][0]["values"], json!(["12.5"]));
    }
    let rules =
        json!({ "join": "ALL", "rules": [{ "attribute": { "code": "volume", "values": ["12.500"] } }] });
    let input = json!({ "company": floor.company, "name": "Volume", "ruleSet": rules });
    let reply = floor.admin().send(CREATE, json!({ "input": input })).await;
    let query = "query($id: ID!) { collection(id: $id) { products { totalCount } } }";
    let reply = floor.nobody().send(query, json!({ "id": payload(&reply)["collection"]["id"] })).await;
    assert_eq!(reply["data"]["collection"]["products"]["totalCount"], 2, "{reply}");
}
