//! Lists in pages, from the front and from the back, of one company and of all.

use serde_json::{Value as Json, json};
use souk_kit::testing::Caller;

use crate::shop_floor::{Floor, fault, merge, mutation, payload};

/// What a list has, read from the front and from the back in pages of two; both ways must agree with its count.
/// `query` names the list's field as `list` and takes `first`, `after`, `last` and `before`.
async fn walk(caller: &Caller, query: &str, variables: &Json, item: &str) -> Vec<Json> {
    let mut ways = Vec::new();
    for (size, from, more, end) in
        [("first", "after", "hasNextPage", "endCursor"), ("last", "before", "hasPreviousPage", "startCursor")]
    {
        let (mut found, mut cursor) = (Vec::new(), Json::Null);
        loop {
            let mut variables = variables.clone();
            merge(&mut variables, json!({ size: 2, from: cursor }));
            let reply = caller.send(query, variables).await;
            assert!(reply["errors"].is_null(), "{reply}");
            let mut list = &reply["data"];
            while list.get("pageInfo").is_none() {
                list = list
                    .as_object()
                    .and_then(|fields| fields.values().next())
                    .unwrap_or_else(|| panic!("{reply}"));
            }
            let mut page: Vec<Json> =
                list["nodes"].as_array().unwrap().iter().map(|node| node[item].clone()).collect();
            if size == "last" {
                page.reverse();
            }
            found.extend(page);
            if list["pageInfo"][more] != json!(true) {
                assert_eq!(list["totalCount"], found.len(), "{reply}");
                break;
            }
            cursor = list["pageInfo"][end].clone();
        }
        ways.push(found);
    }
    let mut back = ways.pop().unwrap();
    back.reverse();
    assert_eq!(ways[0], back, "both ways agree");
    back
}

const PAGING: &str = "$first: Int, $after: String, $last: Int, $before: String";
const PAGE: &str = "first: $first, after: $after, last: $last, before: $before";
const INFO: &str = "totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor }";

/// A query of a list with these arguments and nodes of these fields.
fn list(variables: &str, field: &str, arguments: &str, node: &str) -> String {
    format!("query({PAGING} {variables}) {{ {field}({PAGE} {arguments}) {{ {INFO} nodes {{ {node} }} }} }}")
}

async fn make(caller: &Caller, what: &str, input: Json) -> Json {
    let reply = caller.send(&mutation(what), json!({ "input": input })).await;
    assert_eq!(payload(&reply)["userErrors"], json!([]), "{reply}");
    payload(&reply).as_object().unwrap().values().next().unwrap().clone()
}

/// Categories `Kitchen > (Pots, Cups)` and `Garden` of our company, `Toys > Dolls` of the rival.
async fn grow(floor: &Floor) -> Vec<Json> {
    let mut ids: Vec<Json> = Vec::new();
    let ours = [("Kitchen", None), ("Pots", Some(0)), ("Garden", None), ("Cups", Some(0))];
    let theirs = [("Toys", None), ("Dolls", Some(4))];
    let all = ours.iter().map(|one| (floor.admin(), floor.company, one));
    let all = all.chain(theirs.iter().map(|one| (floor.rival(), floor.rival, one)));
    for (caller, company, (name, parent)) in all {
        let parent = parent.map_or(Json::Null, |place: usize| ids[place].clone());
        let input = json!({ "company": company, "name": name, "parent": parent, "externalReference": name });
        ids.push(make(&caller, "categoryCreate category { id }", input).await["id"].clone());
        floor.catalog.stage.clock().advance(chrono::TimeDelta::seconds(1));
    }
    ids
}

