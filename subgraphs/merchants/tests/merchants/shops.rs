//! Shops: created, read, changed, deactivated and back, by those who may.

use futures::future::join_all;
use serde_json::{Value as Json, json};

use crate::market::{Market, codes, create_shop, faults, new_shop, shop, with};

const UPDATE: &str = "mutation($input: ShopUpdateInput!) { shopUpdate(input: $input) {
    shop { version name staff { nodes { id } } openingHours { weekly { day opens closes } } }
    userErrors { code path currentVersion } } }";

#[tokio::test]
async fn everything_that_is_said_of_a_shop_reads_back() {
    let market = Market::open().await;
    let (manager, worker) = ("user_01h2xcejqtf2nbrexx3vqjhp41", "user_01h2xcejqtf2nbrexx3vqjhp42");
    let input = with(
        shop(market.bazaar, "kreuzberg"),
        json!({
            "kind": "PHYSICAL",
            "description": "By the canal",
            "address": { "line1": "Ufer 1", "line2": " ", "city": "Berlin", "postalCode": "10997", "country": "DE",
                         "coordinates": { "latitude": 52.4965, "longitude": 13.4275 } },
            "contact": { "phone": "+49 30 123456" },
            "openingHours": {
                "weekly": [{ "day": "SATURDAY", "opens": "22:00", "closes": "02:00" },
                           { "day": "MONDAY", "opens": "09:00", "closes": "18:30" }],
                "exceptions": [{ "date": "2026-12-25", "note": "Christmas" },
                               { "date": "2026-12-24", "periods": [{ "opens": "09:00", "closes": "13:00" }] }],
            },
            "manager": manager,
            "staff": [worker, worker],
            "externalReference": "till-1",
            "privateMetadata": [{ "key": "rent", "value": "900" }],
        }),
    );
    let id = new_shop(&market.admin(), input).await;
    let reply = market
        .staff_of(id)
        .send(
            "query($id: ID!) { shop(id: $id) { slug kind description timeZone company { slug }
               address { line1 line2 city postalCode country coordinates { latitude longitude } }
               contact { email phone website }
               openingHours { weekly { day opens closes } exceptions { date periods { opens closes } note } }
               manager { id } staff { totalCount nodes { id } } externalReference privateMetadata { key value } active version } }",
            json!({ "id": id }),
        )
        .await;
    assert_eq!(
        reply,
        json!({ "data": { "shop": {
            "slug": "kreuzberg", "kind": "PHYSICAL", "description": "By the canal", "timeZone": "Europe/Berlin",
            "company": { "slug": "bazaar" },
            "address": { "line1": "Ufer 1", "line2": null, "city": "Berlin", "postalCode": "10997", "country": "DE",
                         "coordinates": { "latitude": 52.4965, "longitude": 13.4275 } },
            "contact": { "email": null, "phone": "+4930123456", "website": null },
            "openingHours": {
                "weekly": [{ "day": "MONDAY", "opens": "09:00", "closes": "18:30" },
                           { "day": "SATURDAY", "opens": "22:00", "closes": "02:00" }],
                "exceptions": [{ "date": "2026-12-24", "periods": [{ "opens": "09:00", "closes": "13:00" }], "note": null },
                               { "date": "2026-12-25", "periods": [], "note": "Christmas" }],
            },
            "manager": { "id": manager }, "staff": { "totalCount": 1, "nodes": [{ "id": worker }] }, "externalReference": "till-1",
            "privateMetadata": [{ "key": "rent", "value": "900" }], "active": true, "version": 1 } } })
    );
}

