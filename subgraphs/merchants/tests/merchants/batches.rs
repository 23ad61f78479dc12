//! What a query costs: one statement per level, however wide.

use serde_json::json;

use crate::market::{Market, company, new_company, new_shop, shop};

/// Ten more companies with three shops each.
async fn crowd(market: &Market) -> Vec<String> {
    let mut ids = Vec::new();
    for n in 0..10 {
        let id = new_company(&market.platform(), company(&format!("c{n}"))).await;
        for m in 0..3 {
            new_shop(&market.platform(), shop(id, &format!("s{m}"))).await;
        }
        ids.push(id.to_string());
    }
    let _ = market.merchants.statements();
    ids
}

#[tokio::test]
async fn entities_are_resolved_in_one_query_per_type() {
    let market = Market::open().await;
    let ids = crowd(&market).await;
    let mut representations: Vec<_> =
        ids.iter().map(|id| json!({ "__typename": "Company", "id": id })).collect();
    representations.push(json!({ "__typename": "Company", "id": "nonsense" }));
    representations.push(json!({ "__typename": "Company", "id": "comp_01h2xcejqtf2nbrexx3vqjhp41" }));
    representations.push(json!({ "__typename": "Shop", "id": market.mitte }));
    representations.push(json!({ "__typename": "Shop", "id": market.marina }));
    let query = "query($r: [_Any!]!) { _entities(representations: $r) { ... on Company { slug } ... on Shop { slug } } }";
    let reply = market.nobody().send(query, json!({ "r": representations })).await;
    let entities = reply["data"]["_entities"].as_array().unwrap();
    assert_eq!(entities[0], json!({ "slug": "c0" }));
    assert!(
        entities[10].is_null() && entities[11].is_null(),
        "what does not exist is null, and no error: {reply}"
    );
    assert_eq!((&entities[12]["slug"], &entities[13]["slug"]), (&json!("mitte"), &json!("marina")));
    assert!(reply["errors"].is_null());
    assert_eq!(market.merchants.statements().len(), 2);
}

#[tokio::test]
async fn shops_of_many_companies_and_back_cost_one_query_per_level() {
    let market = Market::open().await;
    crowd(&market).await;
    let query = "{ companies(first: 100) { nodes { slug
        shops(first: 2) { totalCount pageInfo { hasNextPage endCursor } nodes { slug company { name } } } } } }";
    let reply = market.nobody().send(query, json!({})).await;
    let companies = reply["data"]["companies"]["nodes"].as_array().unwrap();
    assert_eq!(companies.len(), 12);
    let c3 = companies.iter().find(|company| company["slug"] == "c3").unwrap();
    assert_eq!(c3["shops"]["totalCount"], 3);
    assert_eq!(
        c3["shops"]["nodes"],
        json!([{ "slug": "s0", "company": { "name": "c3" } }, { "slug": "s1", "company": { "name": "c3" } }])
    );
    assert_eq!(c3["shops"]["pageInfo"]["hasNextPage"], true);
    // Companies, their shops, the counts, and the shops' companies.
    let statements = market.merchants.statements();
    assert_eq!(statements.len(), 4, "{statements:#?}");
}

#[tokio::test]
async fn pages_of_shops_within_a_company_go_on_from_their_cursor() {
    let market = Market::open().await;
    crowd(&market).await;
    let query = "query($after: String, $last: Int, $before: String, $first: Int) { company(slug: \"c3\") {
        shops(first: $first, after: $after, last: $last, before: $before) {
          nodes { slug } pageInfo { endCursor startCursor hasNextPage hasPreviousPage } } } }";
    let page =
        async |variables| market.nobody().send(query, variables).await["data"]["company"]["shops"].clone();
    let first = page(json!({ "first": 2 })).await;
    let rest = page(json!({ "first": 2, "after": first["pageInfo"]["endCursor"] })).await;
    assert_eq!(
        (&rest["nodes"], &rest["pageInfo"]["hasNextPage"]),
        (&json!([{ "slug": "s2" }]), &json!(false))
    );
    let last = page(json!({ "last": 2 })).await;
    assert_eq!(last["nodes"], json!([{ "slug": "s1" }, { "slug": "s2" }]));
    let before = page(json!({ "last": 2, "before": last["pageInfo"]["startCursor"] })).await;
    assert_eq!(before["nodes"], json!([{ "slug": "s0" }]));
}
