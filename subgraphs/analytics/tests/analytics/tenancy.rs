//! Who sees whose figures.

use serde_json::{Value as Json, json};
use souk_kit::event::Topic;
use souk_kit::testing::{Caller, principals};

use crate::storefront::{Storefront, TRACK, click, list, product, product_event, view};

const DAY: (&str, &str) = ("2026-03-10T00:00:00Z", "2026-03-11T00:00:00Z");

#[tokio::test]
async fn figures_are_told_by_role() {
    let front = Storefront::open().await;
    let [one, two] = front.shops;
    for (n, shop) in [(1, Some(one)), (2, Some(two)), (3, Some(two)), (4, None)] {
        let mut input = front.input(n, &[view(n.into(), front.now(), &product(1))]);
        input["shop"] = json!(shop);
        front.send(input).await;
    }
    front.count().await;
    let views = async |caller: &Caller| {
        front.figures(caller, DAY, "totals { views visitors }").await["totals"]["views"].clone()
    };
    assert_eq!(views(&front.caller(principals::super_admin())).await, 4);
    assert_eq!(views(&front.admin()).await, 4);
    assert_eq!(views(&front.caller(principals::shop_manager(front.company, &[two]))).await, 2);
    assert_eq!(views(&front.caller(principals::shop_staff(front.company, &[one]))).await, 1);
    assert_eq!(views(&front.caller(principals::shop_staff(front.company, &[one, two]))).await, 3);
}

/// The products of both lists, page by page, each with the count that every page tells.
async fn products(front: &Storefront, caller: &Caller) -> [Vec<Json>; 2] {
    let mut lists = [Vec::new(), Vec::new()];
    for (name, found) in ["topProducts", "trendingProducts"].iter().zip(&mut lists) {
        let mut after = String::new();
        loop {
            let fields = format!(
                "{name}(first: 1{after}) {{ totalCount pageInfo {{ hasNextPage endCursor }} nodes {{ product {{ id }} }} }}"
            );
            let page = front.figures(caller, DAY, &fields).await[name].clone();
            for node in page["nodes"].as_array().unwrap() {
                found.push(json!([node["product"]["id"], page["totalCount"]]));
            }
            if page["pageInfo"]["hasNextPage"] == false {
                break;
            }
            after = format!(", after: {}", page["pageInfo"]["endCursor"]);
        }
    }
    lists
}

#[tokio::test]
async fn lists_hold_only_products_of_the_company_whatever_visitors_name() {
    let front = Storefront::open().await;
    front.owns(front.company, [1, 2]).await;
    front.owns(front.rival, [3]).await;
    let (own, deleted, foreign, made_up, late) = (1, 2, 3, 4, 5);
    let mut events = Vec::new();
    // The company's own have the fewest.
    for (n, views) in [(own, 3), (deleted, 1), (foreign, 5), (made_up, 4), (late, 2)] {
        let id = n * 100;
        events.extend((0..views).map(|view_n| view(id + view_n, front.now(), &product(n))));
        events.push(click(id + 50, front.now(), 9, &product(n), 1));
    }
    front.track(1, &events).await;
    front.hear(Topic::Product, &product_event(deleted, front.company, "product.deleted", 2)).await;
    front.count().await;
    let listed = |of: &[u128]| {
        let rows: Vec<_> = of.iter().map(|n| json!([product(*n), of.len()])).collect();
        [rows.clone(), rows]
    };
    for caller in [front.admin(), front.caller(principals::super_admin())] {
        assert_eq!(products(&front, &caller).await, listed(&[own, deleted]));
    }
    let last = "topProducts(last: 1) { totalCount nodes { views resultClicks product { id } } }";
    let last = front.figures(&front.admin(), DAY, last).await["topProducts"].clone();
    let node = json!({ "views": 1, "resultClicks": 1, "product": { "id": product(deleted) } });
    assert_eq!(last, json!({ "totalCount": 2, "nodes": [node] }));
    let totals = "totals { views resultClicks }";
    let totals = front.figures(&front.admin(), DAY, totals).await["totals"].clone();
    assert_eq!(totals, json!({ "views": 15, "resultClicks": 5 }), "whatever was looked at");

    // One is told of behind its views, and one changes hands.
    front.owns(front.company, [late]).await;
    front.hear(Topic::Product, &product_event(own, front.rival, "product.updated", 2)).await;
    front.count().await;
    assert_eq!(products(&front, &front.admin()).await, listed(&[late, deleted]));
}

#[tokio::test]
async fn others_are_refused_alike() {
    let front = Storefront::open().await;
    let of = |kind: &str| {
        format!(
            "query($id: ID!) {{ _entities(representations: [{{ __typename: \"{kind}\", id: $id }}]) {{
               ... on {kind} {{ analytics(from: \"2026-03-10T00:00:00Z\", until: \"2026-03-11T00:00:00Z\") {{ totals {{ views }} }} }} }} }}"
        )
    };
    let rival = front.caller(principals::company_admin(front.rival));
    let cases = [
        (rival.clone(), "FORBIDDEN"),
        (front.caller(principals::shop_manager(front.rival, &[front.rivals_shop])), "FORBIDDEN"),
        (front.caller(principals::customer()), "FORBIDDEN"),
        (front.caller(principals::nobody()), "UNAUTHENTICATED"),
    ];
    for (caller, code) in cases {
        for (kind, id) in [("Company", json!(front.company)), ("Shop", json!(front.shops[0]))] {
            let answer = caller.send(&of(kind), json!({ "id": id })).await;
            assert_eq!(answer["errors"][0]["extensions"]["code"], code, "{kind}: {answer}");
            assert_eq!(answer["data"]["_entities"][0]["analytics"], json!(null));
        }
    }
    // A shop of its own company, which it does not work in.
    let staff = front.caller(principals::shop_staff(front.company, &front.shops[..1]));
    let answer = staff.send(&of("Shop"), json!({ "id": front.shops[1] })).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "FORBIDDEN", "{answer}");
}

#[tokio::test]
async fn nothing_is_tracked_for_what_is_hidden_or_not_there() {
    let front = Storefront::open().await;
    let send = async |company: String, shop: Option<String>| {
        let input = json!({ "company": company, "shop": shop, "events": [list(1, front.now(), "home")] });
        let answer = front.visitor().send(TRACK, json!({ "input": input })).await;
        answer["data"]["track"]["userErrors"].clone()
    };
    let missing = |what: &str| json!([{ "code": "NOT_FOUND", "path": ["input", what] }]);
    let (company, shop) = (front.company.to_string(), front.shops[0].to_string());
    let no_company = "comp_01h2xcejqtf2nbrexx3vqjhp41".to_owned();
    for hidden in [front.closed.to_string(), no_company, "oops".to_owned(), shop.clone()] {
        assert_eq!(send(hidden, None).await, missing("company"));
    }
    let no_shop = "shop_01h2xcejqtf2nbrexx3vqjhp41".to_owned();
    for hidden in [front.rivals_shop.to_string(), no_shop, "oops".to_owned()] {
        assert_eq!(send(company.clone(), Some(hidden)).await, missing("shop"));
    }
    assert_eq!(send(company, Some(shop)).await, json!([]));
}
