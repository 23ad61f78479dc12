//! The internal operations: for service principals, in batches, in the order of the question.

use serde_json::json;
use souk_kit::testing::principals;

use crate::market::{Market, faults};

const FACTS: &str = "query($companies: [ID!]!, $slugs: [String!]!, $shops: [ID!]!, $company: ID!, $shopSlugs: [String!]!) {
    companyFacts(ids: $companies) { slug currency acceptedCurrencies locales timeZone taxRatePpm pricesIncludeTax active }
    companyFactsBySlug(slugs: $slugs) { slug name version }
    shopFacts(ids: $shops) { slug company kind timeZone active }
    shopFactsBySlug(company: $company, slugs: $shopSlugs) { slug } }";

#[tokio::test]
async fn services_get_facts_in_the_order_of_the_question() {
    let market = Market::open().await;
    let off = "mutation($id: ID!) { shopDeactivate(input: { id: $id, expectedVersion: 1 }) { userErrors { code } } }";
    market.admin().send(off, json!({ "id": market.mitte })).await;
    let _ = market.merchants.statements();
    let variables = json!({
        "companies": [market.souq, "comp_01h2xcejqtf2nbrexx3vqjhp41", "oops", market.bazaar],
        "slugs": ["souq", "none", "bazaar"],
        "shops": [market.mitte, market.marina, "oops"],
        "company": market.bazaar,
        "shopSlugs": ["marina", "mitte"],
    });
    let reply = market.merchants.caller(principals::service()).send(FACTS, variables.clone()).await;
    let facts = |slug: &str| {
        json!({ "slug": slug, "currency": "EUR", "acceptedCurrencies": ["EUR"], "locales": ["en"],
                "timeZone": "Europe/Berlin", "taxRatePpm": 0, "pricesIncludeTax": true, "active": true })
    };
    assert_eq!(
        reply,
        json!({ "data": {
            "companyFacts": [facts("souq"), null, null, facts("bazaar")],
            "companyFactsBySlug": [{ "slug": "souq", "name": "souq", "version": 1 }, null,
                                   { "slug": "bazaar", "name": "bazaar", "version": 1 }],
            "shopFacts": [
                { "slug": "mitte", "company": market.bazaar, "kind": "ONLINE", "timeZone": "Europe/Berlin", "active": false },
                { "slug": "marina", "company": market.souq, "kind": "ONLINE", "timeZone": "Europe/Berlin", "active": true },
                null],
            "shopFactsBySlug": [null, { "slug": "mitte" }] } })
    );
    assert_eq!(market.merchants.statements().len(), 4, "one query per field, however many ids");

    for caller in [market.platform(), market.admin(), market.nobody()] {
        let reply = caller.send("{ companyFacts(ids: []) { id } }", json!({})).await;
        assert!(reply["data"].is_null() && faults(&reply).len() == 1, "{reply}");
    }
}

#[tokio::test]
async fn a_batch_has_a_bound() {
    let market = Market::open().await;
    let ids = vec!["oops"; 101];
    let query = "query($ids: [ID!]!) { companyFacts(ids: $ids) { id } }";
    let reply = market.merchants.caller(principals::service()).send(query, json!({ "ids": ids })).await;
    assert_eq!(faults(&reply), ["companyFacts BAD_USER_INPUT"]);
}
