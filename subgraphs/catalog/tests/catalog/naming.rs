//! Writes that name what they change by its id in another system.

use serde_json::{Value as Json, json};

use crate::shop_floor::{Floor, codes, mutation, payload};

/// Sends a mutation with an input and answers its payload.
async fn send(floor: &Floor, text: &str, input: Json) -> Json {
    payload(&floor.admin().send(&mutation(text), json!({ "input": input })).await).clone()
}

#[tokio::test]
async fn every_kind_is_changed_and_deleted_by_its_external_reference() {
    let floor = Floor::open().await;
    let company = floor.company;
    let new = |name: &str| json!({ "company": company, "name": name, "externalReference": "r" });
    let own = || json!({ "externalReference": "r" });
    let with = |more: Json| {
        let mut input = own();
        crate::shop_floor::merge(&mut input, more);
        input
    };
    let kinds = [
        ("product", "product { id } "),
        ("category", "category { id } "),
        ("collection", "collection { id } "),
        ("priceList", "priceList { id } "),
    ];
    for (kind, selection) in kinds {
        let made = send(&floor, &format!("{kind}Create {selection}"), new("First")).await;
        let id = made[kind]["id"].clone();
        assert!(id.is_string(), "{kind}: {made}");
        let changed =
            send(&floor, &format!("{kind}Update {selection}"), with(json!({ "name": "Second" }))).await;
        assert_eq!(changed, json!({ kind: { "id": id }, "userErrors": [] }));
        let named = with(json!({ "company": company, "idempotencyKey": "gone" }));
        let gone = send(&floor, &format!("{kind}Delete deletedId "), named.clone()).await;
        assert_eq!(gone, json!({ "deletedId": id, "userErrors": [] }), "{kind}");
        assert_eq!(send(&floor, &format!("{kind}Delete deletedId "), named).await, gone, "{kind} again");
        let unknown = send(&floor, &format!("{kind}Update {selection}"), own()).await;
        let not_found = json!([{ "code": "NOT_FOUND", "path": ["input", "externalReference"] }]);
        assert_eq!(unknown["userErrors"], not_found, "{kind}");
        let nameless = send(&floor, &format!("{kind}Delete deletedId "), json!({})).await;
        assert_eq!(nameless["userErrors"][0]["path"], json!(["input", "id"]), "{kind}");
    }
}

#[tokio::test]
async fn a_rivals_reference_names_nothing() {
    let floor = Floor::open().await;
    floor.product("Tea Pot", json!({ "externalReference": "r" })).await;
    let update =
        "mutation($input: ProductUpdateInput!) { productUpdate(input: $input) { userErrors { code path } } }";
    let theirs = json!({ "input": { "externalReference": "r", "company": floor.company, "brand": "Mine" } });
    let none = json!({ "input": { "externalReference": "none", "company": floor.company, "brand": "Mine" } });
    let reply = floor.rival().send(update, theirs).await;
    assert_eq!(reply, floor.rival().send(update, none).await);
    assert_eq!(codes(&reply), ["NOT_FOUND"]);
}

#[tokio::test]
async fn prices_of_a_list_name_variants_by_sku_or_reference() {
    let floor = Floor::open().await;
    let variants = json!([{ "sku": "S", "externalReference": "v" }]);
    floor.product("Tea Pot", json!({ "variants": variants })).await;
    let list = json!({ "company": floor.company, "name": "Sale", "externalReference": "sale" });
    send(&floor, "priceListCreate priceList { id } ", list).await;
    let price = |min: u32| json!({ "amount": "1.00", "currency": "GBP", "minQuantity": min });
    let prices = json!([{ "sku": "S", "price": price(1) }, { "externalReference": "v", "price": price(5) }]);
    let input = json!({ "externalReference": "sale", "prices": prices });
    let set = send(&floor, "priceListPricesSet writtenCount ", input).await;
    assert_eq!(set, json!({ "writtenCount": 1, "userErrors": [] }));
    let wrong = json!([{ "sku": "S", "price": { "amount": "1.001", "currency": "GBP" } }]);
    let input = json!({ "externalReference": "sale", "prices": wrong });
    let set = send(&floor, "priceListPricesSet rows { userErrors { path } } ", input).await;
    let path = json!(["input", "prices", "0", "price", "amount"]);
    assert_eq!(set["rows"][0]["userErrors"][0]["path"], path);
    let unknown = json!([{ "sku": "T", "price": price(1) }]);
    let input = json!({ "externalReference": "sale", "prices": unknown });
    let set = send(&floor, "priceListPricesSet writtenCount ", input).await;
    assert_eq!(set["userErrors"][0]["path"], json!(["input", "prices", "0", "sku"]));
}

