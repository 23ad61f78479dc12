//! The schema as clients and the gateway see it.

use serde_json::{Value as Json, json};

use crate::market::Market;

/// What the specifications and the GraphQL library bring; its descriptions are not ours.
fn is_foreign(name: &str) -> bool {
    name.starts_with("__")
        || ["_Any", "_Entity", "_Service", "Boolean", "Float", "ID", "Int", "String", "DateTime"]
            .contains(&name)
}

const TYPES: &str = "{ __schema { types { kind name description
    fields(includeDeprecated: true) { name description type { kind } args { name description } }
    inputFields { name description } enumValues(includeDeprecated: true) { name description } } } }";

async fn types(market: &Market) -> Vec<Json> {
    let reply = market.nobody().send(TYPES, json!({})).await;
    let types = reply["data"]["__schema"]["types"].as_array().cloned().unwrap();
    types.into_iter().filter(|t| !is_foreign(t["name"].as_str().unwrap())).collect()
}

#[tokio::test]
async fn every_type_field_argument_and_value_has_a_description() {
    let market = Market::open().await;
    let mut bare = Vec::new();
    let mut check = |owner: &str, thing: &Json| {
        let name = thing["name"].as_str().unwrap();
        if thing["description"].as_str().unwrap_or_default().trim().is_empty() && !name.starts_with('_') {
            bare.push(format!("{owner}{name}"));
        }
    };
    for kind in types(&market).await {
        let name = kind["name"].as_str().unwrap();
        if !["Query", "Mutation"].contains(&name) {
            check("", &kind);
        }
        for list in ["fields", "inputFields", "enumValues"] {
            for member in kind[list].as_array().into_iter().flatten() {
                if member["name"].as_str().is_some_and(|name| name.starts_with('_')) {
                    continue;
                }
                check(&format!("{name}."), member);
                for argument in member["args"].as_array().into_iter().flatten() {
                    check(&format!("{name}.{}:", member["name"].as_str().unwrap()), argument);
                }
            }
        }
    }
    assert_eq!(bare, Vec::<String>::new());
}

/// Whoever reads a list may know how long it gets, or gets it in pages.
#[tokio::test]
async fn a_list_is_in_pages_or_says_how_long_it_is() {
    let market = Market::open().await;
    let query = "{ __schema { types { name fields { name description type { kind ofType { kind } } } } } }";
    let reply = market.nobody().send(query, json!({})).await;
    let (mut lists, mut unbounded) = (0, Vec::new());
    for kind in reply["data"]["__schema"]["types"].as_array().unwrap() {
        let name = kind["name"].as_str().unwrap();
        // Pages themselves, what a refusal says, and what the specification of federation brings.
        if name.ends_with("Connection") || name.ends_with("UserError") || name.starts_with("__") {
            continue;
        }
        for field in kind["fields"].as_array().into_iter().flatten() {
            let is_list = field["type"]["kind"] == "LIST" || field["type"]["ofType"]["kind"] == "LIST";
            if !is_list || ["userErrors", "_entities"].contains(&field["name"].as_str().unwrap()) {
                continue;
            }
            lists += 1;
            let text = field["description"].as_str().unwrap_or_default().to_lowercase();
            let bound =
                text.split_once("at most ").map(|(_, bound)| bound.split(|c: char| !c.is_ascii_digit()));
            let bound = bound.and_then(|mut digits| digits.next()?.parse::<u32>().ok());
            if bound.is_none_or(|bound| bound > 100) {
                unbounded.push(format!("{name}.{}", field["name"]));
            }
        }
    }
    assert_eq!(unbounded, Vec::<String>::new());
    assert!(lists > 8, "{lists}");
}

#[tokio::test]
async fn a_change_says_what_omitted_and_null_mean_of_each_field() {
    let market = Market::open().await;
    let query = "{ __schema { types { name inputFields { name description type { kind } } } } }";
    let reply = market.nobody().send(query, json!({})).await;
    let mut silent = Vec::new();
    for kind in reply["data"]["__schema"]["types"].as_array().unwrap() {
        let name = kind["name"].as_str().unwrap();
        let changes =
            ["UpdateInput", "DeactivateInput", "ReactivateInput"].iter().any(|end| name.ends_with(end));
        for field in kind["inputFields"].as_array().into_iter().flatten().filter(|_| changes) {
            let text = field["description"].as_str().unwrap_or_default().to_lowercase();
            let alternative = text.contains("instead of `id`");
            if field["type"]["kind"] != "NON_NULL"
                && !alternative
                && !(text.contains("omitted") && text.contains("null"))
            {
                silent.push(format!("{name}.{}", field["name"]));
            }
        }
    }
    assert_eq!(silent, Vec::<String>::new());
}

/// A dead subgraph must null only its own fields, so what refers to an entity may be null.
#[tokio::test]
async fn references_to_entities_are_nullable() {
    let market = Market::open().await;
    let query = "{ __schema { types { name fields { name type { kind name ofType { kind name ofType { kind name ofType { name } } } } } } } }";
    let reply = market.nobody().send(query, json!({})).await;
    let mut strict = Vec::new();
    for kind in reply["data"]["__schema"]["types"].as_array().unwrap() {
        for field in kind["fields"].as_array().into_iter().flatten() {
            let (mut wrapped, mut required) = (&field["type"], false);
            while !wrapped["ofType"].is_null() {
                required = wrapped["kind"] == "NON_NULL";
                wrapped = &wrapped["ofType"];
            }
            if required && wrapped["name"] == "User" {
                strict.push(format!("{}.{}", kind["name"], field["name"]));
            }
        }
    }
    assert_eq!(strict, Vec::<String>::new());
}

#[tokio::test]
async fn the_sdl_says_what_the_gateway_must_know() {
    let market = Market::open().await;
    let sdl = market.merchants.subgraph.sdl();
    for line in [
        "type Company @key(fields: \"id\")",
        "type Shop @key(fields: \"id\")",
        "type User @key(fields: \"id\", resolvable: false)",
        "type CompanyFacts @inaccessible",
        "type ShopFacts @inaccessible",
        "type PageInfo @shareable",
        "type MetadataEntry @shareable",
        "type ShopStaffConnection @shareable",
        "nodes: [User]!",
    ] {
        assert!(sdl.contains(line), "{line}\n{sdl}");
    }
    for field in ["companyFacts", "companyFactsBySlug", "shopFacts", "shopFactsBySlug"] {
        let after = sdl.split_once(&format!("\t{field}(")).map_or("", |(_, after)| after);
        let line = after.lines().find(|line| line.contains("): [")).unwrap_or_default();
        assert!(line.contains("@inaccessible"), "{field}: {line}");
    }
}
