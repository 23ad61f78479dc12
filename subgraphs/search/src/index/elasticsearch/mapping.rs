//! How the engine keeps a product: mappings and settings of an index, and the document of a change.

use serde_json::{Map, Value, json};

use crate::index::document::Change;
use crate::index::plan::fields::{Fields, Keyword, Number, TextField};

/// How far a phrase may not reach: the distance between two texts of one field.
const GAP: u32 = 100;

/// What an index is made with. Fields that are not named here are refused.
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
        json!({ "type": "nested", "dynamic": "strict", "properties": {
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
        "mappings": { "dynamic": "strict", "properties": properties },
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
