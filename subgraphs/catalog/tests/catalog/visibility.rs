//! Who sees and writes what.

use serde_json::{Value as Json, json};

use crate::shop_floor::{CREATE, Floor, UPDATE, codes, fault, payload};

const GET: &str = "query($id: ID!) { product(id: $id) { id } }";

async fn sees(caller: souk_kit::testing::Caller, id: &Json) -> bool {
    let reply = caller.send(GET, json!({ "id": id })).await;
    assert!(reply.get("errors").is_none(), "{reply}");
    !reply["data"]["product"].is_null()
}

#[tokio::test]
async fn drafts_are_for_the_companys_own_people() {
    let floor = Floor::open().await;
    let draft = floor.product("Draft", json!({ "status": "DRAFT" })).await;
    let id = &draft["id"];
    assert!(
        sees(floor.admin(), id).await && sees(floor.manager(), id).await && sees(floor.staff(), id).await
    );
    assert!(!sees(floor.nobody(), id).await && !sees(floor.rival(), id).await);
}

#[tokio::test]
async fn the_public_sees_a_product_within_its_window_only() {
    let floor = Floor::open().await;
    let clock = floor.catalog.stage.clock();
    let in_hours = |hours| (clock.now() + chrono::TimeDelta::hours(hours)).to_rfc3339();
    let window = json!({ "publishFrom": in_hours(1), "publishUntil": in_hours(2) });
    let product = floor.product("Sale", window).await;
    let mut seen = Vec::new();
    for _ in 0..3 {
        seen.push(sees(floor.nobody(), &product["id"]).await);
        clock.advance(chrono::TimeDelta::hours(1));
    }
    assert_eq!(seen, [false, true, false]);
}

#[tokio::test]
async fn a_rivals_product_cannot_be_told_from_one_that_does_not_exist() {
    let floor = Floor::open().await;
    let product = floor.product("Tea Pot", json!({})).await;
    let unknown = json!("prod_01h2xcejqtf2nbrexx3vqjhp41");
    let update = |id: &Json| json!({ "input": { "id": id, "brand": "Mine" } });
    let (theirs, none) = (
        floor.rival().send(UPDATE, update(&product["id"])).await,
        floor.rival().send(UPDATE, update(&unknown)).await,
    );
    assert_eq!(theirs, none);
    assert_eq!(codes(&theirs), ["NOT_FOUND"]);
    let delete = "mutation($id: ID!) { productDelete(input: { id: $id }) { deletedId userErrors { code } } }";
    let (theirs, none) = (
        floor.rival().send(delete, json!({ "id": product["id"] })).await,
        floor.rival().send(delete, json!({ "id": unknown })).await,
    );
    assert_eq!(theirs, none);
    let into_ours = json!({ "input": { "company": floor.company, "name": "Fake" } });
    assert_eq!(codes(&floor.rival().send(CREATE, into_ours).await), ["COMPANY_UNKNOWN"]);
}

#[tokio::test]
async fn private_metadata_nulls_itself_alone_for_visitors() {
    let floor = Floor::open().await;
    let metadata = json!([{ "key": "cost", "value": "1.20" }]);
    let product = floor.product("Tea Pot", json!({ "privateMetadata": metadata })).await;
    let query = "query($id: ID!) { product(id: $id) { name privateMetadata { value } } }";
    let variables = json!({ "id": product["id"] });
    let reply = floor.nobody().send(query, variables.clone()).await;
    assert_eq!(reply["data"]["product"]["name"], "Tea Pot");
    assert_eq!(reply["data"]["product"]["privateMetadata"], json!(null));
    assert_eq!(fault(&reply), "UNAUTHENTICATED");
    assert_eq!(fault(&floor.rival().send(query, variables.clone()).await), "FORBIDDEN");
    let reply = floor.admin().send(query, variables).await;
    assert_eq!(reply["data"]["product"]["privateMetadata"], json!([{ "value": "1.20" }]));
}

