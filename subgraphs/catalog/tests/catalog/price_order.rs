//! Lists by price against their twin: what is filtered and sorted is what is shown, in every context.

use std::cmp::Reverse;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value as Json, json};
use souk_kit::principal::Principal;
use souk_kit::testing::{Caller, principals};

use crate::shop_floor::{Floor, payload};

/// Places of a shop and a group (the last of each stands for none), priority, hours of the window.
type Terms = (usize, usize, i32, Option<i64>, Option<i64>);
/// Places of a list (the last stands for base prices), a product and a variant; fewest units; amount.
type Price = (usize, usize, usize, u32, i64);

const GROUPS: [&str; 2] = ["trade", "vip"];
const PRODUCTS: usize = 6;
const LISTS: usize = 4;

fn scenario() -> impl Strategy<Value = (Vec<Terms>, Vec<Price>, (i64, i64))> {
    let hours = || prop::option::of(-2i64..4);
    let terms = (0usize..3, 0usize..3, -1i32..2, hours(), hours());
    let price = (0usize..=LISTS, 0..PRODUCTS, 0usize..2, 1u32..3, 0i64..12);
    (prop::collection::vec(terms, LISTS), prop::collection::vec(price, 4..30), (0i64..12, 0i64..12))
}

fn buyer(floor: &Floor, groups: &[&str]) -> Caller {
    let Principal::User(mut user) = principals::customer() else { panic!("customers are users") };
    user.customer_groups = groups.iter().map(ToString::to_string).collect();
    floor.caller(Principal::User(user))
}

fn terms(floor: &Floor, (shop, group, priority, from, until): &Terms) -> Json {
    let hour = |hours: i64| {
        let at = floor.catalog.stage.clock().now() + chrono::TimeDelta::hours(hours);
        at.to_rfc3339()
    };
    let until = until.filter(|until| from.is_none_or(|from| from < *until));
    json!({ "shop": floor.shops.get(*shop), "customerGroup": GROUPS.get(*group), "priority": priority,
        "validFrom": from.map(hour), "validUntil": until.map(hour) })
}

async fn fill(floor: &Floor, lists: &[Terms], prices: &[Price]) -> Vec<Json> {
    let create = "mutation($input: PriceListCreateInput!) { priceListCreate(input: $input) {
        priceList { id } userErrors { code path } } }";
    let mut ids = Vec::new();
    for one in lists {
        let mut input = json!({ "company": floor.company, "name": "List" });
        crate::shop_floor::merge(&mut input, terms(floor, one));
        let reply = floor.admin().send(create, json!({ "input": input })).await;
        ids.push(payload(&reply)["priceList"]["id"].clone());
    }
    let mut variants = Vec::new();
    for product in 0..PRODUCTS {
        let of = |variant: usize| {
            let own = prices.iter().filter(|price| (price.0, price.1, price.2) == (LISTS, product, variant));
            let mut by_tier = std::collections::BTreeMap::new();
            by_tier.extend(own.map(|price| (price.3, price.4)));
            let prices: Vec<_> = by_tier
                .into_iter()
                .map(|(min, amount)| json!({ "amount": amount.to_string(), "currency": "GBP", "minQuantity": min }))
                .collect();
            json!({ "options": [{ "name": "N", "value": variant.to_string() }], "prices": prices })
        };
        let fields =
            json!({ "options": [{ "name": "N", "values": ["0", "1"] }], "variants": [of(0), of(1)] });
        let made = floor.product(&format!("P{product}"), fields).await;
        variants.push([made["variants"][0]["id"].clone(), made["variants"][1]["id"].clone()]);
    }
    let set = "mutation($input: PriceListPricesSetInput!) { priceListPricesSet(input: $input) {
        rows { userErrors { code path } } userErrors { code path } } }";
    for (place, id) in ids.iter().enumerate() {
        let own = prices.iter().filter(|price| price.0 == place);
        let own: Vec<_> = own
            .map(|(_, product, variant, min, amount)| {
                let price = json!({ "amount": amount.to_string(), "currency": "GBP", "minQuantity": min });
                json!({ "variant": variants[*product][*variant], "price": price })
            })
            .collect();
        let reply = floor.admin().send(set, json!({ "input": { "id": id, "prices": own } })).await;
        let rows = payload(&reply)["rows"].as_array().unwrap();
        assert!(rows.iter().all(|row| row["userErrors"] == json!([])), "{reply}");
    }
    ids
}