#[tokio::test]
async fn categories_are_listed_over_all_companies_and_within_one() {
    let floor = Floor::open().await;
    let ids = grow(&floor).await;
    let nobody = floor.nobody();
    let all = list("", "categories", "", "slug");
    let found = walk(&nobody, &all, &json!({}), "slug").await;
    let (ours, theirs) = (["kitchen", "pots", "cups", "garden"].as_slice(), ["toys", "dolls"].as_slice());
    let ours_first = floor.company.to_string() < floor.rival.to_string();
    let in_order = |ours, theirs| if ours_first { [ours, theirs].concat() } else { [theirs, ours].concat() };
    assert_eq!(found, in_order(ours, theirs), "trees by company, each category before those below it");
    let tops = list("", "categories", "parent: null", "slug");
    assert_eq!(walk(&nobody, &tops, &json!({}), "slug").await, in_order(&["kitchen", "garden"], &["toys"]));
    let below = list("$parent: ID", "categories", "parent: $parent", "slug");
    assert_eq!(walk(&nobody, &below, &json!({ "parent": ids[0] }), "slug").await, ["pots", "cups"]);
    let both = list("$parent: ID, $company: ID", "categories", "parent: $parent, company: $company", "slug");
    let elsewhere = json!({ "parent": ids[0], "company": floor.rival });
    assert!(walk(&nobody, &both, &elsewhere, "slug").await.is_empty());
    let named = list("$ids: [ID!]", "categories", "where: { ids: $ids }", "slug");
    assert_eq!(
        walk(&nobody, &named, &json!({ "ids": [ids[5], ids[1]] }), "slug").await,
        in_order(&["pots"], &["dolls"])
    );
    let children = format!(
        "query({PAGING}) {{ category(id: {}) {{ children({PAGE}) {{ {INFO} nodes {{ slug }} }} }} }}",
        ids[0]
    );
    assert_eq!(walk(&nobody, &children, &json!({}), "slug").await, ["pots", "cups"]);
}

#[tokio::test]
async fn categories_of_a_company_are_filtered_and_sorted() {
    let floor = Floor::open().await;
    let ids = grow(&floor).await;
    let query = list(
        "$company: ID, $where: CategoryWhere, $sort: CategorySort",
        "categories",
        "company: $company, where: $where, sort: $sort",
        "slug updatedAt",
    );
    let ask = |filter: Json, sort: Json| json!({ "company": floor.company, "where": filter, "sort": sort });
    let nobody = floor.nobody();
    let cases = [
        (json!(null), json!({ "field": "NAME" }), vec!["cups", "garden", "kitchen", "pots"]),
        (
            json!(null),
            json!({ "field": "CREATED_AT", "direction": "DESC" }),
            vec!["cups", "garden", "pots", "kitchen"],
        ),
        (json!({ "slug": ["pots", "toys"] }), json!(null), vec!["pots"]),
        (json!({ "externalReference": ["Garden"] }), json!(null), vec!["garden"]),
        (json!({ "NOT": { "nameStartsWith": "K" } }), json!(null), vec!["pots", "cups", "garden"]),
        (
            json!({ "OR": [{ "ids": [ids[3]] }, { "nameStartsWith": "gar" }] }),
            json!(null),
            vec!["cups", "garden"],
        ),
        (json!({ "OR": [] }), json!(null), vec![]),
    ];
    for (filter, sort, expected) in cases {
        assert_eq!(
            walk(&nobody, &query, &ask(filter.clone(), sort.clone()), "slug").await,
            expected,
            "{filter} {sort}"
        );
    }
    let latest =
        walk(&nobody, &query, &ask(json!(null), json!({ "field": "UPDATED_AT" })), "updatedAt").await;
    let since = json!({ "updatedAt": { "from": latest[2] } });
    assert_eq!(walk(&nobody, &query, &ask(since, json!(null)), "slug").await, ["cups", "garden"]);
    for wrong in [json!({ "where": { "slug": ["pots"] } }), json!({ "sort": { "field": "NAME" } })] {
        assert_eq!(fault(&nobody.send(&query, wrong).await), "BAD_USER_INPUT");
    }
}

