//! Lists: pages that neither skip nor repeat, filters whose three kinds of nothing differ, counts when asked for.

use serde_json::{Value as Json, json};

use crate::market::{Market, company, create_company, faults, new_shop, shop, with};

async fn many_shops(market: &Market, count: usize) {
    for n in 0..count {
        // Three share each name: the id decides among them.
        let input = with(shop(market.bazaar, &format!("s{n}")), json!({ "name": format!("Shop {}", n / 3) }));
        new_shop(&market.admin(), input).await;
        market.merchants.stage.clock().advance(chrono::TimeDelta::milliseconds(3));
    }
}

const PAGE: &str =
    "query($first: Int, $after: String, $last: Int, $before: String, $sort: ShopSort, $company: ID) {
    shops(company: $company, first: $first, after: $after, last: $last, before: $before, sort: $sort) {
      nodes { slug } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } totalCount } }";

fn turn(sort: &Json) -> &'static str {
    if sort["direction"] == "ASC" { "DESC" } else { "ASC" }
}

fn slugs(page: &Json) -> Vec<String> {
    let nodes = page["nodes"].as_array().unwrap_or_else(|| panic!("no nodes in {page}"));
    nodes.iter().map(|node| node["slug"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn pages_go_through_every_shop_once_in_both_directions() {
    let market = Market::open().await;
    many_shops(&market, 11).await;
    let sorts = ["NAME", "CREATED_AT"]
        .map(|field| ["ASC", "DESC"].map(|to| json!({ "field": field, "direction": to })));
    for sort in sorts.into_iter().flatten() {
        let send = async |variables: Json| {
            let variables = with(variables, json!({ "sort": sort, "company": market.bazaar }));
            market.nobody().send(PAGE, variables).await["data"]["shops"].clone()
        };
        let all = slugs(&send(json!({ "first": 100 })).await);
        assert_eq!(all.len(), 12);
        let turned = with(
            json!({ "first": 100 }),
            json!({ "sort": with(sort.clone(), json!({ "direction": turn(&sort) })) }),
        );
        let turned = market.nobody().send(PAGE, with(turned, json!({ "company": market.bazaar }))).await;
        assert!(slugs(&turned["data"]["shops"]).iter().rev().eq(&all), "{sort}: {turned}");
        let (mut forward, mut after) = (Vec::new(), Json::Null);
        loop {
            let page = send(json!({ "first": 5, "after": after })).await;
            assert_eq!(page["totalCount"], 12);
            forward.extend(slugs(&page));
            after = page["pageInfo"]["endCursor"].clone();
            if page["pageInfo"]["hasNextPage"] == false {
                break;
            }
        }
        assert_eq!(forward, all, "{sort}");
        let (mut backward, mut before) = (Vec::new(), Json::Null);
        loop {
            let page = send(json!({ "last": 5, "before": before })).await;
            backward.splice(0..0, slugs(&page));
            before = page["pageInfo"]["startCursor"].clone();
            if page["pageInfo"]["hasPreviousPage"] == false {
                break;
            }
        }
        assert_eq!(backward, all, "{sort}");
    }
}

#[tokio::test]
async fn a_page_that_is_too_large_or_not_of_this_list_is_refused() {
    let market = Market::open().await;
    let company_cursor = market.nobody().send("{ companies { pageInfo { endCursor } } }", json!({})).await;
    let cursor = company_cursor["data"]["companies"]["pageInfo"]["endCursor"].clone();
    for variables in [
        json!({ "first": 101 }),
        json!({ "first": -1 }),
        json!({ "first": 1, "last": 1 }),
        json!({ "first": 1, "after": "bm9uc2Vuc2U" }),
        json!({ "first": 1, "after": cursor, "sort": { "field": "CREATED_AT" } }),
    ] {
        let reply = market.nobody().send(PAGE, variables.clone()).await;
        assert_eq!(faults(&reply), ["shops BAD_USER_INPUT"], "{variables}");
    }
}

#[tokio::test]
async fn counting_costs_only_those_who_ask() {
    let market = Market::open().await;
    market.nobody().send("{ companies { nodes { slug } } }", json!({})).await;
    assert_eq!(market.merchants.statements().len(), 1);
    market.nobody().send("{ companies { totalCount } }", json!({})).await;
    assert_eq!(market.merchants.statements().len(), 2);
}

#[tokio::test]
async fn omitted_null_and_empty_are_three_different_things() {
    let market = Market::open().await;
    let placed =
        with(company("placed"), json!({ "address": { "line1": "x", "city": "Cairo", "country": "EG" } }));
    create_company(&market.platform(), placed).await;
    let found = async |filter: Json| {
        let query = "query($where: CompanyWhere) { companies(where: $where) { nodes { slug } } }";
        slugs(&market.platform().send(query, json!({ "where": filter })).await["data"]["companies"])
    };
    let cases = [
        (json!({}), vec!["bazaar", "placed", "souq"]),
        (Json::Null, vec!["bazaar", "placed", "souq"]),
        (json!({ "country": null }), vec!["bazaar", "souq"]),
        (json!({ "country": [] }), vec![]),
        (json!({ "country": ["eg", "DE"] }), vec!["placed"]),
        (json!({ "AND": [] }), vec!["bazaar", "placed", "souq"]),
        (json!({ "OR": [] }), vec![]),
        (json!({ "OR": [{ "slug": ["souq"] }, { "country": ["EG"] }] }), vec!["placed", "souq"]),
        (json!({ "AND": [{ "slug": ["souq", "placed"] }, { "country": null }] }), vec!["souq"]),
        (json!({ "ids": ["nonsense"] }), vec![]),
        (json!({ "NOT": {} }), vec![]),
        (json!({ "NOT": { "ids": ["nonsense"] } }), vec!["bazaar", "placed", "souq"]),
        (json!({ "NOT": { "country": ["EG"] } }), vec!["bazaar", "souq"]),
        (json!({ "NOT": { "country": null } }), vec!["placed"]),
        (json!({ "NOT": { "NOT": { "slug": ["souq"] } }, "nameContains": "s" }), vec!["souq"]),
        (
            json!({ "NOT": { "OR": [{ "slug": ["souq"] }, { "owner": ["nonsense"] }] } }),
            vec!["bazaar", "placed"],
        ),
        (json!({ "nameContains": "A" }), vec!["bazaar", "placed"]),
        (json!({ "nameContains": "%" }), vec![]),
        (json!({ "nameContains": "_" }), vec![]),
        (json!({ "currency": ["EUR"], "active": true, "plan": ["FREE"] }), vec!["bazaar", "placed", "souq"]),
        (json!({ "active": false }), vec![]),
        (json!({ "owner": null, "slug": ["SOUQ"] }), vec!["souq"]),
    ];
    for (filter, slugs) in cases {
        assert_eq!(found(filter.clone()).await, slugs, "{filter}");
    }
}

#[tokio::test]
async fn a_monstrous_filter_is_refused() {
    let market = Market::open().await;
    let denied = (0..12).fold(json!({}), |inner, _| json!({ "NOT": inner }));
    let deep = (0..12).fold(json!({}), |inner, _| json!({ "AND": [inner] }));
    let wide = json!({ "OR": (0..501).map(|_| json!({})).collect::<Vec<_>>() });
    let long = json!({ "slug": vec!["x"; 501] });
    let open = json!({ "OR": vec![json!({ "openNow": true }); 11] });
    for filter in [deep, denied, wide, long, open.clone()] {
        for (list, kind) in [("companies", "CompanyWhere"), ("shops", "ShopWhere")] {
            if list == "companies" && filter == open {
                continue;
            }
            let query = format!("query($where: {kind}) {{ {list}(where: $where) {{ nodes {{ id }} }} }}");
            let reply = market.nobody().send(&query, json!({ "where": filter })).await;
            assert_eq!(faults(&reply), [format!("{list} BAD_USER_INPUT")]);
        }
    }
    // The largest that is taken must still be answered.
    let largest = json!({ "OR": (0..250).map(|n| json!({ "slug": [format!("s{n}")] })).collect::<Vec<_>>() });
    let query = "query($where: ShopWhere) { shops(where: $where) { totalCount } }";
    let reply = market.nobody().send(query, json!({ "where": largest })).await;
    assert_eq!(reply, json!({ "data": { "shops": { "totalCount": 0 } } }));
}
