//! Figures: what was counted, by hour and by day, in lists and pages.

use chrono::TimeDelta;
use serde_json::{Value as Json, json};
use souk_kit::event::Topic;
use souk_kit::testing::{Caller, principals};

use crate::storefront::{Storefront, click, list, product, search, view};

const DAY: (&str, &str) = ("2026-03-10T00:00:00Z", "2026-03-11T00:00:00Z");

#[tokio::test]
async fn what_visitors_do_is_counted() {
    let front = Storefront::open().await;
    let at = front.ago(30);
    let (tea, pot) = (product(1), product(2));
    front.owns(front.company, [1, 2]).await;
    front
        .track(
            1,
            &[
                view(1, at, &tea),
                view(2, at, &tea),
                search(3, at, "Tea", 2),
                click(4, at, 3, &pot, 2),
                list(5, at, "home"),
            ],
        )
        .await;
    front
        .track(
            2,
            &[
                view(6, at, &pot),
                search(7, at, "tea", 40),
                search(8, at, "xyzzy", 0),
                click(9, at, 7, &tea, 1),
            ],
        )
        .await;
    front.count().await;
    let all = front.everything().await;
    assert_eq!(
        all["totals"],
        json!({ "views": 3, "viewingSeconds": 7.5, "listViews": 1, "searches": 3, "searchesWithoutResults": 1,
                "resultClicks": 2, "visitors": 2, "productsCreated": 0, "productsPublished": 0,
                "shopsOpened": 0, "shopsClosed": 0 })
    );
    let nodes = |list: &str| all[list]["nodes"].clone();
    assert_eq!(
        nodes("topProducts"),
        json!([{ "product": { "id": tea }, "views": 2, "resultClicks": 1 }, { "product": { "id": pot }, "views": 1, "resultClicks": 1 }])
    );
    assert_eq!(nodes("topLists"), json!([{ "list": "home", "views": 1 }]));
    assert_eq!(nodes("popularSearches"), json!([{ "text": "tea", "searches": 2 }]));
    assert_eq!(nodes("searchesWithoutResults"), json!([{ "text": "xyzzy", "searches": 1 }]));
    let through = all["clickThrough"].as_array().unwrap();
    assert_eq!(through.len(), 40, "as far as results were shown");
    assert_eq!(through[0], json!({ "position": 1, "shown": 2, "clicks": 1, "rate": 0.5 }));
    assert_eq!(through[1], json!({ "position": 2, "shown": 2, "clicks": 1, "rate": 0.5 }));
    assert_eq!(through[39], json!({ "position": 40, "shown": 1, "clicks": 0, "rate": 0.0 }));
    // The end of what is asked lies days ahead: everything counts less, and a click three times a view.
    let scores: Vec<f64> = nodes("trendingProducts")
        .as_array()
        .unwrap()
        .iter()
        .map(|node| node["score"].as_f64().unwrap())
        .collect();
    assert_eq!(scores.len(), 2);
    assert!(
        (scores[0] * 4.0 - scores[1] * 5.0).abs() < 1e-9,
        "two views and a click beside one view and a click"
    );
}

/// As of a year of a large company, or of whoever makes visits up.
#[tokio::test]
async fn what_is_more_than_an_int_is_told_nonetheless() {
    let front = Storefront::open().await;
    front.owns(front.company, [1]).await;
    front.track(1, &[view(1, front.ago(30), &product(1)), search(2, front.ago(30), "Tea", 2)]).await;
    front.count().await;
    front.enlarge(5_000_000_000_500).await;
    let all = front.everything().await;
    assert_eq!(all["totals"]["viewingSeconds"], 5_000_000_000.5);
    assert_eq!(all["totals"]["views"], i32::MAX);
    assert_eq!(all["topProducts"]["nodes"][0]["views"], i32::MAX);
    assert_eq!(all["popularSearches"]["nodes"][0]["searches"], i32::MAX);
    assert_eq!(all["clickThrough"][0]["shown"], i32::MAX);
    assert!(all["trendingProducts"]["nodes"][0]["score"].as_f64().unwrap() > f64::from(i32::MAX));
}

#[tokio::test]
async fn late_events_count_in_the_hour_in_which_they_happened() {
    let front = Storefront::open().await;
    front.track(1, &[list(1, front.now(), "home"), view(2, front.ago(47 * 60), &product(1))]).await;
    front.count().await;
    front.track(2, &[view(3, front.ago(47 * 60), &product(1))]).await;
    front.count().await;
    let series = front.everything().await["series"]["nodes"].clone();
    let views: Vec<_> =
        series.as_array().unwrap().iter().filter(|point| point["figures"]["visitors"] != 0).collect();
    let point = |from: &str, views: i64, visitors: i64| json!({ "from": from, "figures": { "views": views, "searches": 0, "visitors": visitors } });
    assert_eq!(views, [&point("2026-03-08T10:00:00+00:00", 2, 2), &point("2026-03-10T09:00:00+00:00", 0, 1)]);
}