#[tokio::test]
async fn a_wrong_shop_is_told_all_that_is_wrong() {
    let market = Market::open().await;
    let input = with(
        shop(market.bazaar, "mitte"),
        json!({
            "kind": "PHYSICAL",
            "timeZone": "Berlin",
            "openingHours": { "weekly": [{ "day": "MONDAY", "opens": "09:00", "closes": "18:00" },
                                         { "day": "MONDAY", "opens": "17:00", "closes": "20:00" }],
                              "exceptions": [{ "date": "2026-12-25" }, { "date": "2026-12-25" }] },
        }),
    );
    let reply = create_shop(&market.admin(), input).await;
    assert_eq!(
        reply["data"]["shopCreate"]["userErrors"],
        json!([
            { "code": "ADDRESS_REQUIRED", "path": ["input", "address"] },
            { "code": "INVALID", "path": ["input", "timeZone"] },
            { "code": "HOURS_OVERLAP", "path": ["input", "openingHours", "weekly"] },
            { "code": "DUPLICATE", "path": ["input", "openingHours", "exceptions"] } ])
    );
}

#[tokio::test]
async fn staff_and_hours_are_replaced_as_a_whole() {
    let market = Market::open().await;
    let worker = "user_01h2xcejqtf2nbrexx3vqjhp41";
    let input = json!({ "id": market.mitte, "expectedVersion": 1, "staff": [worker],
        "openingHours": { "weekly": [{ "day": "MONDAY", "opens": "09:00", "closes": "18:00" }] } });
    let reply = market.admin().send(UPDATE, json!({ "input": input })).await;
    assert_eq!(reply["data"]["shopUpdate"]["shop"]["staff"]["nodes"], json!([{ "id": worker }]));
    let count = async |filter: Json| {
        let query = "query($where: ShopWhere) { shops(where: $where) { totalCount } }";
        let reply = market.platform().send(query, json!({ "where": filter })).await;
        reply["data"]["shops"]["totalCount"].clone()
    };
    assert_eq!(count(json!({ "staff": [worker] })).await, 1);
    assert_eq!(count(json!({ "openNow": null })).await, 1, "the other shop states no hours");
    let input = json!({ "id": market.mitte, "expectedVersion": 2, "staff": null, "openingHours": null });
    let reply = market.admin().send(UPDATE, json!({ "input": input })).await;
    assert_eq!(
        reply["data"]["shopUpdate"]["shop"],
        json!({ "version": 3, "name": "mitte", "staff": { "nodes": [] }, "openingHours": null })
    );
    assert_eq!(count(json!({ "staff": [worker] })).await, 0);
    assert_eq!(count(json!({ "staff": null })).await, 2);
    assert_eq!(count(json!({ "openNow": null })).await, 2);
}

