//! The schema as clients and the gateway see it.

use serde_json::{Value as Json, json};

use crate::shop_floor::Floor;

/// What the specifications and the GraphQL library bring; its descriptions are not ours.
fn is_foreign(name: &str) -> bool {
    name.starts_with('_') || ["Boolean", "Float", "ID", "Int", "String", "DateTime", "Upload"].contains(&name)
}

async fn types(floor: &Floor) -> Vec<Json> {
    let query = "{ __schema { types { kind name description
        fields(includeDeprecated: true) { name description args { name description type { name } }
            type { kind name ofType { kind name ofType { kind name ofType { kind name } } } } }
        inputFields { name description } enumValues(includeDeprecated: true) { name description } } } }";
    let reply = floor.nobody().send(query, json!({})).await;
    let types = reply["data"]["__schema"]["types"].as_array().cloned().unwrap();
    types.into_iter().filter(|one| !is_foreign(one["name"].as_str().unwrap())).collect()
}

#[tokio::test]
async fn every_type_field_argument_and_value_has_a_description() {
    let floor = Floor::open().await;
    let mut bare = Vec::new();
    let mut check = |owner: &str, thing: &Json| {
        let name = thing["name"].as_str().unwrap();
        if thing["description"].as_str().unwrap_or_default().trim().is_empty() && !is_foreign(name) {
            bare.push(format!("{owner}{name}"));
        }
    };
    for kind in types(&floor).await {
        let name = kind["name"].as_str().unwrap();
        if !["Query", "Mutation"].contains(&name) {
            check("", &kind);
        }
        for list in ["fields", "inputFields", "enumValues"] {
            for member in kind[list].as_array().into_iter().flatten() {
                check(&format!("{name}."), member);
                let of_field = !is_foreign(member["name"].as_str().unwrap());
                for argument in member["args"].as_array().into_iter().flatten().filter(|_| of_field) {
                    check(&format!("{name}.{}:", member["name"].as_str().unwrap()), argument);
                }
            }
        }
    }
    assert_eq!(bare, Vec::<String>::new());
}

/// A dead subgraph must null only its own fields: what refers to another's entity may be null, and so may each
/// item of a list of them.
#[tokio::test]
async fn references_to_entities_of_others_are_nullable() {
    let floor = Floor::open().await;
    let (mut strict, mut seen) = (Vec::new(), 0);
    for kind in types(&floor).await {
        for field in kind["fields"].as_array().into_iter().flatten() {
            let (mut wrapped, mut required) = (&field["type"], false);
            while !wrapped["ofType"].is_null() {
                required = wrapped["kind"] == "NON_NULL";
                wrapped = &wrapped["ofType"];
            }
            if ["Company", "Shop"].contains(&wrapped["name"].as_str().unwrap_or_default()) {
                seen += 1;
                if required {
                    strict.push(format!("{}.{}", kind["name"], field["name"]));
                }
            }
        }
    }
    assert_eq!(strict, Vec::<String>::new());
    assert!(seen >= 6, "only {seen} references were looked at");
}

/// Every field that shows, filters or sorts by price takes the context of prices.
#[tokio::test]
async fn what_goes_by_price_takes_currency_and_shop() {
    let floor = Floor::open().await;
    let (mut without, mut seen) = (Vec::new(), 0);
    for kind in types(&floor).await {
        for field in kind["fields"].as_array().into_iter().flatten() {
            let names: Vec<_> = field["args"]
                .as_array()
                .into_iter()
                .flatten()
                .map(|one| one["name"].as_str().unwrap())
                .collect();
            let by_price = field["args"]
                .as_array()
                .into_iter()
                .flatten()
                .any(|one| one["type"]["name"] == "ProductSort");
            if by_price || field["type"]["name"] == "ProductPrice" {
                seen += 1;
                if !["currency", "shop"].iter().all(|one| names.contains(one) || kind["name"] == "Shop") {
                    without.push(format!("{}.{}", kind["name"], field["name"]));
                }
            }
        }
    }
    assert_eq!(without, Vec::<String>::new());
    assert!(seen >= 7, "only {seen} fields were looked at");
}

/// Every list that is no connection, with how many items it has at most. A list is a connection unless what is
/// written bounds it at 100 or less; the bound is said in the field's description.
const PLAIN_LISTS: [(&str, usize); 28] = [
    ("AttributeValue.values", 100),
    ("Category.metadata", 100),
    ("Category.privateMetadata", 100),
    ("Category.translations", 50),
    ("Collection.metadata", 100),
    ("Collection.privateMetadata", 100),
    ("Collection.translations", 50),
    ("CollectionRuleSet.rules", 50),
    ("Product.attributes", 100),
    ("Product.categories", 50),
    ("Product.features", 50),
    ("Product.formerSlugs", 20),
    ("Product.media", 100),
    ("Product.metadata", 100),
    ("Product.options", 5),
    ("Product.privateMetadata", 100),
    ("Product.tags", 100),
    ("Product.translations", 50),
    ("Product.variants", 100),
    ("ProductOption.values", 100),
    ("ProductSpecifications.lines", 100),
    ("ProductVariant.attributes", 100),
    ("ProductVariant.media", 100),
    ("ProductVariant.metadata", 100),
    ("ProductVariant.options", 5),
    ("ProductVariant.privateMetadata", 100),
    ("Query.productStates", 100),
    ("Translation.features", 50),
];

/// Lists that nothing pages: as many as the client gave, as there are mistakes in its input, or as a tree is deep; and what
/// another part of ours takes whole, which no client can ask for.
fn is_no_list_of_what_is_stored(coordinate: &str) -> bool {
    let (_, field) = coordinate.split_once('.').unwrap();
    field.starts_with('_')
        || field == "userErrors"
        || ["CatalogUserError.path", "ProductBulkPayload.rows", "Category.breadcrumbs"].contains(&coordinate)
        || ["Query.categoryStates", "Query.priceListStates"].contains(&coordinate)
}

#[tokio::test]
async fn a_list_is_a_connection_unless_what_is_written_bounds_it() {
    let floor = Floor::open().await;
    let mut plain = Vec::new();
    for kind in types(&floor).await {
        let owner = kind["name"].as_str().unwrap();
        for field in kind["fields"].as_array().into_iter().flatten() {
            let mut wrapped = &field["type"];
            while wrapped["kind"] == "NON_NULL" {
                wrapped = &wrapped["ofType"];
            }
            let coordinate = format!("{owner}.{}", field["name"].as_str().unwrap());
            let within_connection = owner.ends_with("Connection");
            if wrapped["kind"] == "LIST" && !within_connection && !is_no_list_of_what_is_stored(&coordinate) {
                plain.push((coordinate, field["description"].as_str().unwrap_or_default().to_owned()));
            }
        }
    }
    plain.sort();
    let names: Vec<_> = plain.iter().map(|(coordinate, _)| coordinate.as_str()).collect();
    assert_eq!(names, PLAIN_LISTS.map(|(coordinate, _)| coordinate));
    for ((coordinate, description), (_, bound)) in plain.iter().zip(PLAIN_LISTS) {
        assert!(bound <= 100, "{coordinate} is to be a connection");
        assert!(description.contains(&format!("at most {bound}")), "{coordinate}: {description}");
    }
}
