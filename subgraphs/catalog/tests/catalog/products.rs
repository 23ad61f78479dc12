//! Creating, reading, changing and deleting products.

use futures::future::join_all;
use serde_json::json;
use souk_kit::event::Topic;

use crate::shop_floor::{CREATE, Floor, UPDATE, codes, fault, payload};

#[tokio::test]
async fn a_product_is_found_by_every_key() {
    let floor = Floor::open().await;
    let variants = json!([{ "sku": "TP-1", "externalReference": "v-1", "prices": [{ "amount": "3.39", "currency": "GBP" }] }]);
    let product = floor.product("Tea Pot", json!({ "externalReference": "p-1", "variants": variants })).await;
    let (id, variant) = (&product["id"], &product["variants"][0]["id"]);
    let query = "query($id: ID!, $variant: ID!, $company: ID!) {
        a: product(id: $id) { id }
        b: product(slug: \"tea-pot\", company: $company) { id }
        c: product(externalReference: \"p-1\", company: $company) { id }
        d: productVariant(id: $variant) { product { id } }
        e: productVariant(sku: \"TP-1\", company: $company) { product { id } price { amount { amount currency } taxIncluded } }
        f: productVariant(externalReference: \"v-1\", company: $company) { product { id } }
        g: product(id: \"nonsense\") { id }
    }";
    let reply =
        floor.nobody().send(query, json!({ "id": id, "variant": variant, "company": floor.company })).await;
    for field in ["a", "b", "c"] {
        assert_eq!(&reply["data"][field]["id"], id, "{field}: {reply}");
    }
    for field in ["d", "e", "f"] {
        assert_eq!(&reply["data"][field]["product"]["id"], id, "{field}: {reply}");
    }
    assert_eq!(reply["data"]["g"], json!(null));
    let price = json!({ "amount": { "amount": "3.39", "currency": "GBP" }, "taxIncluded": true });
    assert_eq!(reply["data"]["e"]["price"], price);
}

#[tokio::test]
async fn a_former_slug_still_finds_the_product_and_stays_taken() {
    let floor = Floor::open().await;
    let product = floor.product("Tea Pot", json!({})).await;
    let renamed = json!({ "id": product["id"], "slug": "teapot", "expectedVersion": 1 });
    let reply = floor.admin().send(UPDATE, json!({ "input": renamed })).await;
    assert_eq!(payload(&reply)["product"]["formerSlugs"], json!(["tea-pot"]));
    let query = "query($company: ID!) { product(slug: \"tea-pot\", company: $company) { slug } }";
    let reply = floor.nobody().send(query, json!({ "company": floor.company })).await;
    assert_eq!(reply["data"]["product"]["slug"], "teapot");
    let taking = json!({ "company": floor.company, "name": "Other", "slug": "tea-pot" });
    assert_eq!(codes(&floor.admin().send(CREATE, json!({ "input": taking })).await), ["SLUG_TAKEN"]);
}

#[tokio::test]
async fn slugs_and_skus_stay_unique_when_many_claim_them_at_once() {
    let floor = Floor::open().await;
    let claim = |slug: Option<&str>, sku: String| {
        let (admin, company) = (floor.admin(), floor.company);
        let input =
            json!({ "company": company, "name": "Tea Pot", "slug": slug, "variants": [{ "sku": sku }] });
        async move { admin.send(CREATE, json!({ "input": input })).await }
    };
    let same_slug = join_all((0..12).map(|n| claim(Some("tea-pot"), format!("A-{n}")))).await;
    assert_eq!(same_slug.iter().filter(|reply| codes(reply).is_empty()).count(), 1);
    assert_eq!(same_slug.iter().filter(|reply| codes(reply) == ["SLUG_TAKEN"]).count(), 11);
    let same_sku = join_all((0..12).map(|_| claim(None, "B".into()))).await;
    assert_eq!(same_sku.iter().filter(|reply| codes(reply).is_empty()).count(), 1);
    assert_eq!(same_sku.iter().filter(|reply| codes(reply) == ["SKU_TAKEN"]).count(), 11);
    let made_up = join_all((0..12).map(|n| claim(None, format!("C-{n}")))).await;
    assert!(made_up.iter().all(|reply| codes(reply).is_empty()), "a slug made of the name gives way");
}

#[tokio::test]
async fn a_retry_answers_the_first_outcome_and_another_request_under_its_key_is_refused() {
    let floor = Floor::open().await;
    let admin = floor.admin();
    let input =
        |name: &str| json!({ "input": { "company": floor.company, "name": name, "idempotencyKey": "k" } });
    let first = admin.send(CREATE, input("Tea Pot")).await;
    let again = admin.send(CREATE, input("Tea Pot")).await;
    assert_eq!(payload(&first)["product"], payload(&again)["product"]);
    assert_eq!(fault(&admin.send(CREATE, input("Other")).await), "IDEMPOTENCY_KEY_REUSED");
    let at_once = join_all((0..8).map(|_| {
        let input = json!({ "input": { "company": floor.company, "name": "Cup", "idempotencyKey": "c" } });
        let admin = admin.clone();
        async move { admin.send(CREATE, input).await }
    }));
    let (done, running): (Vec<_>, Vec<_>) =
        at_once.await.into_iter().partition(|reply| reply.get("errors").is_none());
    let ids: std::collections::BTreeSet<String> =
        done.iter().map(|reply| payload(reply)["product"]["id"].to_string()).collect();
    assert_eq!(ids.len(), 1);
    assert!(running.iter().all(|reply| fault(reply) == "IDEMPOTENCY_IN_PROGRESS"), "{running:?}");
}

#[tokio::test]
async fn a_writer_who_saw_an_older_version_is_told_the_current_one() {
    let floor = Floor::open().await;
    let product = floor.product("Tea Pot", json!({})).await;
    let update = |brand: &str, seen: i64| json!({ "input": { "id": product["id"], "brand": brand, "expectedVersion": seen } });
    assert!(codes(&floor.admin().send(UPDATE, update("Acme", 1)).await).is_empty());
    let reply = floor.admin().send(UPDATE, update("Other", 1)).await;
    let error = &payload(&reply)["userErrors"][0];
    assert_eq!((&error["code"], &error["currentVersion"]), (&json!("VERSION_CONFLICT"), &json!(2)));
}

#[tokio::test]
async fn every_wrong_field_is_named_and_nothing_is_written() {
    let floor = Floor::open().await;
    let product = floor.product("Tea Pot", json!({})).await;
    let wrong = json!({
        "id": product["id"],
        "brand": "Acme",
        "slug": "Not A Slug",
        "variants": [{ "sku": "X", "prices": [{ "amount": "-1", "currency": "GBP" }] }],
        "categories": ["cat_01h2xcejqtf2nbrexx3vqjhp41"],
    });
    let reply = floor.admin().send(UPDATE, json!({ "input": wrong })).await;
    let found: Vec<_> =
        payload(&reply)["userErrors"].as_array().unwrap().iter().map(|e| e["path"].clone()).collect();
    assert_eq!(
        found,
        [
            json!(["input", "slug"]),
            json!(["input", "categories", "0"]),
            json!(["input", "variants", "0", "prices", "0", "amount"]),
            json!(["input", "variants", "0", "options"]),
        ]
    );
    let query = "query($id: ID!) { product(id: $id) { version brand } }";
    let reply = floor.admin().send(query, json!({ "id": product["id"] })).await;
    assert_eq!(reply["data"]["product"], json!({ "version": 1, "brand": null }));
}

#[tokio::test]
async fn events_tell_the_whole_product_less_what_is_private() {
    let floor = Floor::open().await;
    let private = json!([{ "key": "cost", "value": "1.20" }]);
    let product = floor.product("Tea Pot", json!({ "privateMetadata": private })).await;
    floor.admin().send(UPDATE, json!({ "input": { "id": product["id"], "brand": "Acme" } })).await;
    let delete = "mutation($id: ID!) { productDelete(input: { id: $id }) { deletedId userErrors { code } } }";
    let reply = floor.admin().send(delete, json!({ "id": product["id"] })).await;
    assert_eq!(payload(&reply)["deletedId"], product["id"]);
    let events = floor.catalog.events(Topic::Product).await.unwrap();
    let told: Vec<_> = events.iter().map(|event| (event.kind.as_str(), event.sequence)).collect();
    assert_eq!(told, [("product.created", 1), ("product.updated", 2), ("product.deleted", 3)]);
    assert_eq!(events[1].data["brand"], "Acme");
    assert!(!events.iter().any(|event| event.data.to_string().contains("1.20")));
    let query = "query($id: ID!) { product(id: $id) { id } }";
    let reply = floor.admin().send(query, json!({ "id": product["id"] })).await;
    assert_eq!(reply["data"]["product"], json!(null));
    floor.product("Tea Pot", json!({ "slug": "tea-pot" })).await;
}

/// The path of the only refusal of a call.
fn path(reply: &serde_json::Value) -> String {
    let errors = payload(reply)["userErrors"].as_array().unwrap();
    assert_eq!(errors.len(), 1, "{reply}");
    let steps = errors[0]["path"].as_array().unwrap();
    steps.iter().map(|step| step.as_str().unwrap()).collect::<Vec<_>>().join(".")
}

#[tokio::test]
async fn a_refusal_names_the_very_entry_that_it_speaks_of() {
    let floor = Floor::open().await;
    let taken = json!([{ "sku": "TAKEN", "externalReference": "v" }]);
    floor.product("Holder", json!({ "externalReference": "p", "slug": "holder", "variants": taken })).await;
    let sizes = json!([{ "name": "Size", "values": ["S", "M", "L"] }]);
    let variant = |size: &str, more: serde_json::Value| {
        let mut variant = json!({ "options": [{ "name": "Size", "value": size }] });
        crate::shop_floor::merge(&mut variant, more);
        variant
    };
    let gbp = |amount: &str| json!({ "amount": amount, "currency": "GBP" });
    let second = |more: serde_json::Value| json!([variant("S", json!({})), variant("M", more)]);
    let long = "9".repeat(65);
    let cases = [
        (json!({ "variants": second(json!({ "sku": " TAKEN " })) }), "input.variants.1.sku"),
        (
            json!({ "variants": second(json!({ "externalReference": "v" })) }),
            "input.variants.1.externalReference",
        ),
        (json!({ "variants": second(json!({ "barcode": long })) }), "input.variants.1.barcode"),
        (
            json!({ "variants": second(json!({ "prices": [gbp("1.00"), gbp("2.00")] })) }),
            "input.variants.1.prices.1",
        ),
        (
            json!({ "variants": second(json!({ "prices": [{ "amount": "1", "compareAt": "1", "currency": "GBP" }] })) }),
            "input.variants.1.prices.0.compareAt",
        ),
        (
            json!({ "variants": [variant("S", json!({})), variant("S", json!({}))] }),
            "input.variants.1.options",
        ),
        (json!({ "variants": [variant("XL", json!({}))] }), "input.variants.0.options"),
        (json!({ "externalReference": "p" }), "input.externalReference"),
        (json!({ "slug": "holder" }), "input.slug"),
        (
            json!({ "options": [{ "name": "Size", "values": ["S"] }, { "name": "Colour", "values": [] }] }),
            "input.options.1",
        ),
        (json!({ "tags": ["good", ""] }), "input.tags.1"),
        (json!({ "attributes": [{ "code": "none", "values": ["x"] }] }), "input.attributes.0"),
        (json!({ "translations": [{ "locale": "de" }, { "locale": "??" }] }), "input.translations.1"),
        (json!({ "shops": ["shop_01h2xcejqtf2nbrexx3vqjhp41"] }), "input.shops"),
    ];
    for (fields, expected) in cases {
        let mut input = json!({ "company": floor.company, "name": "New" });
        if fields.get("variants").is_some() {
            input["options"] = sizes.clone();
        }
        crate::shop_floor::merge(&mut input, fields);
        let reply = floor.admin().send(CREATE, json!({ "input": input })).await;
        assert_eq!(path(&reply), expected, "{input}");
    }
    let two = json!({ "options": sizes, "variants": [variant("S", json!({})), variant("M", json!({ "sku": "OWN" }))] });
    let product = floor.product("Shirt", two).await;
    let added = json!([variant("L", json!({})), { "id": product["variants"][0]["id"], "sku": "OWN" }]);
    let reply =
        floor.admin().send(UPDATE, json!({ "input": { "id": product["id"], "variants": added } })).await;
    assert_eq!(path(&reply), "input.variants.1.sku");
    let fewer = json!([{ "name": "Size", "values": ["S", "L"] }]);
    let reply =
        floor.admin().send(UPDATE, json!({ "input": { "id": product["id"], "options": fewer } })).await;
    assert_eq!(path(&reply), "input.options");
}
