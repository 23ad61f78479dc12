//! A product in the words of the catalogue's bulk mutations.

use serde_json::{Map, Value, json};

use super::product::{Product, Variant};

/// A row's fields.
type Row = Map<String, Value>;

/// Makes a row of a product, the id of its category and the currency of its prices.
pub(super) type MakeRow = fn(&Product, Option<&str>, &str) -> Row;

/// One row of `productBulkCreate`; `category` is the id of the product's category.
pub(super) fn new_row(product: &Product, category: Option<&str>, currency: &str) -> Row {
    let mut row = row(product, category, currency);
    row.insert("slug".to_owned(), json!(product.slug));
    row
}

/// One row of `productBulkUpdate`: all but the slug, which staff may have changed and links rely on.
pub(super) fn row(product: &Product, category: Option<&str>, currency: &str) -> Row {
    let variants: Vec<_> = product.variants.iter().map(|each| variant(product, each, currency)).collect();
    let seo = (product.seo_title.is_some() || product.seo_description.is_some())
        .then(|| json!({ "title": product.seo_title, "description": product.seo_description }));
    let fields = [
        ("externalReference", Some(json!(product.reference))),
        ("name", Some(json!(product.name))),
        ("descriptionHtml", Some(json!(product.description))),
        ("brand", Some(json!(product.brand))),
        ("status", Some(json!(product.status))),
        ("tags", Some(json!(product.tags))),
        ("options", Some(json!(options(product)))),
        ("variants", Some(json!(variants))),
        ("categories", category.map(|category| json!([category]))),
        ("seo", seo),
    ];
    fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}

/// Every value that a variant has, in the order in which they first occur.
fn options(product: &Product) -> Vec<Value> {
    let options = product.options.iter().enumerate().map(|(at, name)| {
        let mut values: Vec<&str> = Vec::new();
        for variant in &product.variants {
            if let Some(value) =
                variant.option_values.get(at).filter(|value| !values.contains(&value.as_str()))
            {
                values.push(value);
            }
        }
        json!({ "name": name, "values": values })
    });
    options.collect()
}

fn variant(product: &Product, variant: &Variant, currency: &str) -> Value {
    let selected: Vec<_> = product
        .options
        .iter()
        .zip(&variant.option_values)
        .map(|(name, value)| json!({ "name": name, "value": value }))
        .collect();
    let mut price = Map::from_iter([
        ("amount".to_owned(), json!(variant.price)),
        ("currency".to_owned(), json!(currency)),
    ]);
    if let Some(compare_at) = &variant.compare_at_price {
        price.insert("compareAt".to_owned(), json!(compare_at));
    }
    json!({
        "externalReference": reference(product, variant),
        "sku": variant.sku,
        "barcode": variant.barcode,
        "options": selected,
        "weightGrams": variant.weight_grams,
        "requiresShipping": variant.ships,
        "prices": [price],
    })
}

/// What a variant is known by when it is imported again: its options, which tell it from the others.
fn reference(product: &Product, variant: &Variant) -> String {
    match &variant.sku {
        Some(sku) => format!("{}/{sku}", product.reference),
        None => format!("{}/{}", product.reference, variant.option_values.join("/")),
    }
}