#[tokio::test]
async fn attributes_and_their_choices_are_listed_in_pages() {
    let floor = Floor::open().await;
    let callers = [(floor.admin(), floor.company), (floor.rival(), floor.rival)];
    for (caller, company) in callers {
        for code in ["a", "b", "c"] {
            let input = json!({ "company": company, "code": code, "name": code, "kind": "CHOICE",
                "choices": ["red", "green", "blue"] });
            make(&caller, "attributeCreate attribute { id }", input).await;
        }
    }
    let all = list("", "attributes", "", "code");
    assert_eq!(walk(&floor.nobody(), &all, &json!({}), "code").await, ["a", "b", "c", "a", "b", "c"]);
    let own = list("$company: ID", "attributes", "company: $company", "code");
    assert_eq!(
        walk(&floor.nobody(), &own, &json!({ "company": floor.rival }), "code").await,
        ["a", "b", "c"]
    );
    let choices = format!(
        "query({PAGING}) {{ attributes(first: 1) {{ nodes {{ choices({PAGE}) {{ {INFO} nodes {{ value }} }} }} }} }}"
    );
    let reply = floor.nobody().send(&choices, json!({ "last": 2 })).await;
    let page = &reply["data"]["attributes"]["nodes"][0]["choices"];
    assert_eq!(page["nodes"], json!([{ "value": "green" }, { "value": "blue" }]), "{reply}");
    assert_eq!((&page["totalCount"], &page["pageInfo"]["hasPreviousPage"]), (&json!(3), &json!(true)));
}

#[tokio::test]
async fn collections_are_filtered_and_sorted_over_all_companies() {
    let floor = Floor::open().await;
    let mut ids = Vec::new();
    for (caller, company, name) in [
        (floor.admin(), floor.company, "Spring"),
        (floor.rival(), floor.rival, "Sale"),
        (floor.admin(), floor.company, "Autumn"),
    ] {
        let input = json!({ "company": company, "name": name, "externalReference": name });
        ids.push(make(&caller, "collectionCreate collection { id }", input).await["id"].clone());
        floor.catalog.stage.clock().advance(chrono::TimeDelta::seconds(1));
    }
    let update = "mutation($id: ID!) { collectionUpdate(input: { id: $id, content: { descriptionHtml: \"x\" } }) { userErrors { code } } }";
    payload(&floor.admin().send(update, json!({ "id": ids[0] })).await);
    let query = list(
        "$company: ID, $where: CollectionWhere, $sort: CollectionSort",
        "collections",
        "company: $company, where: $where, sort: $sort",
        "name",
    );
    let cases = [
        (json!({}), vec!["Autumn", "Sale", "Spring"]),
        (json!({ "sort": { "field": "CREATED_AT" } }), vec!["Spring", "Sale", "Autumn"]),
        (json!({ "sort": { "field": "UPDATED_AT", "direction": "DESC" } }), vec!["Spring", "Autumn", "Sale"]),
        (json!({ "where": { "nameStartsWith": "s" } }), vec!["Sale", "Spring"]),
        (json!({ "where": { "NOT": { "ids": [ids[1]] } } }), vec!["Autumn", "Spring"]),
        (json!({ "company": floor.company, "where": { "slug": ["sale", "autumn"] } }), vec!["Autumn"]),
        (json!({ "company": floor.company, "where": { "externalReference": ["Spring"] } }), vec!["Spring"]),
    ];
    for (variables, expected) in cases {
        assert_eq!(walk(&floor.nobody(), &query, &variables, "name").await, expected, "{variables}");
    }
    let wrong = json!({ "where": { "slug": ["sale"] } });
    assert_eq!(fault(&floor.nobody().send(&query, wrong).await), "BAD_USER_INPUT");
}