/// The names of a list, page by page.
async fn walked(caller: &Caller, mut variables: Json, backward: bool) -> Vec<String> {
    let query = "query($company: ID!, $shop: ID, $where: ProductWhere, $sort: ProductSort, $first: Int,
        $after: String, $last: Int, $before: String) {
        products(company: $company, shop: $shop, where: $where, sort: $sort, first: $first, after: $after,
            last: $last, before: $before) {
            nodes { name } totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }";
    let (size, from, more, cursor) = if backward {
        ("last", "before", "hasPreviousPage", "startCursor")
    } else {
        ("first", "after", "hasNextPage", "endCursor")
    };
    variables[size] = json!(4);
    let mut pages: Vec<Vec<String>> = Vec::new();
    loop {
        let reply = caller.send(query, variables.clone()).await;
        let page = &reply["data"]["products"];
        let nodes = page["nodes"].as_array().unwrap_or_else(|| panic!("{reply}"));
        pages.push(nodes.iter().map(|node| node["name"].as_str().unwrap().to_owned()).collect());
        if page["pageInfo"][more] != json!(true) {
            let total = pages.iter().map(Vec::len).sum::<usize>();
            assert_eq!(page["totalCount"], json!(total), "{reply}");
            break;
        }
        variables[from] = page["pageInfo"][cursor].clone();
    }
    if backward {
        pages.reverse();
    }
    pages.concat()
}

/// What the list should be: all products with the prices that are shown of them, filtered and sorted here.
async fn twin(
    caller: &Caller,
    floor: &Floor,
    shop: &Json,
    range: Option<(i64, i64)>,
    upwards: bool,
) -> Vec<String> {
    let query = "query($company: ID!, $shop: ID) { products(company: $company, shop: $shop, first: 100) {
        nodes { id name price(shop: $shop) { amount { amount } } } } }";
    let reply = caller.send(query, json!({ "company": floor.company, "shop": shop })).await;
    let nodes = reply["data"]["products"]["nodes"].as_array().unwrap_or_else(|| panic!("{reply}"));
    let mut rows: Vec<(Option<i64>, String, String)> = nodes
        .iter()
        .map(|node| {
            let amount = node["price"]["amount"]["amount"].as_str();
            let pounds = amount.map(|amount| amount.split('.').next().unwrap().parse().unwrap());
            (pounds, node["id"].as_str().unwrap().to_owned(), node["name"].as_str().unwrap().to_owned())
        })
        .collect();
    if let Some((from, below)) = range {
        rows.retain(|(price, ..)| price.is_some_and(|price| from <= price && price < below));
    }
    if upwards {
        rows.sort_by_key(|(price, id, _)| (price.is_none(), *price, id.clone()));
    } else {
        rows.sort_by_key(|(price, id, _)| (price.is_none(), Reverse(*price), Reverse(id.clone())));
    }
    rows.into_iter().map(|(.., name)| name).collect()
}

async fn compare(floor: &Floor, (from, below): (i64, i64), when: &str) {
    let buyers = [floor.nobody(), buyer(floor, &["trade"]), buyer(floor, &["vip", "trade", "other"])];
    let shops = [json!(null), json!(floor.shops[0])];
    for (number, caller) in buyers.iter().enumerate() {
        for shop in &shops {
            for (range, upwards, backward) in [
                (None, true, false),
                (None, false, true),
                (Some((from, below)), false, false),
                (None, true, true),
            ] {
                let direction = if upwards { "ASC" } else { "DESC" };
                let mut variables = json!({ "company": floor.company, "shop": shop,
                    "sort": { "field": "PRICE", "direction": direction } });
                if let Some((from, below)) = range {
                    let price = json!({ "from": from.to_string(), "below": below.to_string() });
                    variables["where"] = json!({ "price": price });
                }
                let list = walked(caller, variables, backward).await;
                let expected = twin(caller, floor, shop, range, upwards).await;
                assert_eq!(
                    list, expected,
                    "{when}: buyer {number} in {shop}, {range:?} {direction} {backward}"
                );
            }
        }
    }
}

