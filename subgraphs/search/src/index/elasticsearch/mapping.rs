//! How the engine keeps a product: mappings and settings of an index, and the document of a change.

use serde_json::{Map, Value, json};

use crate::index::document::Change;
use crate::index::layout::LAYOUT;
use crate::index::plan::fields::{Fields, Keyword, Number, TextField};

/// How far a phrase may not reach: the distance between two texts of one field.
const GAP: u32 = 100;

/// What an index is made with. Fields that are not named here are let pass and not indexed: a later version writes to the
/// index of this one, too, until it has built its own.
pub(super) fn index() -> Value {
    let mut properties = Map::new();
    for field in TextField::all() {
        let (kept, shortcut) = match field {
            TextField::Words(_) => ("positions", Some(json!({ "min_chars": 2, "max_chars": 8 }))),
            TextField::Stems(_) => ("freqs", None),
        };
        let mut mapping = json!({
            "type": "text", "analyzer": "parted", "index_options": kept, "position_increment_gap": GAP,
        });
        if let (Some(mapping), Some(shortcut)) = (mapping.as_object_mut(), shortcut) {
            mapping.insert("index_prefixes".to_owned(), shortcut);
        }
        properties.insert(field.name().to_owned(), mapping);
    }
    for keyword in Keyword::ALL {
        properties.insert(keyword.name().to_owned(), json!({ "type": "keyword" }));
    }
    for number in Number::ALL {
        properties.insert(number.name().to_owned(), json!({ "type": "long" }));
    }
    properties.insert("gone".to_owned(), json!({ "type": "boolean" }));
    properties.insert("source".to_owned(), json!({ "type": "object", "enabled": false }));
    properties.insert(
        "prices".to_owned(),
        json!({ "type": "nested", "dynamic": false, "properties": {
            "currency": { "type": "keyword" },
            "shop": { "type": "keyword" },
            "not_in": { "type": "keyword" },
            "amount": { "type": "long" },
            "from": { "type": "long" },
            "until": { "type": "long" },
        }}),
    );
    json!({
        "settings": {
            // Counts of facets are exact within one shard; a catalogue of millions of products fits into it.
            "number_of_shards": 1,
            "auto_expand_replicas": "0-1",
            // Visible within a second: this, and the time that a refresh takes.
            "refresh_interval": "250ms",
            "analysis": { "analyzer": { "parted": { "type": "custom", "tokenizer": "whitespace" } } },
        },
        "mappings": { "_meta": { "layout": LAYOUT }, "dynamic": false, "properties": properties },
    })
}