#[tokio::test]
async fn what_is_in_use_is_not_deleted() {
    let floor = Floor::open().await;
    let kitchen = json!({ "company": floor.company, "name": "Kitchen", "externalReference": "k" });
    let made = send(&floor, "categoryCreate category { id } ", kitchen).await;
    let id = made["category"]["id"].clone();
    let product = floor.product("Tea Pot", json!({ "categories": [id] })).await;
    let named = json!({ "externalReference": "k" });
    let refused = json!([{ "code": "CATEGORY_IN_USE", "path": ["input", "id"] }]);
    assert_eq!(send(&floor, "categoryDelete deletedId ", named.clone()).await["userErrors"], refused);
    send(&floor, "productUpdate product { id } ", json!({ "id": product["id"], "categories": [] })).await;
    let rules = json!({ "join": "ANY", "rules": [{ "category": id }] });
    let ruled =
        json!({ "company": floor.company, "name": "All", "externalReference": "c", "ruleSet": rules });
    send(&floor, "collectionCreate collection { id } ", ruled).await;
    assert_eq!(send(&floor, "categoryDelete deletedId ", named.clone()).await["userErrors"], refused);
    send(&floor, "collectionDelete deletedId ", json!({ "externalReference": "c" })).await;
    assert_eq!(send(&floor, "categoryDelete deletedId ", named).await["deletedId"], id);
}

#[tokio::test]
async fn attributes_have_versions_and_events_and_stay_while_they_are_carried() {
    let floor = Floor::open().await;
    let company = floor.company;
    let new = json!({ "company": company, "code": "colour", "name": "Colour", "kind": "TEXT" });
    let made = send(&floor, "attributeCreate attribute { id version } ", new).await;
    let id = made["attribute"]["id"].clone();
    let update = |name: &str, seen: i64| json!({ "company": company, "id": id, "name": name, "expectedVersion": seen });
    let changed = send(&floor, "attributeUpdate attribute { version } ", update("Shade", 1)).await;
    assert_eq!(changed, json!({ "attribute": { "version": 2 }, "userErrors": [] }));
    let late = send(&floor, "attributeUpdate attribute { version } ", update("Tone", 1)).await;
    let conflict = json!([{ "code": "VERSION_CONFLICT", "path": ["input", "expectedVersion"] }]);
    assert_eq!(late["userErrors"], conflict);
    let carried =
        json!({ "attributes": [{ "code": "colour", "values": ["red"] }], "externalReference": "p" });
    floor.product("Cup", carried).await;
    let delete = |seen: i64| json!({ "company": company, "id": id, "expectedVersion": seen });
    let refused = send(&floor, "attributeDelete attribute { id } ", delete(2)).await;
    assert_eq!(refused["userErrors"], json!([{ "code": "ATTRIBUTE_IN_USE", "path": ["input", "id"] }]));
    send(&floor, "productUpdate product { id } ", json!({ "externalReference": "p", "attributes": [] }))
        .await;
    assert_eq!(send(&floor, "attributeDelete attribute { id } ", delete(1)).await["userErrors"], conflict);
    assert_eq!(send(&floor, "attributeDelete attribute { id } ", delete(2)).await["attribute"]["id"], id);
    let events = floor.catalog.events(souk_kit::event::Topic::Product).await.unwrap();
    let told = events.iter().filter(|event| event.kind.starts_with("attribute."));
    let told: Vec<_> =
        told.map(|event| (event.kind.as_str(), json!(event.subject), event.sequence)).collect();
    let kinds = [("attribute.created", 1), ("attribute.updated", 2), ("attribute.deleted", 3)];
    assert_eq!(told, kinds.map(|(kind, sequence)| (kind, id.clone(), sequence)));
}
