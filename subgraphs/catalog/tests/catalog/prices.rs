//! Prices by context: currency, shop, customer group, quantity and instant.

use serde_json::{Value as Json, json};
use souk_kit::principal::Principal;
use souk_kit::testing::principals;

use crate::shop_floor::{Floor, codes, fault, payload};

const CREATE: &str = "mutation($input: PriceListCreateInput!) { priceListCreate(input: $input) {
    priceList { id version name } userErrors { code path } } }";
const SET: &str = "mutation($input: PriceListPricesSetInput!) { priceListPricesSet(input: $input) {
    writtenCount rows { userErrors { code } } userErrors { code } } }";
const PRICE: &str =
    "query($id: ID!, $shop: ID, $currency: CurrencyCode, $quantity: Int) { productVariant(id: $id) {
    price(shop: $shop, currency: $currency, quantity: $quantity) { amount { amount } priceListId } } }";

async fn list(floor: &Floor, variant: &Json, terms: Json, amount: &str, min_quantity: u32) {
    let mut input = json!({ "company": floor.company, "name": "List" });
    crate::shop_floor::merge(&mut input, terms);
    let reply = floor.admin().send(CREATE, json!({ "input": input })).await;
    let id = &payload(&reply)["priceList"]["id"];
    let price = json!({ "amount": amount, "currency": "GBP", "minQuantity": min_quantity });
    let input = json!({ "id": id, "prices": [{ "variant": variant, "price": price }] });
    let reply = floor.admin().send(SET, json!({ "input": input })).await;
    assert_eq!(payload(&reply)["writtenCount"], 1, "{reply}");
}

#[tokio::test]
async fn the_price_follows_the_context() {
    let floor = Floor::open().await;
    let [airport, other] = floor.shops;
    let variants = json!([{ "prices": [{ "amount": "10.00", "currency": "GBP" }] }]);
    let product = floor.product("Tea Pot", json!({ "variants": variants })).await;
    let variant = &product["variants"][0]["id"];
    list(&floor, variant, json!({ "shop": airport }), "12.00", 1).await;
    list(&floor, variant, json!({ "customerGroup": "trade" }), "8.00", 1).await;
    list(&floor, variant, json!({}), "9.00", 10).await;
    let ended = floor.catalog.stage.clock().now().to_rfc3339();
    list(&floor, variant, json!({ "validUntil": ended }), "1.00", 1).await;
    let Principal::User(mut trader) = principals::customer() else { panic!("customers are users") };
    trader.customer_groups = vec!["trade".into()];
    let trader = floor.caller(Principal::User(trader));
    let cases = [
        (floor.nobody(), json!({}), json!("10.00")),
        (floor.nobody(), json!({ "quantity": 10 }), json!("9.00")),
        (floor.nobody(), json!({ "shop": airport }), json!("12.00")),
        (floor.nobody(), json!({ "shop": other }), json!("10.00")),
        (trader.clone(), json!({}), json!("8.00")),
        (trader, json!({ "shop": airport }), json!("8.00")),
        (floor.nobody(), json!({ "currency": "EUR" }), Json::Null),
    ];
    for (caller, mut variables, expected) in cases {
        let asked = variables.to_string();
        crate::shop_floor::merge(&mut variables, json!({ "id": variant }));
        let reply = caller.send(PRICE, variables).await;
        assert_eq!(
            reply["data"]["productVariant"]["price"]["amount"]["amount"], expected,
            "{asked}: {reply}"
        );
    }
}

#[tokio::test]
async fn price_lists_are_for_staff() {
    let floor = Floor::open().await;
    let input = json!({ "input": { "company": floor.company, "name": "Trade" } });
    assert_eq!(fault(&floor.nobody().send(CREATE, input.clone()).await), "UNAUTHENTICATED");
    assert_eq!(codes(&floor.rival().send(CREATE, input.clone()).await), ["COMPANY_UNKNOWN"]);
    let reply = floor.admin().send(CREATE, input).await;
    let id = &payload(&reply)["priceList"]["id"];
    let query = "query($id: ID!) { priceList(id: $id) { name } }";
    assert_eq!(fault(&floor.nobody().send(query, json!({ "id": id })).await), "UNAUTHENTICATED");
    let reply = floor.rival().send(query, json!({ "id": id })).await;
    assert_eq!(reply["data"]["priceList"], Json::Null);
    let reply = floor.staff().send(query, json!({ "id": id })).await;
    assert_eq!(reply["data"]["priceList"]["name"], "Trade");
}

#[tokio::test]
async fn a_price_is_taken_out_of_its_list_and_the_others_stay() {
    let floor = Floor::open().await;
    let variants = json!([{ "sku": "pot", "prices": [{ "amount": "10.00", "currency": "GBP" }] }]);
    let product = floor.product("Tea Pot", json!({ "variants": variants })).await;
    let variant = &product["variants"][0]["id"];
    let input = json!({ "company": floor.company, "name": "Sale", "externalReference": "sale" });
    assert!(codes(&floor.admin().send(CREATE, json!({ "input": input })).await).is_empty());
    let price = |amount: &str, from: u32| json!({ "amount": amount, "currency": "GBP", "minQuantity": from });
    let prices = json!([{ "variant": variant, "price": price("9.00", 1) }, { "sku": "pot", "price": price("8.00", 5) }]);
    let input = json!({ "externalReference": "sale", "prices": prices });
    assert_eq!(payload(&floor.admin().send(SET, json!({ "input": input })).await)["writtenCount"], 1);
    let remove = "mutation($input: PriceListPricesRemoveInput!) { priceListPricesRemove(input: $input) {
        writtenCount rows { written userErrors { code path } } userErrors { code path } } }";
    let input = json!({ "externalReference": "sale", "idempotencyKey": "away",
        "prices": [{ "sku": "pot", "currency": "GBP" }] });
    let reply = floor.admin().send(remove, json!({ "input": input })).await;
    assert_eq!(payload(&reply)["rows"], json!([{ "written": true, "userErrors": [] }]), "{reply}");
    assert_eq!(floor.admin().send(remove, json!({ "input": input })).await, reply);
    for (quantity, expected) in [(1, "10.00"), (5, "8.00")] {
        let variables = json!({ "id": variant, "quantity": quantity });
        let reply = floor.nobody().send(PRICE, variables).await;
        assert_eq!(reply["data"]["productVariant"]["price"]["amount"]["amount"], expected, "{reply}");
    }
    let gone = json!({ "externalReference": "sale", "prices": [{ "sku": "pot", "currency": "EUR" }] });
    assert_eq!(payload(&floor.admin().send(remove, json!({ "input": gone })).await)["writtenCount"], 1);
    let unknown = json!({ "externalReference": "sale", "prices": [{ "sku": "cup", "currency": "GBP" }] });
    let reply = floor.admin().send(remove, json!({ "input": unknown })).await;
    let error = json!([{ "code": "VARIANT_UNKNOWN", "path": ["input", "prices", "0", "sku"] }]);
    assert_eq!(payload(&reply)["userErrors"], error);
    let many = json!({ "externalReference": "sale", "prices": vec![json!({ "sku": "pot", "currency": "GBP" }); 501] });
    assert_eq!(codes(&floor.admin().send(remove, json!({ "input": many })).await), ["TOO_MANY"]);
    let input = json!({ "company": floor.company, "externalReference": "sale", "prices": [] });
    assert_eq!(fault(&floor.staff().send(remove, json!({ "input": input })).await), "FORBIDDEN");
    assert_eq!(codes(&floor.rival().send(remove, json!({ "input": input })).await), ["NOT_FOUND"]);
}
