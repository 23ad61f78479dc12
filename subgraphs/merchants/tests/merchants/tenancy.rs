//! Who sees what: the public face, the staff's fields, and nothing of another tenant.

use serde_json::{Value as Json, json};
use souk_kit::testing::Caller;

use crate::market::{Market, codes, company, faults, new_company, new_shop, shop, with};

const COMPANY: &str = "query($id: ID!) { company(id: $id) { name plan { tier } owner { id } externalReference
    privateMetadata { key } settings { currency taxRatePpm pricesIncludeTax } } }";
const SHOP: &str =
    "query($id: ID!) { shop(id: $id) { name manager { id } staff { nodes { id } } externalReference
    privateMetadata { key } } }";

/// The staff's fields that came back null with `FORBIDDEN` or `UNAUTHENTICATED`, and the rest of the answer.
async fn refused(caller: &Caller, query: &str, id: Json) -> (Vec<String>, Json) {
    let mut reply = caller.send(query, json!({ "id": id })).await;
    let mut faults = faults(&reply);
    faults.sort();
    (faults, reply["data"].take())
}

#[tokio::test]
async fn staff_fields_of_a_public_company_are_null_one_by_one() {
    let market = Market::open().await;
    let fields = [
        "externalReference",
        "owner",
        "plan",
        "privateMetadata",
        "settings.pricesIncludeTax",
        "settings.taxRatePpm",
    ];
    for (caller, code) in [
        (market.nobody(), "UNAUTHENTICATED"),
        (market.customer(), "FORBIDDEN"),
        (market.rival(), "FORBIDDEN"),
        (market.manager(), "FORBIDDEN"),
        (market.staff(), "FORBIDDEN"),
    ] {
        let (faults, data) = refused(&caller, COMPANY, json!(market.bazaar)).await;
        assert_eq!(faults, fields.map(|field| format!("company.{field} {code}")));
        assert_eq!((&data["company"]["name"], &data["company"]["plan"]), (&json!("bazaar"), &Json::Null));
        assert_eq!(data["company"]["settings"]["currency"], "EUR");
    }
    for caller in [market.admin(), market.platform()] {
        let (faults, data) = refused(&caller, COMPANY, json!(market.bazaar)).await;
        assert_eq!((faults.len(), &data["company"]["plan"]["tier"]), (0, &json!("FREE")));
    }
}

#[tokio::test]
async fn staff_fields_of_a_public_shop_are_for_those_who_work_there() {
    let market = Market::open().await;
    let other = new_shop(&market.admin(), shop(market.bazaar, "wedding")).await;
    for (caller, code) in [
        (market.nobody(), "UNAUTHENTICATED"),
        (market.customer(), "FORBIDDEN"),
        (market.rival(), "FORBIDDEN"),
    ] {
        let (faults, data) = refused(&caller, SHOP, json!(market.mitte)).await;
        assert_eq!(
            faults,
            ["externalReference", "manager", "privateMetadata", "staff"].map(|f| format!("shop.{f} {code}"))
        );
        assert_eq!(data["shop"]["name"], "mitte");
    }
    for caller in [market.admin(), market.manager(), market.staff(), market.platform()] {
        assert_eq!(refused(&caller, SHOP, json!(market.mitte)).await.0, Vec::<String>::new());
    }
    for caller in [market.manager(), market.staff()] {
        assert_eq!(refused(&caller, SHOP, json!(other)).await.0.len(), 4, "they do not work in that shop");
    }
}

