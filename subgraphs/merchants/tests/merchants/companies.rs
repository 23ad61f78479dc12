//! Companies: created, read, changed, deactivated and back, by those who may.

use futures::future::join_all;
use serde_json::{Value as Json, json};

use crate::market::{Market, codes, company, create_company, faults, id, with};

const UPDATE: &str = "mutation($input: CompanyUpdateInput!) { companyUpdate(input: $input) {
    company { version name slug logo settings { currency acceptedCurrencies } }
    userErrors { code path currentVersion } } }";

fn switch(verb: &str) -> String {
    format!(
        "mutation($id: ID!, $version: Int!) {{ company{verb}(input: {{ id: $id, expectedVersion: $version }}) {{
            company {{ active version }} userErrors {{ code path currentVersion }} }} }}"
    )
}

#[tokio::test]
async fn everything_that_is_said_of_a_company_reads_back() {
    let market = Market::open().await;
    let owner = "user_01h2xcejqtf2nbrexx3vqjhp41";
    let input = with(
        company("nour"),
        json!({
            "name": "Nour Ltd",
            "logo": "https://nour.example/logo.png",
            "description": "Lamps",
            "contact": { "email": "hello@nour.example", "phone": "+971 4 123 4567", "website": "https://nour.example/" },
            "address": { "line1": "Al Fahidi 1", "city": "Dubai", "country": "ae",
                         "coordinates": { "latitude": 25.2637, "longitude": 55.2972 } },
            "branding": { "primaryColor": "#FFAA00", "tagline": "Light" },
            "settings": { "currency": "AED", "acceptedCurrencies": ["AED", "USD"], "locales": ["ar-ae", "en"],
                          "timeZone": "Asia/Dubai", "taxRatePpm": 50_000, "pricesIncludeTax": false },
            "plan": { "tier": "BUSINESS", "status": "TRIALING", "expiresAt": "2026-03-10T09:00:00Z" },
            "owner": owner,
            "externalReference": "erp-7",
            "privateMetadata": [{ "key": "segment", "value": "gold" }],
        }),
    );
    assert_eq!(codes(&create_company(&market.platform(), input).await), Vec::<String>::new());
    let reply = market
        .platform()
        .send(
            "{ company(slug: \"nour\") { name slug logo description contact { email phone website }
               address { line1 line2 city country coordinates { latitude longitude } }
               branding { primaryColor tagline } settings { currency acceptedCurrencies locales timeZone taxRatePpm
               pricesIncludeTax } plan { tier status expiresAt } owner { id } externalReference
               privateMetadata { key value } active version } }",
            json!({}),
        )
        .await;
    assert_eq!(
        reply,
        json!({ "data": { "company": {
            "name": "Nour Ltd", "slug": "nour", "logo": "https://nour.example/logo.png", "description": "Lamps",
            "contact": { "email": "hello@nour.example", "phone": "+97141234567", "website": "https://nour.example/" },
            "address": { "line1": "Al Fahidi 1", "line2": null, "city": "Dubai", "country": "AE",
                         "coordinates": { "latitude": 25.2637, "longitude": 55.2972 } },
            "branding": { "primaryColor": "#ffaa00", "tagline": "Light" },
            "settings": { "currency": "AED", "acceptedCurrencies": ["AED", "USD"], "locales": ["ar-AE", "en"],
                          "timeZone": "Asia/Dubai", "taxRatePpm": 50_000, "pricesIncludeTax": false },
            // The clock of tests stands at this very expiry.
            "plan": { "tier": "BUSINESS", "status": "EXPIRED", "expiresAt": "2026-03-10T09:00:00+00:00" },
            "owner": { "id": owner }, "externalReference": "erp-7",
            "privateMetadata": [{ "key": "segment", "value": "gold" }], "active": true, "version": 1 } } })
    );
}

#[tokio::test]
async fn a_wrong_company_is_told_all_that_is_wrong() {
    let market = Market::open().await;
    let input = with(
        company("No Slug!"),
        json!({ "name": "", "address": { "line1": "x", "city": "y", "country": "ZZ" },
                "contact": { "email": "nowhere" } }),
    );
    let reply = create_company(&market.platform(), input).await;
    assert_eq!(
        reply["data"]["companyCreate"],
        json!({ "company": null, "userErrors": [
            { "code": "INVALID", "path": ["input", "slug"] },
            { "code": "REQUIRED", "path": ["input", "name"] },
            { "code": "INVALID", "path": ["input", "contact", "email"] },
            { "code": "INVALID", "path": ["input", "address", "country"] } ] })
    );
}

