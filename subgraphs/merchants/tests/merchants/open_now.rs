//! `openNow` as a field and as a filter: the filter's SQL must agree with the field's rules at every instant.

use chrono::{DateTime, TimeDelta};
use serde_json::{Value as Json, json};

use crate::market::{Market, new_shop, shop, with};

const LISTS: &str = "{ all: shops(first: 100) { nodes { slug openNow } }
    open: shops(first: 100, where: { openNow: true }) { nodes { slug openNow } totalCount }
    closed: shops(first: 100, where: { openNow: false }) { nodes { slug openNow } totalCount }
    unstated: shops(first: 100, where: { openNow: null }) { nodes { slug openNow } totalCount } }";

fn slugs(list: &Json, open: &Json) -> Vec<String> {
    let nodes = list["nodes"].as_array().unwrap().iter();
    nodes
        .filter(|node| node["openNow"] == *open)
        .map(|node| node["slug"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn the_filter_agrees_with_the_field_at_every_half_hour_around_a_change_of_clocks() {
    let market = Market::open().await;
    let every_day = |opens: &str, closes: &str| -> Vec<Json> {
        ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"]
            .map(|day| json!({ "day": day, "opens": opens, "closes": closes }))
            .to_vec()
    };
    // Berlin set its clocks forward on 2026-03-29; New York on 03-08; Beirut, at midnight, on 03-29.
    let zones = ["Europe/Berlin", "America/New_York", "Asia/Beirut", "Asia/Kathmandu", "UTC"];
    for (n, zone) in zones.iter().enumerate() {
        let hours = [
            json!({ "weekly": every_day("09:00", "18:00") }),
            json!({ "weekly": every_day("22:00", "02:30") }),
            json!({ "weekly": every_day("00:00", "00:00"),
                    "exceptions": [{ "date": "2026-03-29" }] }),
            json!({ "weekly": every_day("02:15", "02:45"),
                    "exceptions": [{ "date": "2026-03-28", "periods": [{ "opens": "20:00", "closes": "04:00" }] }] }),
            json!({ "weekly": [] }),
        ];
        for (m, hours) in hours.into_iter().enumerate() {
            let input = with(
                shop(market.bazaar, &format!("s{n}-{m}")),
                json!({ "timeZone": zone, "openingHours": hours }),
            );
            new_shop(&market.admin(), input).await;
        }
    }
    let clock = market.merchants.stage.clock();
    let from = DateTime::parse_from_rfc3339("2026-03-28T12:00:00Z").unwrap().to_utc();
    clock.advance(from - clock.now());
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..96 {
        let reply = market.nobody().send(LISTS, json!({})).await;
        let data = &reply["data"];
        for (list, state) in [("open", json!(true)), ("closed", json!(false)), ("unstated", Json::Null)] {
            assert_eq!(slugs(&data[list], &state), slugs(&data["all"], &state), "{list} at {}", clock.now());
            let found = data[list]["nodes"].as_array().unwrap().len();
            assert_eq!(data[list]["totalCount"], found, "{list} at {}", clock.now());
            assert_eq!(
                slugs(&data[list], &state).len(),
                found,
                "{list} holds only its own at {}",
                clock.now()
            );
        }
        seen.insert(slugs(&data["open"], &json!(true)).len());
        clock.advance(TimeDelta::minutes(30));
    }
    assert!(seen.len() > 3, "the test must see shops open and close: {seen:?}");
}

#[tokio::test]
async fn a_shop_tells_whether_it_is_open_at_any_instant() {
    let market = Market::open().await;
    let hours =
        json!({ "openingHours": { "weekly": [{ "day": "FRIDAY", "opens": "22:00", "closes": "02:00" }] } });
    let id = new_shop(&market.admin(), with(shop(market.bazaar, "night"), hours)).await;
    let query = "query($id: ID!) { shop(id: $id) {
        before: openNow(at: \"2026-07-03T19:59:00Z\") evening: openNow(at: \"2026-07-03T20:00:00Z\")
        night: openNow(at: \"2026-07-03T23:59:59Z\") after: openNow(at: \"2026-07-04T02:00:00+02:00\") } }";
    let reply = market.nobody().send(query, json!({ "id": id })).await;
    assert_eq!(
        reply["data"]["shop"],
        json!({ "before": false, "evening": true, "night": true, "after": false })
    );
}
