//! Lists: filters, orders, pages, prices by context, and how often they ask the store.

use serde_json::{Value as Json, json};

use crate::shop_floor::Floor;

fn priced(amount: &str) -> Json {
    json!({ "variants": [{ "prices": [{ "amount": amount, "currency": "GBP" }] }] })
}

fn names(reply: &Json) -> Vec<&str> {
    let nodes = reply["data"]["products"]["nodes"].as_array().unwrap_or_else(|| panic!("{reply}"));
    nodes.iter().map(|node| node["name"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn filters_and_orders_hold_together_with_pages() {
    let floor = Floor::open().await;
    for (name, amount, tag) in
        [("Cup", "2.00", "a"), ("Pot", "9.50", "b"), ("Tray", "5.00", "a"), ("Urn", "50.00", "a")]
    {
        let mut fields = priced(amount);
        fields["tags"] = json!([tag]);
        floor.product(name, fields).await;
    }
    floor.product("Free", json!({})).await;
    let cases = [
        (json!({ "tagsAny": ["a"] }), json!({ "field": "NAME" }), vec!["Cup", "Tray", "Urn"]),
        (json!({ "tagsAny": [] }), json!({ "field": "NAME" }), vec![]),
        (json!({ "NOT": { "tagsAny": ["a"] } }), json!({ "field": "NAME" }), vec!["Free", "Pot"]),
        (
            json!({ "OR": [{ "nameStartsWith": "u" }, { "tagsAll": ["b"] }] }),
            json!({ "field": "NAME" }),
            vec!["Pot", "Urn"],
        ),
        (
            json!({ "price": { "from": "5.00", "below": "50.00" } }),
            json!({ "field": "PRICE" }),
            vec!["Tray", "Pot"],
        ),
        (
            json!({}),
            json!({ "field": "PRICE", "direction": "DESC" }),
            vec!["Urn", "Pot", "Tray", "Cup", "Free"],
        ),
        (json!({}), json!({ "field": "PRICE" }), vec!["Cup", "Tray", "Pot", "Urn", "Free"]),
    ];
    let query = "query($company: ID!, $where: ProductWhere, $sort: ProductSort, $after: String) {
        products(company: $company, where: $where, sort: $sort, first: 2, after: $after) {
            nodes { name } pageInfo { endCursor hasNextPage } totalCount } }";
    for (filter, sort, expected) in cases {
        let (mut walked, mut after): (Vec<String>, Json) = (Vec::new(), Json::Null);
        loop {
            let variables =
                json!({ "company": floor.company, "where": filter, "sort": sort, "after": after });
            let reply = floor.nobody().send(query, variables).await;
            walked.extend(names(&reply).iter().map(ToString::to_string));
            assert_eq!(reply["data"]["products"]["totalCount"], expected.len(), "{filter} {reply}");
            if reply["data"]["products"]["pageInfo"]["hasNextPage"] != json!(true) {
                break;
            }
            after = reply["data"]["products"]["pageInfo"]["endCursor"].clone();
        }
        assert_eq!(walked, expected, "{filter} {sort}");
    }
}

#[tokio::test]
async fn a_shop_lists_what_is_offered_there() {
    let floor = Floor::open().await;
    let [first, second] = floor.shops;
    floor.product("Everywhere", json!({})).await;
    floor.product("First", json!({ "shops": [first] })).await;
    floor.product("Second", json!({ "shops": [second] })).await;
    let query = "query($shop: ID!) { products(shop: $shop, sort: { field: NAME }) { nodes { name } } }";
    let reply = floor.nobody().send(query, json!({ "shop": first })).await;
    assert_eq!(names(&reply), ["Everywhere", "First"]);
    let reply = floor.nobody().send(query, json!({ "shop": "shop_01h2xcejqtf2nbrexx3vqjhp41" })).await;
    assert!(names(&reply).is_empty());
}

#[tokio::test]
async fn a_filter_by_price_over_several_companies_needs_a_currency() {
    let floor = Floor::open().await;
    floor.product("Cup", priced("2.00")).await;
    let query = "query($currency: CurrencyCode) {
        products(currency: $currency, where: { price: { below: \"3\" } }) { nodes { name } } }";
    let reply = floor.nobody().send(query, json!({})).await;
    assert_eq!(crate::shop_floor::fault(&reply), "BAD_USER_INPUT");
    assert_eq!(names(&floor.nobody().send(query, json!({ "currency": "GBP" })).await), ["Cup"]);
    assert!(names(&floor.nobody().send(query, json!({ "currency": "EUR" })).await).is_empty());
}

#[tokio::test]
async fn a_page_of_a_hundred_asks_the_store_once_per_level() {
    let floor = Floor::open().await;
    let rows: Vec<Json> = (0..100)
        .map(|n| {
            json!({ "name": format!("P{n}"), "status": "ACTIVE", "variants": [{ "sku": format!("S{n}"),
            "prices": [{ "amount": "1.00", "currency": "GBP" }] }] })
        })
        .collect();
    let bulk =
        "mutation($input: ProductBulkCreateInput!) { productBulkCreate(input: $input) { writtenCount } }";
    let input = json!({ "company": floor.company, "policy": "REJECT_ALL", "rows": rows });
    let reply = floor.admin().send(bulk, json!({ "input": input })).await;
    assert_eq!(reply["data"]["productBulkCreate"]["writtenCount"], 100, "{reply}");
    let query = "{ products(first: 100) { nodes { name image { url(width: 300) } company { id }
        price { amount { amount currency } } variants { sku price { amount { amount } } } } } }";
    floor.nobody().send(query, json!({})).await;
    let _before = floor.catalog.statements();
    let reply = floor.nobody().send(query, json!({})).await;
    assert_eq!(reply["data"]["products"]["nodes"].as_array().map(Vec::len), Some(100), "{reply}");
    let statements = floor.catalog.statements();
    assert!(statements.len() <= 3, "products, restrictions, companies: {statements:#?}");
}

#[tokio::test]
async fn products_of_many_categories_are_read_together() {
    let floor = Floor::open().await;
    let create =
        "mutation($input: CategoryCreateInput!) { categoryCreate(input: $input) { category { id } } }";
    for n in 0..20 {
        let input = json!({ "company": floor.company, "name": format!("C{n}") });
        let reply = floor.admin().send(create, json!({ "input": input })).await;
        let id = &reply["data"]["categoryCreate"]["category"]["id"];
        floor.product(&format!("P{n}"), json!({ "categories": [id] })).await;
    }
    let query = "query($company: ID!) { categories(company: $company) { nodes { slug products(first: 5) { nodes { name } } } } }";
    let _before = floor.catalog.statements();
    let reply = floor.nobody().send(query, json!({ "company": floor.company })).await;
    let categories = reply["data"]["categories"]["nodes"].as_array().unwrap_or_else(|| panic!("{reply}"));
    assert!(
        categories.iter().all(|one| one["products"]["nodes"].as_array().map(Vec::len) == Some(1)),
        "{reply}"
    );
    let statements = floor.catalog.statements();
    assert!(statements.len() <= 4, "trees, restrictions, products: {statements:#?}");
}

#[tokio::test]
async fn entities_are_resolved_in_one_batch() {
    let floor = Floor::open().await;
    let mut keys = Vec::new();
    for n in 0..10 {
        let product = floor.product(&format!("P{n}"), json!({})).await;
        keys.push(json!({ "__typename": "Product", "id": product["id"] }));
        keys.push(json!({ "__typename": "ProductVariant", "id": product["variants"][0]["id"] }));
    }
    keys.push(json!({ "__typename": "Product", "id": "prod_01h2xcejqtf2nbrexx3vqjhp41" }));
    let query = "query($keys: [_Any!]!) { _entities(representations: $keys) {
        ... on Product { name } ... on ProductVariant { product { name } } } }";
    let _before = floor.catalog.statements();
    let reply = floor.nobody().send(query, json!({ "keys": keys })).await;
    let found = reply["data"]["_entities"].as_array().unwrap_or_else(|| panic!("{reply}"));
    assert_eq!(
        (found.len(), &found[0], &found[1], &found[20]),
        (21, &json!({ "name": "P0" }), &json!({ "product": { "name": "P0" } }), &Json::Null)
    );
    let statements = floor.catalog.statements();
    assert!(statements.len() <= 3, "products by id, by variant, restrictions: {statements:#?}");
}

#[tokio::test]
async fn texts_come_in_the_readers_locale() {
    let floor = Floor::open().await;
    let german = json!([{ "locale": "de", "name": "Teekanne" }]);
    let product = floor.product("Tea Pot", json!({ "translations": german })).await;
    let query = "query($id: ID!) { product(id: $id) { name swiss: name(locale: \"de-CH\") french: name(locale: \"fr\") } }";
    let caller = floor.nobody().reading(&["de-AT", "en"]);
    let reply = caller.send(query, json!({ "id": product["id"] })).await;
    let expected = json!({ "name": "Teekanne", "swiss": "Teekanne", "french": "Tea Pot" });
    assert_eq!(reply["data"]["product"], expected);
}