/// The document of a change; what is gone leaves its id.
pub(super) fn document(change: &Change) -> Result<Value, serde_json::Error> {
    let product = match change {
        Change::Upsert(product) => product,
        Change::Delete { id, company, .. } => {
            return Ok(json!({ "id": id.to_string(), "company": company.to_string(), "gone": true }));
        }
    };
    let fields = Fields::of(product);
    let mut document = Map::new();
    for (field, values) in &fields.texts {
        document.insert(field.name().to_owned(), json!(values));
    }
    for (keyword, values) in &fields.keywords {
        document.insert(keyword.name().to_owned(), json!(values));
    }
    for (number, value) in &fields.numbers {
        document.insert(number.name().to_owned(), json!(value));
    }
    let prices = fields.prices.iter().map(|price| {
        let mut entry = json!({
            "currency": price.currency, "amount": price.amount, "from": price.from, "until": price.until,
        });
        if let Some(entry) = entry.as_object_mut() {
            match &price.shop {
                Some(shop) => entry.insert("shop".to_owned(), json!(shop)),
                None => entry.insert("not_in".to_owned(), json!(fields.price_shops)),
            };
        }
        entry
    });
    document.insert("prices".to_owned(), prices.collect());
    document.insert("gone".to_owned(), json!(false));
    document.insert("source".to_owned(), serde_json::to_value(product)?);
    Ok(Value::Object(document))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use chrono::{TimeZone, Utc};
    use souk_kit::clock::Timestamp;
    use souk_kit::id::{CompanyId, ShopId};

    use super::*;
    use crate::index::document::{
        Assortment, Availability, Price, ProductDocument, ProductId, ProductText, Publication,
    };

    /// A product that has everything.
    fn product() -> ProductDocument {
        let now = Utc.with_ymd_and_hms(2030, 6, 1, 12, 0, 0).unwrap();
        let one = |text: &str| [text.to_owned()].into();
        let price = |shop| Price { currency: "EUR".into(), shop, amount_minor: 1, from: None, until: None };
        let text = ProductText {
            name: "Lamp".into(),
            description: "Bright".into(),
            categories: BTreeMap::from([("cat".into(), "Lights".into())]),
            attributes: vec!["red".into()],
        };
        ProductDocument {
            id: ProductId::new(now),
            company: CompanyId::new(now),
            revision: 1,
            publication: Publication {
                is_active: true,
                from: Some(Timestamp::UNIX_EPOCH),
                until: Some(now),
                company_active: true,
                shop_active: true,
            },
            shops: Assortment::All,
            default_locale: "en".into(),
            texts: BTreeMap::from([("en".into(), text)]),
            brand: Some("Acme".into()),
            tags: one("new"),
            skus: one("L-1"),
            barcodes: one("4006381333931"),
            categories: one("cat"),
            attributes: BTreeMap::from([("colour".into(), one("red"))]),
            prices: vec![price(None), price(Some(ShopId::new(now)))],
            created_at: now,
            popularity: 1,
            rating: Some(450),
            availability: Availability::InStock,
        }
    }

    /// The type of each field, those of prices by their paths.
    fn types() -> BTreeMap<String, String> {
        let index = index();
        let mut types = BTreeMap::new();
        for (path, opening) in
            [("/mappings/properties", ""), ("/mappings/properties/prices/properties", "prices.")]
        {
            for (name, mapping) in index.pointer(path).and_then(Value::as_object).unwrap() {
                let kind = mapping["type"].as_str().unwrap();
                types.insert(format!("{opening}{name}"), kind.to_owned());
            }
        }
        types
    }

    #[test]
    fn every_field_that_a_product_fills_is_mapped() {
        let document = document(&Change::Upsert(Box::new(product()))).unwrap();
        let own = document.as_object().unwrap().keys().cloned();
        let prices = document["prices"].as_array().unwrap().iter().flat_map(|one| one.as_object().unwrap());
        let filled: std::collections::BTreeSet<String> =
            own.chain(prices.map(|(name, _)| format!("prices.{name}"))).collect();
        let mapped = types().into_keys().collect();
        assert_eq!(filled, mapped, "what is not mapped is let pass and not found");
    }

    #[test]
    fn what_the_engine_is_told_is_of_this_layout() {
        let kept: Value = serde_json::from_str(include_str!("mappings.json")).unwrap();
        let told = &index()["mappings"];
        assert_eq!(told, &kept, "raise LAYOUT, then keep this in mappings.json:\n{told:#}");
    }

    /// What is listed here is never changed or taken away, also when no layout has it any more: see
    /// [`LAYOUT`](crate::index::layout::LAYOUT).
    #[test]
    fn a_field_keeps_its_type_in_all_layouts() {
        let ever = [
            ("text", "name_words brand_words category_words tag_words attribute_words description_words"),
            ("text", "name_stems brand_stems category_stems tag_stems attribute_stems description_stems"),
            ("keyword", "id company shops codes brand tags categories attributes availability sort_name"),
            ("long", "open from until created popularity rating"),
            ("boolean", "gone"),
            ("object", "source"),
            ("nested", "prices"),
            ("keyword", "prices.currency prices.shop prices.not_in"),
            ("long", "prices.amount prices.from prices.until"),
        ];
        for (name, kind) in types() {
            let is_listed = |(listed, names): &(&str, &str)| {
                *listed == kind && names.split(' ').any(|listed| listed == name)
            };
            assert!(ever.iter().any(is_listed), "{name} is no {kind} in other layouts: name it otherwise");
        }
    }
}
