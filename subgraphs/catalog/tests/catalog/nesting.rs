//! Lists within lists: both ways between products and collections, and how often they ask the store.

use serde_json::{Value as Json, json};

use crate::shop_floor::{Floor, fault, payload};

const COLLECT: &str = "mutation($input: CollectionCreateInput!) { collectionCreate(input: $input) {
    collection { id } userErrors { code } } }";
const ADD: &str = "mutation($input: CollectionProductsInput!) { collectionProductsAdd(input: $input) {
    userErrors { code } } }";

/// Collections C0, C1, …, each with product P of its number by hand, and one by rule with all of them.
async fn fill(floor: &Floor, many: usize) -> Vec<Json> {
    let mut ids = Vec::new();
    for n in 0..many {
        let product = floor.product(&format!("P{n}"), json!({ "tags": ["tea"] })).await;
        let input = json!({ "company": floor.company, "name": format!("C{n}") });
        let reply = floor.admin().send(COLLECT, json!({ "input": input })).await;
        let collection = payload(&reply)["collection"]["id"].clone();
        let input = json!({ "id": collection, "products": [product["id"]] });
        floor.admin().send(ADD, json!({ "input": input })).await;
        ids.push(collection);
    }
    let rules = json!({ "join": "ALL", "rules": [{ "tag": "tea" }] });
    let input = json!({ "company": floor.company, "name": "All tea", "ruleSet": rules });
    floor.admin().send(COLLECT, json!({ "input": input })).await;
    ids
}

#[tokio::test]
async fn products_know_their_collections_in_a_bounded_number_of_queries() {
    let floor = Floor::open().await;
    fill(&floor, 15).await;
    floor.product("Spade", json!({})).await;
    let query = "{ products(first: 100, sort: { field: NAME }) { nodes { name collections { totalCount nodes { name } } } } }";
    floor.nobody().send(query, json!({})).await;
    drop(floor.catalog.statements());
    let reply = floor.nobody().send(query, json!({})).await;
    let statements = floor.catalog.statements();
    let nodes = reply["data"]["products"]["nodes"].as_array().unwrap_or_else(|| panic!("{reply}"));
    let shown: Vec<_> = nodes.iter().map(|node| node["collections"]["nodes"].clone()).collect();
    assert_eq!(shown[1], json!([{ "name": "All tea" }, { "name": "C1" }]), "{reply}");
    assert_eq!((nodes.len(), shown.last()), (16, Some(&json!([]))));
    assert!(statements.len() <= 5, "products, restrictions, by hand, by rule, trees: {statements:#?}");
}

#[tokio::test]
async fn the_products_of_many_collections_are_read_together() {
    let floor = Floor::open().await;
    fill(&floor, 15).await;
    let query = "query($company: ID!) { collections(company: $company, first: 100) {
        nodes { name products(first: 5) { nodes { name } } } } }";
    floor.nobody().send(query, json!({ "company": floor.company })).await;
    drop(floor.catalog.statements());
    let reply = floor.nobody().send(query, json!({ "company": floor.company })).await;
    let statements = floor.catalog.statements();
    let nodes = reply["data"]["collections"]["nodes"].as_array().unwrap_or_else(|| panic!("{reply}"));
    let sizes: Vec<_> =
        nodes.iter().map(|one| one["products"]["nodes"].as_array().map_or(0, Vec::len)).collect();
    assert_eq!(sizes, [5].into_iter().chain([1; 15]).collect::<Vec<_>>(), "{reply}");
    assert!(statements.len() <= 5, "collections, restrictions, trees, products twice: {statements:#?}");
}

#[tokio::test]
async fn what_companies_have_is_read_together_and_price_lists_are_for_their_staff() {
    let floor = Floor::open().await;
    let create =
        "mutation($input: PriceListCreateInput!) { priceListCreate(input: $input) { userErrors { code } } }";
    for name in ["Trade", "Sale"] {
        let input = json!({ "company": floor.company, "name": name });
        floor.admin().send(create, json!({ "input": input })).await;
    }
    let query = "query($keys: [_Any!]!) { _entities(representations: $keys) { ... on Company {
        id products { nodes { name } } collections { nodes { name } } categories { nodes { name } } attributes { nodes { code } }
        priceLists(first: 1) { totalCount nodes { name } pageInfo { hasNextPage } } } } }";
    let keys = json!([{ "__typename": "Company", "id": floor.company }, { "__typename": "Company", "id": floor.rival }]);
    let reply = floor.nobody().send(query, json!({ "keys": keys })).await;
    assert_eq!(fault(&reply), "UNAUTHENTICATED");
    assert_eq!(reply["data"]["_entities"][0]["priceLists"], json!(null));
    assert_eq!(reply["data"]["_entities"][0]["collections"], json!({ "nodes": [] }));
    drop(floor.catalog.statements());
    let reply = floor.admin().send(query, json!({ "keys": keys })).await;
    let statements = floor.catalog.statements();
    let expected =
        json!({ "totalCount": 2, "nodes": [{ "name": "Sale" }], "pageInfo": { "hasNextPage": true } });
    assert_eq!(reply["data"]["_entities"][0]["priceLists"], expected);
    assert_eq!((fault(&reply), &reply["data"]["_entities"][1]["priceLists"]), ("FORBIDDEN", &json!(null)));
    assert!(statements.len() <= 7, "one each, restrictions, a count: {statements:#?}");
}