/// Whatever a rival does with an id answers as it would for an id that does not exist.
#[tokio::test]
async fn another_tenants_id_answers_like_one_that_does_not_exist() {
    let market = Market::open().await;
    let hidden = new_shop(&market.admin(), shop(market.bazaar, "hidden")).await;
    let off = "mutation($id: ID!) { shopDeactivate(input: { id: $id, expectedVersion: 1 }) { userErrors { code message path } } }";
    let reply = market.admin().send(off, json!({ "id": hidden })).await;
    assert_eq!(codes(&reply), Vec::<String>::new());

    let nowhere = "shop_01h2xcejqtf2nbrexx3vqjhp41";
    let queries = [
        "query($id: ID!) { shop(id: $id) { id } }",
        "query($id: ID!) { shops(where: { ids: [$id] }) { totalCount nodes { id } } }",
        "query($id: ID!) { _entities(representations: [{ __typename: \"Shop\", id: $id }]) { __typename } }",
        off,
        "mutation($id: ID!) { shopReactivate(input: { id: $id, expectedVersion: 2 }) { shop { id } userErrors { code message path } } }",
        "mutation($id: ID!) { shopUpdate(input: { id: $id, expectedVersion: 2, name: \"x\" }) { shop { id } userErrors { code message path } } }",
    ];
    for query in queries {
        let theirs = market.rival().send(query, json!({ "id": hidden })).await;
        let none = market.rival().send(query, json!({ "id": nowhere })).await;
        assert_eq!(theirs, none, "{query}");
    }
    let create = "mutation($input: ShopCreateInput!) { shopCreate(input: $input) { shop { id } userErrors { code message path } } }";
    let into = |company: Json| json!({ "input": { "company": company, "name": "x", "slug": "x", "kind": "ONLINE" } });
    let theirs = market.rival().send(create, into(json!(market.bazaar))).await;
    let none = market.rival().send(create, into(json!("comp_01h2xcejqtf2nbrexx3vqjhp41"))).await;
    assert_eq!((&theirs, codes(&theirs)), (&none, vec!["NOT_FOUND".to_owned()]));
}

/// A filter on what one may not read must not tell what it is.
#[tokio::test]
async fn filters_on_staff_fields_match_only_what_the_caller_reads_by_right() {
    let market = Market::open().await;
    let (owner, worker) = ("user_01h2xcejqtf2nbrexx3vqjhp41", "user_01h2xcejqtf2nbrexx3vqjhp42");
    let secret = with(company("secret"), json!({ "owner": owner, "externalReference": "erp-1" }));
    let secret = new_company(&market.platform(), secret).await;
    let staffed = with(
        shop(secret, "staffed"),
        json!({ "staff": [worker], "manager": owner, "externalReference": "erp-1" }),
    );
    new_shop(&market.platform(), staffed).await;
    let probes = [
        ("companies", json!({ "owner": [owner] })),
        ("companies", json!({ "externalReference": ["erp-1"] })),
        ("companies", json!({ "plan": ["FREE"], "slug": ["secret"] })),
        ("companies", json!({ "OR": [{ "owner": [owner] }] })),
        ("shops", json!({ "staff": [worker] })),
        ("shops", json!({ "manager": [owner] })),
        ("shops", json!({ "AND": [{ "externalReference": ["erp-1"] }] })),
        ("shops", json!({ "slug": ["staffed"], "NOT": { "NOT": { "staff": [worker] } } })),
        ("shops", json!({ "slug": ["staffed"], "OR": [{ "staff": [worker] }] })),
    ];
    for (list, filter) in probes {
        let kind = if list == "shops" { "ShopWhere" } else { "CompanyWhere" };
        let query = format!("query($where: {kind}) {{ {list}(where: $where) {{ totalCount }} }}");
        let count = async |caller: &Caller| {
            let reply = caller.send(&query, json!({ "where": filter })).await;
            reply["data"][list]["totalCount"].clone()
        };
        for caller in [market.nobody(), market.customer(), market.rival(), market.manager()] {
            assert_eq!(count(&caller).await, 0, "{list} {filter}");
        }
        assert_eq!(count(&market.platform()).await, 1, "{list} {filter}");
    }
}

/// What a filter on a hidden value does not hold for, it says nothing of either.
#[tokio::test]
async fn the_negation_of_a_filter_on_staff_fields_tells_nothing() {
    let market = Market::open().await;
    let reference = json!({ "externalReference": "till-1" });
    new_shop(&market.platform(), with(shop(market.bazaar, "marked"), reference)).await;
    let query = "query($where: ShopWhere) { shops(where: $where) { totalCount } }";
    let count = async |caller: &Caller, reference: &str| {
        let filter = json!({ "NOT": { "externalReference": [reference] } });
        caller.send(query, json!({ "where": filter })).await["data"]["shops"]["totalCount"].clone()
    };
    for caller in [market.nobody(), market.rival()] {
        assert_eq!(count(&caller, "till-1").await, count(&caller, "nothing").await);
    }
    assert_eq!(count(&market.admin(), "till-1").await, 2);
}