#[tokio::test]
async fn days_are_those_of_the_company_also_when_clocks_change() {
    // 2026-03-10 09:00 UTC and the days around it; New York's clocks went forward on 2026-03-08 at 07:00 UTC.
    let front = Storefront::open_in("America/New_York").await;
    let hours = [
        ("2026-03-08T04:30:00Z", 1),
        ("2026-03-08T05:00:00Z", 2),
        ("2026-03-09T03:59:00Z", 3),
        ("2026-03-09T04:00:00Z", 4),
    ];
    front.analytics.stage.clock().advance(-TimeDelta::hours(24));
    for (at, n) in hours {
        front.track(n, &[view(n.into(), at.parse().unwrap(), &product(1))]).await;
    }
    front.count().await;
    let range = ("2026-03-07T05:00:00Z", "2026-03-10T04:00:00Z");
    let fields =
        "timeZone series(interval: DAY) { totalCount nodes { from until figures { views visitors } } }";
    let found = front.figures(&front.admin(), range, fields).await;
    assert_eq!(found["timeZone"], "America/New_York");
    let day = |from: &str, until: &str, views: i64| json!({ "from": from, "until": until, "figures": { "views": views, "visitors": views } });
    assert_eq!(
        found["series"]["nodes"],
        json!([
            day("2026-03-07T05:00:00+00:00", "2026-03-08T05:00:00+00:00", 1),
            day("2026-03-08T05:00:00+00:00", "2026-03-09T04:00:00+00:00", 2),
            day("2026-03-09T04:00:00+00:00", "2026-03-10T04:00:00+00:00", 1),
        ]),
        "the day in the middle has 23 hours"
    );
}

/// Midnight in Kolkata is at half past an hour of UTC: that hour is the earlier day's alone.
#[tokio::test]
async fn totals_of_days_that_follow_each_other_share_no_hour() {
    let front = Storefront::open_in("Asia/Kolkata").await;
    let times = ["2026-03-09T18:10:00Z", "2026-03-09T18:50:00Z", "2026-03-09T19:00:00Z"];
    for (n, at) in (1..).zip(times) {
        front.track(n, &[view(n.into(), at.parse().unwrap(), &product(1))]).await;
    }
    front.count().await;
    let fields = "from until totals { views visitors } series(interval: DAY) { totalCount }";
    let cases = [
        ("2026-03-08T18:30:00Z", "2026-03-09T18:30:00Z", ("2026-03-08T19:00:00+00:00", 2)),
        ("2026-03-09T18:30:00Z", "2026-03-10T18:30:00Z", ("2026-03-09T19:00:00+00:00", 1)),
    ];
    for (from, until, (first, views)) in cases {
        let found = front.figures(&front.admin(), (from, until), fields).await;
        assert_eq!(found["from"], first);
        assert_eq!(found["totals"], json!({ "views": views, "visitors": views }), "from {from}");
        assert_eq!(found["series"]["totalCount"], 1, "from {from}");
    }
}

#[tokio::test]
async fn lists_and_series_are_paged() {
    let front = Storefront::open().await;
    let at = front.ago(10);
    front.owns(front.company, 1..=5).await;
    // Product n has n views; two of them have three.
    let mut events = Vec::new();
    for (n, views) in [(1, 1), (2, 2), (3, 3), (4, 3), (5, 5)] {
        events.extend((0..views).map(|view_n| view(n * 100 + view_n, at, &product(n))));
    }
    front.track(1, &events).await;
    front.count().await;
    let admin = front.admin();
    let page = |args: String| {
        format!(
            "topProducts({args}) {{ totalCount pageInfo {{ hasNextPage hasPreviousPage endCursor startCursor }} nodes {{ views product {{ id }} }} }}"
        )
    };
    let mut seen = Vec::new();
    let mut after = String::new();
    loop {
        let found =
            front.figures(&admin, DAY, &page(format!("first: 2{after}"))).await["topProducts"].clone();
        assert_eq!(found["totalCount"], 5);
        seen.extend(found["nodes"].as_array().unwrap().iter().map(|node| node["product"]["id"].clone()));
        if found["pageInfo"]["hasNextPage"] == false {
            break;
        }
        after = format!(", after: {}", found["pageInfo"]["endCursor"]);
    }
    assert_eq!(seen, [5, 3, 4, 2, 1].map(product).map(Json::from));
    let last = front.figures(&admin, DAY, &page("last: 2".into())).await["topProducts"].clone();
    assert_eq!(
        last["nodes"],
        json!([{ "views": 2, "product": { "id": product(2) } }, { "views": 1, "product": { "id": product(1) } }])
    );
    let series = front
        .figures(
            &admin,
            DAY,
            "series(interval: HOUR, last: 15) { totalCount nodes { from figures { views } } }",
        )
        .await["series"]
        .clone();
    assert_eq!((&series["totalCount"], series["nodes"].as_array().unwrap().len()), (&json!(24), 15));
    assert_eq!(series["nodes"][0], json!({ "from": "2026-03-10T09:00:00+00:00", "figures": { "views": 0 } }));
}