#[test]
fn a_list_by_price_is_the_list_of_shown_prices() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let config = Config { cases: 6, max_shrink_iters: 40, failure_persistence: None, ..Config::default() };
    let outcome = TestRunner::new(config).run(&scenario(), |(lists, prices, range)| {
        runtime.block_on(async {
            let floor = Floor::open().await;
            let ids = fill(&floor, &lists, &prices).await;
            compare(&floor, range, "at first").await;
            floor.catalog.stage.clock().advance(chrono::TimeDelta::hours(1));
            compare(&floor, range, "an hour later, with nothing done meanwhile").await;
            floor.catalog.stage.clock().advance(chrono::TimeDelta::hours(1));
            floor.run_jobs().await;
            compare(&floor, range, "two hours later").await;
            let mut changed = terms(&floor, &lists[1]);
            crate::shop_floor::merge(&mut changed, json!({ "id": ids[0], "priority": 5 }));
            let update = "mutation($input: PriceListUpdateInput!) { priceListUpdate(input: $input) {
                userErrors { code } } }";
            let reply = floor.admin().send(update, json!({ "input": changed })).await;
            assert_eq!(payload(&reply)["userErrors"], json!([]));
            let delete = "mutation($id: ID!) { priceListDelete(input: { id: $id }) { deletedId } }";
            payload(&floor.admin().send(delete, json!({ "id": ids[2] })).await);
            floor.consume("catalog.reprice").await;
            compare(&floor, range, "after a list changed and another went").await;
        });
        Ok(())
    });
    outcome.unwrap();
}

#[tokio::test]
async fn the_prices_of_a_deleted_list_go_with_it_and_a_computed_price_changes_no_version() {
    let floor = Floor::open().await;
    let lists =
        [(2, 2, 0, None, None), (2, 2, 1, Some(1), None), (2, 2, 0, None, None), (2, 2, 0, None, None)];
    let ids = fill(&floor, &lists, &[(LISTS, 0, 0, 1, 9), (0, 0, 0, 1, 5), (1, 0, 0, 1, 4)]).await;
    let query = "query($company: ID!) { products(company: $company, where: { nameStartsWith: \"P0\" }) {
        nodes { version variants { prices { nodes { priceListId } } } price { amount { amount } } } } }";
    let read = async || {
        let reply = floor.admin().send(query, json!({ "company": floor.company })).await;
        reply["data"]["products"]["nodes"][0].clone()
    };
    let before = read().await;
    floor.catalog.stage.clock().advance(chrono::TimeDelta::hours(2));
    floor.run_jobs().await;
    let later = read().await;
    assert_eq!(
        (&later["version"], &later["price"]["amount"]["amount"]),
        (&before["version"], &json!("4.00"))
    );
    let delete = "mutation($id: ID!) { priceListDelete(input: { id: $id }) { deletedId } }";
    payload(&floor.admin().send(delete, json!({ "id": ids[1] })).await);
    floor.consume("catalog.reprice").await;
    let after = read().await;
    let listed = json!([{ "priceListId": null }, { "priceListId": ids[0] }]);
    assert_eq!(
        (&after["variants"][0]["prices"]["nodes"], &after["price"]["amount"]["amount"]),
        (&listed, &json!("5.00"))
    );
    let events = floor.catalog.events(souk_kit::event::Topic::Product).await.unwrap();
    let last = events.iter().rfind(|event| event.kind == "product.updated").unwrap();
    assert_eq!((json!(last.sequence), last.data.get("offers")), (after["version"].clone(), None));
}