#[tokio::test]
async fn slugs_and_references_are_unique_within_a_company() {
    let market = Market::open().await;
    let referenced =
        |company, slug: &str| with(shop(company, slug), json!({ "externalReference": "till-1" }));
    let platform = market.platform();
    assert_eq!(codes(&create_shop(&platform, shop(market.bazaar, "mitte")).await), ["SLUG_TAKEN"]);
    assert_eq!(codes(&create_shop(&platform, shop(market.souq, "mitte")).await), Vec::<String>::new());
    assert_eq!(codes(&create_shop(&platform, referenced(market.bazaar, "a")).await), Vec::<String>::new());
    assert_eq!(codes(&create_shop(&platform, referenced(market.souq, "a")).await), Vec::<String>::new());
    let taken = create_shop(&platform, referenced(market.bazaar, "b")).await;
    assert_eq!(codes(&taken), ["EXTERNAL_REFERENCE_TAKEN"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_who_want_one_slug_one_gets_it() {
    let market = Market::open().await;
    let attempts = (0..20).map(|n| {
        let admin = market.admin();
        let input = with(shop(market.bazaar, "wanted"), json!({ "idempotencyKey": format!("k{n}") }));
        tokio::spawn(async move { create_shop(&admin, input).await })
    });
    let replies = join_all(attempts).await;
    let refused = replies.iter().filter(|reply| codes(reply.as_ref().unwrap()) == ["SLUG_TAKEN"]).count();
    assert_eq!(refused, 19);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_key_makes_one_shop_however_many_send_it() {
    let market = Market::open().await;
    let admin = market.admin();
    let attempts = (0..20).map(|_| {
        let admin = admin.clone();
        let input = with(shop(market.bazaar, "once"), json!({ "idempotencyKey": "k" }));
        tokio::spawn(async move { create_shop(&admin, input).await })
    });
    let replies: Vec<_> = join_all(attempts).await.into_iter().map(Result::unwrap).collect();
    let (running, done): (Vec<_>, Vec<_>) =
        replies.iter().partition(|reply| faults(reply) == ["shopCreate IDEMPOTENCY_IN_PROGRESS"]);
    assert!(done[0]["data"]["shopCreate"]["shop"]["id"].is_string(), "{}", done[0]);
    assert!(done.iter().all(|reply| *reply == done[0]), "{done:?}");
    assert_eq!(running.len() + done.len(), 20);
}

#[tokio::test]
async fn a_deactivated_company_opens_no_shop_and_shows_none_that_it_opened() {
    let market = Market::open().await;
    let off = "mutation($id: ID!) { companyDeactivate(input: { id: $id, expectedVersion: 1 }) { userErrors { code } } }";
    market.platform().send(off, json!({ "id": market.bazaar })).await;
    assert_eq!(codes(&create_shop(&market.admin(), shop(market.bazaar, "late")).await), ["COMPANY_INACTIVE"]);
    let input = json!({ "id": market.mitte, "expectedVersion": 1, "name": "Mitte" });
    assert_eq!(codes(&market.admin().send(UPDATE, json!({ "input": input })).await), Vec::<String>::new());
    let reply =
        market.nobody().send("query($id: ID!) { shop(id: $id) { id } }", json!({ "id": market.mitte })).await;
    assert_eq!(reply["data"]["shop"], Json::Null, "a change of the shop does not bring it back");
}

#[tokio::test]
async fn shops_are_written_by_their_companys_admin() {
    let market = Market::open().await;
    let switch = |verb: &str| {
        format!(
            "mutation($id: ID!, $version: Int!) {{ shop{verb}(input: {{ id: $id, expectedVersion: $version }}) {{
                shop {{ active version }} userErrors {{ code }} }} }}"
        )
    };
    let input = json!({ "input": { "id": market.mitte, "expectedVersion": 1, "name": "Mine" } });
    for (caller, code) in [
        (market.manager(), "FORBIDDEN"),
        (market.staff(), "FORBIDDEN"),
        (market.customer(), "FORBIDDEN"),
        (market.nobody(), "UNAUTHENTICATED"),
    ] {
        assert_eq!(
            faults(&create_shop(&caller, shop(market.bazaar, "x")).await),
            [format!("shopCreate {code}")]
        );
        assert_eq!(faults(&caller.send(UPDATE, input.clone()).await), [format!("shopUpdate {code}")]);
        for verb in ["Deactivate", "Reactivate"] {
            let reply = caller.send(&switch(verb), json!({ "id": market.mitte, "version": 1 })).await;
            assert_eq!(faults(&reply), [format!("shop{verb} {code}")]);
        }
    }
    let admin = market.admin();
    let off = admin.send(&switch("Deactivate"), json!({ "id": market.mitte, "version": 1 })).await;
    assert_eq!(off["data"]["shopDeactivate"]["shop"], json!({ "active": false, "version": 2 }));
    let again = admin.send(&switch("Deactivate"), json!({ "id": market.mitte, "version": 2 })).await;
    assert_eq!(codes(&again), ["ALREADY_INACTIVE"]);
    let seen = "query($id: ID!) { shop(id: $id) { active } }";
    let id = json!({ "id": market.mitte });
    assert_eq!(market.customer().send(seen, id.clone()).await["data"]["shop"], Json::Null);
    assert_eq!(market.staff().send(seen, id).await["data"]["shop"]["active"], false);
    let on = admin.send(&switch("Reactivate"), json!({ "id": market.mitte, "version": 2 })).await;
    assert_eq!(on["data"]["shopReactivate"]["shop"], json!({ "active": true, "version": 3 }));
}

