//! A product in the words of the catalogue's bulk mutations.

use serde_json::{Map, Value, json};

use super::product::{Product, Variant};

/// One row of `productBulkCreate` or `productBulkUpdate`; `category` is the id of the product's category.
pub(super) fn row(product: &Product, category: Option<&str>, currency: &str) -> Value {
    let mut row = json!({
        "externalReference": product.reference,
        "slug": product.slug,
        "name": product.name,
        "descriptionHtml": product.description,
        "brand": product.brand,
        "status": product.status,
        "tags": product.tags,
        "options": options(product),
        "variants": product.variants.iter().map(|each| variant(product, each, currency)).collect::<Vec<_>>(),
    });
    if let Some(category) = category {
        row["categories"] = json!([category]);
    }
    if product.seo_title.is_some() || product.seo_description.is_some() {
        row["seo"] = json!({ "title": product.seo_title, "description": product.seo_description });
    }
    row
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