#[tokio::test]
async fn variants_are_found_by_what_scanners_and_other_systems_call_them() {
    let floor = Floor::open().await;
    let mut variants = Vec::new();
    for (name, values) in [("Cup", ["S", "L"]), ("Pot", ["S", "L"])] {
        let each = values.iter().map(|size| {
            json!({ "sku": format!("{name}-{size}"), "barcode": format!("400{size}"), "externalReference": format!("{name}{size}"),
                "options": [{ "name": "Size", "value": size }] })
        });
        let options = json!([{ "name": "Size", "values": values }]);
        floor.catalog.stage.clock().advance(chrono::TimeDelta::seconds(1));
        let product =
            floor.product(name, json!({ "options": options, "variants": each.collect::<Vec<_>>() })).await;
        variants.extend(product["variants"].as_array().unwrap().iter().map(|one| one["id"].clone()));
    }
    let draft = json!({ "status": "DRAFT", "variants": [{ "sku": "Secret", "barcode": "400S" }] });
    floor.product("Draft", draft).await;
    let query = list(
        "$company: ID, $where: ProductVariantWhere",
        "productVariants",
        "company: $company, where: $where",
        "sku",
    );
    let company = json!(floor.company);
    let cases = [
        (json!({}), vec!["Cup-S", "Cup-L", "Pot-S", "Pot-L"]),
        (json!({ "where": { "barcode": ["400S"] } }), vec!["Cup-S", "Pot-S"]),
        (json!({ "where": { "ids": [variants[3], variants[0]] } }), vec!["Cup-S", "Pot-L"]),
        (
            json!({ "company": company, "where": { "sku": ["Pot-L", "Cup-L", "Secret"] } }),
            vec!["Cup-L", "Pot-L"],
        ),
        (json!({ "company": company, "where": { "externalReference": ["PotS"] } }), vec!["Pot-S"]),
        (json!({ "company": company, "where": { "sku": ["Pot-L"], "barcode": ["400S"] } }), vec![]),
        (
            json!({ "company": company, "where": { "OR": [{ "sku": ["Pot-L"] }, { "barcode": ["400S"] }] } }),
            vec!["Cup-S", "Pot-S", "Pot-L"],
        ),
        (json!({ "company": floor.rival, "where": { "sku": ["Pot-L"] } }), vec![]),
    ];
    for (variables, expected) in cases {
        assert_eq!(walk(&floor.nobody(), &query, &variables, "sku").await, expected, "{variables}");
    }
    for wrong in [json!({ "sku": ["Pot-L"] }), json!({ "barcode": vec!["x"; 501] })] {
        assert_eq!(fault(&floor.nobody().send(&query, json!({ "where": wrong })).await), "BAD_USER_INPUT");
    }
}

#[tokio::test]
async fn integrators_find_products_by_what_is_unique_and_a_filter_has_a_budget() {
    let floor = Floor::open().await;
    for name in ["Cup", "Pot"] {
        let variants = json!([{ "sku": format!("SKU-{name}") }]);
        floor.product(name, json!({ "externalReference": name, "variants": variants })).await;
    }
    let query =
        list("$company: ID, $where: ProductWhere", "products", "company: $company, where: $where", "name");
    for filter in [
        json!({ "slug": ["Cup", "tray"] }),
        json!({ "externalReference": ["Cup"] }),
        json!({ "sku": ["SKU-Cup"] }),
        json!({ "NOT": { "sku": ["SKU-Pot"] } }),
    ] {
        let variables = json!({ "company": floor.company, "where": filter });
        assert_eq!(walk(&floor.nobody(), &query, &variables, "name").await, ["Cup"], "{filter}");
        assert_eq!(fault(&floor.nobody().send(&query, json!({ "where": filter })).await), "BAD_USER_INPUT");
    }
    let many =
        |count: usize| json!({ "company": floor.company, "where": { "OR": [{ "sku": vec!["x"; count] }] } });
    assert!(walk(&floor.nobody(), &query, &many(499), "name").await.is_empty());
    assert_eq!(fault(&floor.nobody().send(&query, many(500)).await), "BAD_USER_INPUT");
}