#[tokio::test]
async fn lists_are_told_with_their_views() {
    let front = Storefront::open().await;
    let [one, two] = front.shops;
    for (n, (shop, name)) in
        [(one, "home"), (one, "home"), (one, "sale"), (two, "sale"), (two, "sale")].into_iter().enumerate()
    {
        let mut input = front.input(1, &[list(n.try_into().unwrap(), front.now(), name)]);
        input["shop"] = json!(shop);
        front.send(input).await;
    }
    front.count().await;
    let lists = async |caller: Caller, args: &str| {
        let fields =
            format!("topLists({args}) {{ totalCount pageInfo {{ endCursor }} nodes {{ list views }} }}");
        front.figures(&caller, DAY, &fields).await["topLists"].clone()
    };
    let (home, sale) = (json!({ "list": "home", "views": 2 }), json!({ "list": "sale", "views": 3 }));
    let all = lists(front.admin(), "first: 1").await;
    assert_eq!((&all["totalCount"], &all["nodes"]), (&json!(2), &json!([sale])));
    let next = lists(front.admin(), &format!("after: {}", all["pageInfo"]["endCursor"])).await;
    assert_eq!(next["nodes"], json!([home]));
    let staff = front.caller(principals::shop_staff(front.company, &[one]));
    let own = lists(staff, "first: 9").await;
    assert_eq!(own["nodes"], json!([home, { "list": "sale", "views": 1 }]));
}

#[tokio::test]
async fn products_count_when_they_are_made_and_when_they_are_shown_first() {
    let front = Storefront::open().await;
    let event = |n: u32, kind: &str, sequence: i64, status: &str, time: &str| {
        let id = product(1);
        json!({
            "specversion": "1.0", "id": format!("evt_{n:026}"), "type": kind, "source": "/souk/catalog",
            "subject": id, "time": time, "datacontenttype": "application/json", "company": front.company,
            "actor": "service:test", "sequence": sequence, "schemaversion": 1, "correlation": "c",
            "data": { "id": id, "status": status },
        })
    };
    for told in [
        event(1, "product.created", 1, "draft", "2026-03-10T07:00:00Z"),
        event(2, "product.updated", 2, "active", "2026-03-10T08:00:00Z"),
        event(3, "product.updated", 3, "draft", "2026-03-10T08:10:00Z"),
        event(4, "product.updated", 4, "active", "2026-03-10T09:00:00Z"),
        event(4, "product.updated", 4, "active", "2026-03-10T09:00:00Z"),
    ] {
        front.hear(Topic::Product, &told).await;
    }
    front.count().await;
    let fields = "series(interval: HOUR) { nodes { figures { productsCreated productsPublished } } }";
    let range = ("2026-03-10T07:00:00Z", "2026-03-10T10:00:00Z");
    let found = front.figures(&front.admin(), range, fields).await;
    let hour = |created: i64, published: i64| json!({ "figures": { "productsCreated": created, "productsPublished": published } });
    assert_eq!(found["series"]["nodes"], json!([hour(1, 0), hour(0, 1), hour(0, 0)]));
}

#[tokio::test]
async fn ranges_are_bounded() {
    let front = Storefront::open().await;
    let query = "query($id: ID!, $from: DateTime!, $until: DateTime!) {
        _entities(representations: [{ __typename: \"Company\", id: $id }]) {
            ... on Company { analytics(from: $from, until: $until) {
              totals { views } series(interval: DAY) { totalCount } } } } }";
    for (from, until) in [
        ("2026-03-10T00:00:00Z", "2026-03-10T00:00:00Z"),
        ("2026-03-10T00:00:00Z", "2026-03-09T00:00:00Z"),
        ("2020-01-01T00:00:00Z", "2026-01-01T00:00:00Z"),
        // The last and the first hours that a timestamp can say have no date in every zone.
        ("+262142-12-31T20:00:00Z", "+262142-12-31T23:00:00Z"),
        ("-262143-01-01T00:00:00Z", "-262143-01-01T03:00:00Z"),
        ("9999-12-31T20:00:00Z", "+10000-01-01T00:00:00Z"),
        ("1969-12-31T23:00:00Z", "1970-01-01T01:00:00Z"),
    ] {
        let answer =
            front.admin().send(query, json!({ "id": front.company, "from": from, "until": until })).await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_USER_INPUT", "{answer}");
    }
    let ends =
        [("1970-01-01T00:00:00Z", "1970-01-01T01:00:00Z"), ("9999-12-31T20:00:00Z", "9999-12-31T23:59:59Z")];
    for range in ends {
        let found = front.figures(&front.admin(), range, "series(interval: DAY) { totalCount }").await;
        assert!(found["series"]["totalCount"].as_i64() > Some(0), "{found}");
    }
}
