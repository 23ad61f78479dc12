//! The demo company and its shops, made through the API like any other.

use anyhow::Context;
use serde_json::{Map, Value, json};

use crate::platform::Client;
use crate::platform::client::user_errors;

const COMPANY: &str = include_str!("../../demo/company.json");
const SHOPS: &str = include_str!("../../demo/shops.json");

const COMPANY_CREATE: &str = "mutation DemoCompany($input: CompanyCreateInput!) {
  created: companyCreate(input: $input) { company { id } userErrors { code message } }
}";
const SHOP_CREATE: &str = "mutation DemoShop($input: ShopCreateInput!) {
  created: shopCreate(input: $input) { shop { id } userErrors { code message } }
}";

/// Makes them, and answers the company's id. Run again, it finds them made: the inputs carry idempotency keys.
pub(super) async fn make(client: &Client) -> anyhow::Result<String> {
    let input: Value = serde_json::from_str(COMPANY).context("demo/company.json")?;
    let made = client.ask(COMPANY_CREATE, json!({ "input": input })).await?;
    user_errors(created(&made)?)?;
    let company = made.pointer("/created/company/id").and_then(Value::as_str);
    let company = company.context("the demo company has no id")?;
    let shops: Vec<Map<String, Value>> = serde_json::from_str(SHOPS).context("demo/shops.json")?;
    for mut shop in shops {
        shop.insert("company".to_owned(), json!(company));
        let made = client.ask(SHOP_CREATE, json!({ "input": shop })).await?;
        user_errors(created(&made)?)?;
    }
    Ok(company.to_owned())
}

fn created(answer: &Value) -> anyhow::Result<&Value> {
    answer.get("created").context("the mutation answers nothing")
}