#[tokio::test]
async fn a_price_list_lists_its_prices_to_who_may_read_it() {
    let floor = Floor::open().await;
    let mut ids = Vec::new();
    for name in ["Trade", "Sale"] {
        let input = json!({ "company": floor.company, "name": name });
        ids.push(make(&floor.admin(), "priceListCreate priceList { id }", input).await["id"].clone());
    }
    let mut prices = Vec::new();
    for name in ["Cup", "Pot", "Tray"] {
        let sku = format!("SKU-{name}");
        floor.catalog.stage.clock().advance(chrono::TimeDelta::seconds(1));
        floor.product(name, json!({ "variants": [{ "sku": sku }] })).await;
        for (amount, from) in [("3.00", 1), ("2.00", 10)] {
            let price =
                json!({ "amount": amount, "compareAt": "4.00", "currency": "GBP", "minQuantity": from });
            prices.push(json!({ "sku": sku, "price": price }));
        }
    }
    for id in &ids {
        let input = json!({ "id": id, "prices": prices });
        make(&floor.admin(), "priceListPricesSet rows { written }", input).await;
    }
    let query = format!(
        "query($id: ID! {PAGING}) {{ priceList(id: $id) {{ prices({PAGE}) {{ {INFO} nodes {{
            minQuantity amount {{ amount }} compareAt {{ amount }} variant {{ sku }} }} }} }} }}"
    );
    let variables = json!({ "id": ids[0] });
    assert_eq!(walk(&floor.staff(), &query, &variables, "minQuantity").await, [1, 10, 1, 10, 1, 10]);
    let skus = walk(&floor.admin(), &query, &variables, "variant").await;
    assert_eq!((&skus[0], &skus[5]), (&json!({ "sku": "SKU-Cup" }), &json!({ "sku": "SKU-Tray" })));
    assert_eq!(fault(&floor.nobody().send(&query, variables.clone()).await), "UNAUTHENTICATED");
    let reply = floor.rival().send(&query, variables).await;
    assert_eq!(reply["data"]["priceList"], Json::Null);
    let lists = list("", "priceLists", "", "name");
    assert_eq!(walk(&floor.admin(), &lists, &json!({}), "name").await, ["Sale", "Trade"]);
    assert!(walk(&floor.rival(), &lists, &json!({}), "name").await.is_empty());

    let nested = "{ priceLists { nodes { prices(first: 100) { nodes { amount { amount } } } } } }";
    floor.admin().send(nested, json!({})).await;
    drop(floor.catalog.statements());
    let reply = floor.admin().send(nested, json!({})).await;
    assert_eq!(
        reply["data"]["priceLists"]["nodes"][1]["prices"]["nodes"].as_array().map(Vec::len),
        Some(6),
        "{reply}"
    );
    let statements = floor.catalog.statements();
    assert!(statements.len() <= 3, "lists, restrictions, products once: {statements:#?}");
}

#[tokio::test]
async fn the_shops_and_prices_of_a_product_come_in_pages() {
    let floor = Floor::open().await;
    let prices = ["GBP", "EUR", "USD"].map(|currency| json!({ "amount": "1.00", "currency": currency }));
    let fields = json!({ "shops": floor.shops, "variants": [{ "prices": prices }] });
    let id = floor.product("Cup", fields).await["id"].clone();
    let shops = format!(
        "query($id: ID! {PAGING}) {{ product(id: $id) {{ assortment {{ shops({PAGE}) {{ {INFO} nodes {{ id }} }} }} }} }}"
    );
    let mut own = floor.shops.map(|shop| json!(shop));
    own.sort_by_key(ToString::to_string);
    assert_eq!(walk(&floor.nobody(), &shops, &json!({ "id": id }), "id").await, own);
    let query = format!(
        "query($id: ID! {PAGING}) {{ product(id: $id) {{ variants {{ prices({PAGE}) {{ {INFO} nodes {{ amount {{ currency }} }} }} }} }} }}"
    );
    let reply = floor.admin().send(&query, json!({ "id": id, "first": 2 })).await;
    let page = &reply["data"]["product"]["variants"][0]["prices"];
    assert_eq!(
        (page["nodes"].as_array().map(Vec::len), &page["totalCount"]),
        (Some(2), &json!(3)),
        "{reply}"
    );
    let after = &page["pageInfo"]["endCursor"];
    let reply = floor.admin().send(&query, json!({ "id": id, "first": 2, "after": after })).await;
    let page = &reply["data"]["product"]["variants"][0]["prices"];
    assert_eq!(
        (page["nodes"].as_array().map(Vec::len), &page["pageInfo"]["hasNextPage"]),
        (Some(1), &json!(false))
    );
}