#[tokio::test]
async fn omitted_fields_stay_null_clears_and_a_passed_version_is_a_conflict() {
    let market = Market::open().await;
    let update = async |input: Json| {
        let input = with(json!({ "id": market.bazaar }), input);
        market.platform().send(UPDATE, json!({ "input": input })).await["data"]["companyUpdate"].clone()
    };
    let first =
        update(json!({ "expectedVersion": 1, "logo": "https://b.example/l.png", "name": "Bazaar" })).await;
    assert_eq!((&first["company"]["version"], &first["company"]["name"]), (&json!(2), &json!("Bazaar")));
    let stale = update(json!({ "expectedVersion": 1, "name": "Basar" })).await;
    assert_eq!(
        stale["userErrors"],
        json!([{ "code": "VERSION_CONFLICT", "path": ["input", "expectedVersion"], "currentVersion": 2 }])
    );
    let cleared =
        update(json!({ "expectedVersion": 2, "logo": null, "settings": { "currency": "GBP" } })).await;
    assert_eq!(
        cleared["company"],
        json!({ "version": 3, "name": "Bazaar", "slug": "bazaar", "logo": null,
                "settings": { "currency": "GBP", "acceptedCurrencies": ["GBP"] } })
    );
    let unchanged = update(json!({ "expectedVersion": 3, "name": "Bazaar" })).await;
    assert_eq!(unchanged["company"]["version"], 3, "what changes nothing is no change");
    let nameless = update(json!({ "expectedVersion": 3, "name": null })).await;
    assert_eq!(nameless["userErrors"][0]["code"], "REQUIRED");
}

