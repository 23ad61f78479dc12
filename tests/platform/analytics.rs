//! What visitors do in a storefront reaches the figures, through the gateway, whatever is killed in between.

use std::time::{Duration, Instant};

use chrono::TimeDelta;
use serde_json::{Value, json};
use souk_kit::clock::Clock;

use crate::platform::{COMPANY, Platform, Shape};
use crate::side::Side;
use crate::souk::{BROWSER, Souk, http};

const TRACK: &str =
    "mutation($input: TrackInput!) { track(input: $input) { accepted dropped userErrors { code path } } }";
const FIGURES: &str = "query($slug: String!, $from: DateTime!, $until: DateTime!) { company(slug: $slug) {
    analytics(from: $from, until: $until) {
      timeZone totals { views visitors searches searchesWithoutResults resultClicks productsCreated shopsOpened }
      topProducts(first: 3) { totalCount nodes { views product { name } } }
      popularSearches { nodes { text searches } } } } }";

/// Sends a batch as a browser does.
async fn track(gateway: &Souk, input: &Value, header: Option<(&str, &str)>) -> Value {
    let mut request = http().post(gateway.url("/graphql")).header("user-agent", BROWSER);
    if let Some((name, value)) = header {
        request = request.header(name, value);
    }
    let body = json!({ "query": TRACK, "variables": { "input": input } });
    request.json(&body).send().await.unwrap().json().await.unwrap()
}

/// A random UUID for the `n`th event.
fn uuid(n: u32) -> String {
    format!("0198f0c2-6d1e-7aa0-9c5b-{n:012x}")
}

async fn figures(gateway: &Souk, token: &str) -> Value {
    let now = Clock::system().now();
    let (from, until) = (now - TimeDelta::days(3), now + TimeDelta::days(1));
    let variables = json!({ "slug": COMPANY, "from": from, "until": until });
    gateway.ask(Some(token), FIGURES, variables).await["company"]["analytics"].take()
}

/// The figures once they have these views.
async fn figures_with(gateway: &Souk, token: &str, views: u64) -> Value {
    let start = Instant::now();
    loop {
        let found = figures(gateway, token).await;
        // Who owns the products is told by events of their own.
        let has_products = found["topProducts"]["nodes"].as_array().is_some_and(|nodes| !nodes.is_empty());
        if found["totals"]["views"] == views && has_products {
            return found;
        }
        assert!(start.elapsed() < Duration::from_mins(2), "{views} views are not in {found}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

fn now() -> Value {
    json!(Clock::system().now())
}

fn view(n: u32, product: &Value) -> Value {
    json!({ "id": uuid(n), "occurredAt": now(), "productViewed": { "product": product, "durationMs": 1000 } })
}

#[tokio::test]
async fn what_visitors_do_is_counted_whoever_is_killed() {
    for side in Side::all() {
        visits_are_counted(side).await;
    }
}

async fn visits_are_counted(side: Side) {
    let mut platform = Platform::with_demo(side, Shape::Apart);
    let admin = platform.token("company-admin");
    let gateway = platform.gateway();
    let query =
        "query($slug: String!) { company(slug: $slug) { id products(first: 2) { nodes { id name } } } }";
    let found = gateway.ask(None, query, json!({ "slug": COMPANY })).await["company"].take();
    let products = found["products"]["nodes"].as_array().unwrap();
    let company = &found["id"];
    let input = |visitor: u32, events: &[Value]| json!({ "company": company, "visitor": format!("visitor-{visitor:012}"), "consent": true, "events": events });

    // A search, a click on its result and two views, by one who agrees and by one whose browser says no.
    let search = |n: u32, text: &str, count: u32| json!({ "id": uuid(n), "occurredAt": now(), "searchPerformed": { "search": uuid(n), "text": text, "resultCount": count } });
    let click = json!({ "id": uuid(3), "occurredAt": now(),
        "resultClicked": { "search": uuid(1), "product": products[0]["id"], "position": 1 } });
    let first = input(1, &[search(1, "Vase", 9), search(2, "xyzzy", 0), click, view(4, &products[0]["id"])]);
    let taken = json!({ "accepted": 4, "dropped": 0, "userErrors": [] });
    assert_eq!(track(gateway, &first, None).await["data"]["track"], taken);
    assert_eq!(track(gateway, &first, None).await["data"]["track"], taken, "sent again");
    let second = input(2, &[search(5, "my name", 1), view(6, &products[0]["id"])]);
    track(gateway, &second, Some(("Sec-GPC", "1"))).await;
    let counted = figures_with(gateway, &admin, 2).await;
    assert_eq!(
        (&counted["totals"]["visitors"], &counted["totals"]["searches"], &counted["totals"]["resultClicks"]),
        (&json!(1), &json!(3), &json!(1)),
        "{counted}"
    );
    assert_eq!(counted["popularSearches"]["nodes"], json!([{ "text": "vase", "searches": 1 }]));
    assert_eq!(
        counted["topProducts"]["nodes"],
        json!([{ "views": 2, "product": { "name": products[0]["name"] } }])
    );
    assert!(counted["totals"]["productsCreated"].as_u64().unwrap() > 400, "{counted}");

    // The worker is killed again and again while visitors go on.
    let mut views = 2;
    let mut n = 100;
    for round in 0..5 {
        for batch in 0..20 {
            let events: Vec<_> = (0..10)
                .map(|_| {
                    n += 1;
                    view(n, &products[1]["id"])
                })
                .collect();
            let batch = input(10 + batch % 7, &events);
            let answer = track(platform.gateway(), &batch, None).await;
            assert_eq!(answer["data"]["track"]["accepted"], 10, "{answer}");
            views += 10;
            if batch["events"][0]["id"].as_str().is_some_and(|id| id.ends_with('5')) {
                track(platform.gateway(), &batch, None).await;
            }
        }
        platform.kill("analytics-worker");
        platform.start("analytics-worker");
        let found = figures(platform.gateway(), &admin).await;
        assert!(found["totals"]["views"].as_u64().unwrap() <= views, "round {round}: {found}");
    }
    let counted = figures_with(platform.gateway(), &admin, views).await;
    assert_eq!(counted["totals"]["visitors"], 8, "{counted}");
    assert!(counted["totals"]["shopsOpened"].as_u64() > Some(0), "{counted}");
    println!(
        "counted: {side:?}: {views} views by {} visitors, the worker killed 5 times",
        counted["totals"]["visitors"]
    );

    // Rebuilding comes to the same figures. On embedded stores it wants the worker's place; on PostgreSQL the worker waits.
    if side == Side::Embedded {
        assert!(!platform.run(&["analytics", "rebuild"]).status.success());
        platform.terminate("analytics-worker");
    }
    let rebuilt = platform.succeeds(&["analytics", "rebuild"]);
    assert_eq!(figures(platform.gateway(), &admin).await, counted);
    println!("counted: {side:?}: {rebuilt}");
    // Taking all visits again would count those twice that nobody remembers.
    let replay = ["events", "replay", "--consumer", "analytics.fold-visits", "--from", "beginning"];
    let refused = platform.run(&replay);
    let reason = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success() && reason.contains("would count twice"), "{reason}");
}
