//! What merchants tells the others: one event per change, in order, without what is private.

use std::path::Path;

use serde_json::json;
use souk_kit::event::{AnyEnvelope, Topic};

use crate::market::{Market, company, create_company, id, new_shop, shop, with};

#[tokio::test]
async fn each_change_is_one_event_in_order() {
    let market = Market::open().await;
    let admin = market.admin();
    let update = "mutation($id: ID!, $version: Int!, $name: String!) {
        shopUpdate(input: { id: $id, expectedVersion: $version, name: $name }) { userErrors { code } } }";
    let switch = |verb: &str| {
        format!(
            "mutation($id: ID!, $version: Int!) {{
                shop{verb}(input: {{ id: $id, expectedVersion: $version }}) {{ userErrors {{ code }} }} }}"
        )
    };
    let id = json!(market.mitte);
    admin.send(update, json!({ "id": id, "version": 1, "name": "Mitte" })).await;
    admin.send(update, json!({ "id": id, "version": 1, "name": "stale" })).await;
    admin.send(update, json!({ "id": id, "version": 2, "name": "Mitte" })).await;
    admin.send(&switch("Deactivate"), json!({ "id": id, "version": 2 })).await;
    admin.send(&switch("Reactivate"), json!({ "id": id, "version": 3 })).await;
    let events = market.merchants.events(Topic::Shop).await.unwrap();
    let told: Vec<_> = events
        .iter()
        .filter(|event| event.subject == market.mitte.to_string())
        .map(|event| (event.kind.as_str(), event.sequence, event.data["name"].as_str().unwrap()))
        .collect();
    assert_eq!(
        told,
        [
            ("shop.created", 1, "mitte"),
            ("shop.updated", 2, "Mitte"),
            ("shop.deactivated", 3, "Mitte"),
            ("shop.reactivated", 4, "Mitte"),
        ]
    );
    assert!(
        events
            .iter()
            .filter(|e| e.subject == market.mitte.to_string())
            .all(|e| e.company == Some(market.bazaar))
    );
}

#[tokio::test]
async fn an_event_holds_the_full_state_less_private_metadata() {
    let market = Market::open().await;
    let private = json!({ "privateMetadata": [{ "key": "secret-key", "value": "secret-value" }],
                          "owner": "user_01h2xcejqtf2nbrexx3vqjhp41", "externalReference": "erp-1",
                          "description": "Lamps" });
    let made = create_company(&market.platform(), with(company("nour"), private)).await;
    // Events of different companies are in no order.
    let made = id(&made, "/data/companyCreate/company/id");
    let events = market.merchants.events(Topic::Company).await.unwrap();
    let event = events.into_iter().find(|event| event.subject == made).unwrap();
    let mut data = event.data.clone();
    for volatile in ["id", "created_at", "updated_at"] {
        assert!(data.as_object_mut().unwrap().remove(volatile).is_some());
    }
    assert_eq!((event.kind.as_str(), event.schema_version), ("company.created", 1));
    insta::assert_json_snapshot!("company_event_v1", data);

    let private = json!({
        "privateMetadata": [{ "key": "secret-key", "value": "secret-value" }],
        "staff": ["user_01h2xcejqtf2nbrexx3vqjhp41"],
        "address": { "line1": "Ufer 1", "city": "Berlin", "country": "DE",
                     "coordinates": { "latitude": 52.5, "longitude": 13.4 } },
        "openingHours": { "weekly": [{ "day": "MONDAY", "opens": "09:00", "closes": "18:00" }],
                          "exceptions": [{ "date": "2026-12-25", "note": "Christmas" }] },
    });
    let made = new_shop(&market.admin(), with(shop(market.bazaar, "ufer"), private)).await.to_string();
    let events = market.merchants.events(Topic::Shop).await.unwrap();
    let event = events.into_iter().find(|event| event.subject == made).unwrap();
    let mut data = event.data.clone();
    for volatile in ["id", "company_id", "created_at", "updated_at"] {
        assert!(data.as_object_mut().unwrap().remove(volatile).is_some());
    }
    insta::assert_json_snapshot!("shop_event_v1", data);
}

/// Consumers read `golden/` for ever: what an event of a version says must stay in the events of that version.
#[tokio::test]
async fn events_of_a_version_say_all_that_its_golden_file_does() {
    let market = Market::open().await;
    for (topic, name) in [(Topic::Company, "company"), (Topic::Shop, "shop")] {
        let event = market.merchants.events(topic).await.unwrap().pop().unwrap();
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/merchants/golden");
        let file = folder.join(format!("{name}.v{}.json", event.schema_version));
        let golden: AnyEnvelope = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
        assert_eq!((golden.source, golden.schema_version), (event.source, event.schema_version));
        for field in golden.data.as_object().unwrap().keys() {
            assert!(event.data.get(field).is_some(), "{} lacks {field} of {}", event.kind, file.display());
        }
    }
}