#[tokio::test]
async fn slugs_and_references_are_unique() {
    let market = Market::open().await;
    let platform = market.platform();
    let taken = create_company(&platform, company("bazaar")).await;
    assert_eq!(codes(&taken), ["SLUG_TAKEN"]);
    let referenced = |slug: &str| with(company(slug), json!({ "externalReference": "erp-1" }));
    assert_eq!(codes(&create_company(&platform, referenced("a")).await), Vec::<String>::new());
    assert_eq!(codes(&create_company(&platform, referenced("b")).await), ["EXTERNAL_REFERENCE_TAKEN"]);
    let renamed = platform
        .send(UPDATE, json!({ "input": { "id": market.souq, "expectedVersion": 1, "slug": "bazaar" } }))
        .await;
    assert_eq!(codes(&renamed), ["SLUG_TAKEN"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_who_want_one_slug_one_gets_it() {
    let market = Market::open().await;
    let attempts = (0..20).map(|_| {
        let platform = market.platform();
        tokio::spawn(async move { create_company(&platform, company("wanted")).await })
    });
    let replies = join_all(attempts).await;
    let refused = replies.iter().filter(|reply| codes(reply.as_ref().unwrap()) == ["SLUG_TAKEN"]).count();
    assert_eq!(refused, 19);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_updates_for_one_version_one_takes_effect() {
    let market = Market::open().await;
    let attempts = (0..20).map(|n| {
        let (platform, id) = (market.platform(), market.bazaar);
        let input = json!({ "id": id, "expectedVersion": 1, "name": format!("Name {n}") });
        tokio::spawn(async move { platform.send(UPDATE, json!({ "input": input })).await })
    });
    let replies = join_all(attempts).await;
    let conflicts =
        replies.iter().filter(|reply| codes(reply.as_ref().unwrap()) == ["VERSION_CONFLICT"]).count();
    assert_eq!(conflicts, 19);
}

#[tokio::test]
async fn a_creation_that_is_sent_again_answers_the_first_outcome() {
    let market = Market::open().await;
    let platform = market.platform();
    let keyed = with(company("twice"), json!({ "idempotencyKey": "k1" }));
    let first = create_company(&platform, keyed.clone()).await;
    assert_eq!(create_company(&platform, keyed).await, first);
    let other = with(company("thrice"), json!({ "idempotencyKey": "k1" }));
    assert_eq!(faults(&create_company(&platform, other).await), ["companyCreate IDEMPOTENCY_KEY_REUSED"]);
}

#[tokio::test]
async fn a_deactivated_company_is_seen_by_its_staff_alone_and_comes_back() {
    let market = Market::open().await;
    let look = "query($id: ID!, $shop: ID!) { company(id: $id) { name active } bySlug: company(slug: \"bazaar\") { id }
                 shop(id: $shop) { name company { name } } companies { nodes { slug } } shops { nodes { slug } } }";
    let vars = json!({ "id": market.bazaar, "shop": market.mitte });
    let off =
        market.platform().send(&switch("Deactivate"), json!({ "id": market.bazaar, "version": 1 })).await;
    assert_eq!(
        off["data"]["companyDeactivate"],
        json!({ "company": { "active": false, "version": 2 }, "userErrors": [] })
    );
    for caller in [market.nobody(), market.customer(), market.rival()] {
        let reply = caller.send(look, vars.clone()).await;
        assert_eq!(
            reply,
            json!({ "data": { "company": null, "bySlug": null, "shop": null,
                "companies": { "nodes": [{ "slug": "souq" }] }, "shops": { "nodes": [{ "slug": "marina" }] } } })
        );
    }
    let admins = market.admin().send(look, vars.clone()).await;
    assert_eq!(admins["data"]["company"], json!({ "name": "bazaar", "active": false }));
    assert_eq!(admins["data"]["shop"], json!({ "name": "mitte", "company": { "name": "bazaar" } }));
    let again =
        market.platform().send(&switch("Deactivate"), json!({ "id": market.bazaar, "version": 2 })).await;
    assert_eq!(codes(&again), ["ALREADY_INACTIVE"]);

    let on =
        market.platform().send(&switch("Reactivate"), json!({ "id": market.bazaar, "version": 2 })).await;
    assert_eq!(on["data"]["companyReactivate"]["company"], json!({ "active": true, "version": 3 }));
    let reply = market.nobody().send(look, vars).await;
    assert_eq!(reply["data"]["shop"], json!({ "name": "mitte", "company": { "name": "bazaar" } }));
}

#[tokio::test]
async fn only_the_platform_writes_companies() {
    let market = Market::open().await;
    let version = json!({ "id": market.bazaar, "version": 1 });
    for (caller, code) in [
        (market.admin(), "FORBIDDEN"),
        (market.manager(), "FORBIDDEN"),
        (market.staff(), "FORBIDDEN"),
        (market.rival(), "FORBIDDEN"),
        (market.customer(), "FORBIDDEN"),
        (market.nobody(), "UNAUTHENTICATED"),
    ] {
        let created = create_company(&caller, company("mine")).await;
        assert_eq!(faults(&created), [format!("companyCreate {code}")]);
        let input = json!({ "id": market.bazaar, "expectedVersion": 1, "name": "Mine" });
        let updated = caller.send(UPDATE, json!({ "input": input })).await;
        assert_eq!(faults(&updated), [format!("companyUpdate {code}")]);
        for verb in ["Deactivate", "Reactivate"] {
            let switched = caller.send(&switch(verb), version.clone()).await;
            assert_eq!(faults(&switched), [format!("company{verb} {code}")]);
        }
    }
    let reply = market.platform().send("{ company(slug: \"bazaar\") { version } }", json!({})).await;
    assert_eq!(reply["data"]["company"]["version"], 1);
}

#[tokio::test]
async fn a_look_up_takes_one_name_of_the_company() {
    let market = Market::open().await;
    let input = with(company("ref"), json!({ "externalReference": "erp-9" }));
    let made = create_company(&market.platform(), input).await;
    let made = id(&made, "/data/companyCreate/company/id");
    for query in ["{ company { id } }", "{ company(id: \"x\", slug: \"ref\") { id } }"] {
        assert_eq!(faults(&market.nobody().send(query, json!({})).await), ["company BAD_USER_INPUT"]);
    }
    let by_reference = "{ company(externalReference: \"erp-9\") { id } }";
    let reply = market.platform().send(by_reference, json!({})).await;
    assert_eq!(reply["data"]["company"]["id"], made);
    let reply = market.nobody().send(by_reference, json!({})).await;
    assert_eq!(reply, json!({ "data": { "company": null } }), "references are for staff");
    let reply = market.nobody().send("{ company(id: \"nonsense\") { id } }", json!({})).await;
    assert_eq!(reply, json!({ "data": { "company": null } }));
}
