//! `search` and `suggest` through the schema: arguments, what is told of the answer, and what is refused.

use serde_json::{Value as Json, json};

use crate::floor::{Floor, eventually};

const SEARCH: &str = "query($text: String, $company: ID, $shop: ID, $where: ProductSearchWhere, $facets: [SearchFacetInput!],
    $sort: ProductSearchSort, $first: Int, $currency: CurrencyCode) {
  search(text: $text, company: $company, shop: $shop, where: $where, facets: $facets, sort: $sort, first: $first, currency: $currency) {
    totalCount isTotalCountExact didYouMean nodes { id } edges { cursor score node { id } }
    facets { field attribute values { value count } lowest { amount } } pageInfo { hasNextPage } } }";

async fn found(floor: &Floor, variables: Json) -> Json {
    floor.nobody().send(SEARCH, variables).await
}

#[tokio::test]
async fn a_product_is_found_in_its_company_and_shop_and_no_longer_when_those_are_gone() {
    let floor = Floor::open().await;
    let running = floor.run().await;
    let id = floor.id();
    let mut product = floor.product(id, "Teapot");
    product["assortment"] = json!({ "kind": "listed", "shops": [floor.shops[0]] });
    floor.tell_product(1, product).await;
    let total =
        async |variables: Json| found(&floor, variables).await["data"]["search"]["totalCount"].clone();
    let appears = async || (total(json!({ "text": "tea" })).await == 1).then_some(());
    eventually("a teapot", appears).await;
    let here = json!({ "company": floor.company, "shop": floor.shops[0] });
    // The API hears of shops and companies by itself.
    eventually("it in the shop", async || (total(here.clone()).await == 1).then_some(())).await;
    assert_eq!(total(json!({ "shop": floor.shops[1] })).await, 0);
    assert_eq!(total(json!({ "company": floor.rival })).await, 0);
    assert_eq!(total(json!({ "company": floor.rival, "shop": floor.shops[0] })).await, 0);
    assert_eq!(total(json!({ "company": "oops" })).await, 0);
    floor.tell_shop(floor.shops[0], 2, false).await;
    eventually("a closed shop", async || (total(here.clone()).await == 0).then_some(())).await;
    // It was offered nowhere else.
    eventually("no teapot", async || (total(json!({ "text": "tea" })).await == 0).then_some(())).await;
    floor.tell_shop(floor.shops[0], 3, true).await;
    eventually("a teapot again", appears).await;
    floor.tell_company(floor.company, 2, false).await;
    let hidden = json!({ "company": floor.company });
    eventually("a hidden company", async || (total(hidden.clone()).await == 0).then_some(())).await;
    running.stop().await;
}

#[tokio::test]
async fn what_cannot_be_asked_is_refused_with_a_reason() {
    let floor = Floor::open().await;
    let price = json!({ "price": { "from": "1.00" } });
    let cases = [
        (json!({ "where": price }), "need `currency`"),
        (json!({ "sort": { "field": "PRICE" } }), "need `currency`"),
        (json!({ "facets": [{ "field": "PRICE" }] }), "need `currency`"),
        (json!({ "sort": { "field": "NEWEST", "direction": "ASC" } }), "no other direction"),
        (json!({ "first": 101 }), "0 to 100"),
        (json!({ "text": "x".repeat(201) }), "at most 200"),
        (json!({ "facets": [{ "field": "ATTRIBUTE" }] }), "names it"),
        (json!({ "facets": [{ "field": "BRAND", "attribute": "x" }] }), "does not belong"),
        (json!({ "where": { "ratingAtLeast": "5.01" } }), "0 to 5"),
        (json!({ "where": { "price": { "from": "1.001" } }, "currency": "EUR" }), "a price"),
        (json!({ "where": { "brand": vec!["x"; 501] } }), "at most 500"),
    ];
    for (variables, reason) in cases {
        let reply = found(&floor, variables.clone()).await;
        let error = &reply["errors"][0];
        assert_eq!(error["extensions"]["code"], "BAD_USER_INPUT", "{variables}: {reply}");
        assert!(error["message"].as_str().unwrap().contains(reason), "{variables}: {reply}");
    }
    let suggested = floor.nobody().send("{ suggest(text: \"x\", first: 21) { text } }", json!({})).await;
    assert_eq!(suggested["errors"][0]["extensions"]["code"], "BAD_USER_INPUT", "{suggested}");
}