#[tokio::test]
async fn a_look_up_takes_an_id_or_a_company_and_a_name() {
    let market = Market::open().await;
    let nobody = market.nobody();
    let by_slug = "query($c: ID!, $slug: String!) { shop(company: $c, slug: $slug) { name } }";
    let reply = nobody.send(by_slug, json!({ "c": market.bazaar, "slug": "MITTE" })).await;
    assert_eq!(reply["data"]["shop"]["name"], "mitte");
    let reply = nobody.send(by_slug, json!({ "c": market.souq, "slug": "mitte" })).await;
    assert_eq!(reply["data"]["shop"], Json::Null);
    let reply = nobody.send(by_slug, json!({ "c": "nonsense", "slug": "mitte" })).await;
    assert_eq!(reply, json!({ "data": { "shop": null } }));
    for query in
        ["{ shop { id } }", "{ shop(slug: \"mitte\") { id } }", "{ shop(id: \"x\", slug: \"y\") { id } }"]
    {
        assert_eq!(faults(&nobody.send(query, json!({})).await), ["shop BAD_USER_INPUT"], "{query}");
    }
}

#[tokio::test]
async fn the_staff_of_a_shop_come_in_pages() {
    let market = Market::open().await;
    let mut everyone: Vec<String> = (0..7).map(|n| format!("user_01h2xcejqtf2nbrexx3vqjhp{n}{n}")).collect();
    let input = json!({ "id": market.mitte, "staff": everyone.iter().rev().collect::<Vec<_>>() });
    assert_eq!(codes(&market.admin().send(UPDATE, json!({ "input": input })).await), Vec::<String>::new());
    everyone.sort();
    let query = "query($id: ID!, $first: Int, $after: String, $last: Int, $before: String) { shop(id: $id) {
        staff(first: $first, after: $after, last: $last, before: $before) {
          totalCount nodes { id } edges { cursor node { id } }
          pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } }";
    let send = async |variables: Json| {
        let reply = market.staff().send(query, with(variables, json!({ "id": market.mitte }))).await;
        assert!(reply["errors"].is_null(), "{reply}");
        reply["data"]["shop"]["staff"].clone()
    };
    let ids = |page: &Json| -> Vec<String> {
        page["nodes"].as_array().unwrap().iter().map(|node| node["id"].as_str().unwrap().to_owned()).collect()
    };
    for (size, cursor, forward) in [("first", "after", true), ("last", "before", false)] {
        let (edge, more) =
            if forward { ("endCursor", "hasNextPage") } else { ("startCursor", "hasPreviousPage") };
        let (mut all, mut from) = (Vec::new(), Json::Null);
        loop {
            let page = send(json!({ size: 3, cursor: from })).await;
            assert_eq!(page["totalCount"], 7);
            let at = if forward { all.len() } else { 0 };
            all.splice(at..at, ids(&page));
            from = page["pageInfo"][edge].clone();
            if page["pageInfo"][more] == false {
                break;
            }
        }
        assert_eq!(all, everyone, "{size}");
    }
    let reply = market.staff().send(query, json!({ "id": market.mitte, "first": 101 })).await;
    assert_eq!(faults(&reply), ["shop.staff BAD_USER_INPUT"]);
    let foreign = market.nobody().send("{ shops { pageInfo { endCursor } } }", json!({})).await;
    let foreign = &foreign["data"]["shops"]["pageInfo"]["endCursor"];
    let reply = market.staff().send(query, json!({ "id": market.mitte, "after": foreign })).await;
    assert_eq!(faults(&reply), ["shop.staff BAD_USER_INPUT"]);
}