#[tokio::test]
async fn visitors_and_customers_write_nothing() {
    let floor = Floor::open().await;
    let input = json!({ "input": { "company": floor.company, "name": "Tea Pot" } });
    assert_eq!(fault(&floor.nobody().send(CREATE, input.clone()).await), "UNAUTHENTICATED");
    let customer = floor.caller(souk_kit::testing::principals::customer());
    assert_eq!(fault(&customer.send(CREATE, input).await), "FORBIDDEN");
}

#[tokio::test]
async fn shop_people_write_what_lies_within_their_shops() {
    let floor = Floor::open().await;
    let [own, other] = floor.shops;
    let everywhere = floor.product("Everywhere", json!({})).await;
    let theirs = floor.product("Theirs", json!({ "shops": [own, other] })).await;
    let mine = floor.product("Mine", json!({ "shops": [own] })).await;
    let update = |id: &Json, more: Json| {
        let mut input = json!({ "id": id });
        crate::shop_floor::merge(&mut input, more);
        json!({ "input": input })
    };
    for product in [&everywhere, &theirs] {
        let reply = floor.manager().send(UPDATE, update(&product["id"], json!({ "brand": "M" }))).await;
        assert_eq!(codes(&reply), ["FORBIDDEN"]);
    }
    let reply = floor.manager().send(UPDATE, update(&mine["id"], json!({ "brand": "M" }))).await;
    assert_eq!(payload(&reply)["product"]["brand"], "M");
    let carried_off = update(&mine["id"], json!({ "shops": [own, other] }));
    assert_eq!(codes(&floor.manager().send(UPDATE, carried_off).await), ["FORBIDDEN"]);
    assert_eq!(
        codes(&floor.staff().send(UPDATE, update(&mine["id"], json!({ "brand": "S" }))).await),
        ["FORBIDDEN"]
    );
    let reply = floor.staff().send(UPDATE, update(&mine["id"], json!({ "tags": ["tea"] }))).await;
    assert_eq!(payload(&reply)["product"]["tags"], json!(["tea"]));
    let new = |shops: Json| json!({ "input": { "company": floor.company, "name": "New", "shops": shops } });
    assert_eq!(codes(&floor.manager().send(CREATE, new(json!(null))).await), ["FORBIDDEN"]);
    assert!(codes(&floor.manager().send(CREATE, new(json!([own]))).await).is_empty());
    assert_eq!(fault(&floor.staff().send(CREATE, new(json!([own]))).await), "FORBIDDEN");
}

#[tokio::test]
async fn a_deactivated_company_leaves_listings_and_comes_back() {
    let floor = Floor::open().await;
    let product = floor.product("Tea Pot", json!({})).await;
    let stop = tokio_util::sync::CancellationToken::new();
    let (subgraph, stopped) = (std::sync::Arc::clone(&floor.catalog.subgraph), stop.clone());
    let background = tokio::spawn(async move { subgraph.worker().run(stopped).await });
    let mut seen = Vec::new();
    for (sequence, kind, active) in [(2, "company.deactivated", false), (3, "company.reactivated", true)] {
        let data =
            json!({ "id": floor.company, "currency": "GBP", "prices_include_tax": true, "active": active });
        let event = json!({
            "specversion": "1.0", "id": souk_kit::id::EventId::new(floor.catalog.stage.clock().now()),
            "type": kind, "source": "/souk/merchants", "subject": floor.company,
            "time": floor.catalog.stage.clock().now(), "datacontenttype": "application/json",
            "company": floor.company, "actor": "service:test", "sequence": sequence, "schemaversion": 1,
            "correlation": "test", "data": data,
        });
        let record =
            souk_kit::event_log::Record::new("company.events", floor.company.to_string(), event.to_string());
        floor.catalog.stage.ports.events.append(vec![record]).await.unwrap();
        for _ in 0..400 {
            if sees(floor.nobody(), &product["id"]).await == active {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(25)).await;
        }
        seen.push(sees(floor.nobody(), &product["id"]).await);
        assert!(sees(floor.admin(), &product["id"]).await, "its own people go on seeing it");
    }
    stop.cancel();
    background.await.unwrap();
    assert_eq!(seen, [false, true]);
}
