//! Facets as the engine's aggregations, and what they counted.

use serde_json::{Map, Value, json};
use souk_kit::fault::Fault;

use super::condition::{bounds, query, that_counts};
use crate::index::answer::{FacetCounts, FacetValue};
use crate::index::plan::fields::{Keyword, Number, SEPARATOR};
use crate::index::plan::{Dimension, Plan};
use crate::index::query::{Facet, LARGEST_FACET, Range};

/// The aggregations of a plan, each among what all selections but its own leave.
pub(super) fn aggregations(plan: &Plan) -> Value {
    let mut all = Map::new();
    for (place, facet) in plan.facets.iter().enumerate() {
        let own = Dimension::of(facet);
        let others = plan.selections.iter().filter(|(dimension, _)| *dimension != own);
        let others: Vec<_> = others.map(|(_, condition)| query(condition, plan.price.as_ref())).collect();
        let counted =
            json!({ "filter": { "bool": { "filter": others } }, "aggs": { "values": values(facet, plan) } });
        all.insert(place.to_string(), counted);
    }
    Value::Object(all)
}

fn values(facet: &Facet, plan: &Plan) -> Value {
    let terms = |keyword: Keyword| json!({ "terms": { "field": keyword.name(), "size": LARGEST_FACET } });
    match facet {
        Facet::Category => terms(Keyword::Categories),
        Facet::Brand => terms(Keyword::Brand),
        Facet::Tag => terms(Keyword::Tags),
        Facet::Availability => terms(Keyword::Availability),
        Facet::Attribute(code) => {
            let include = format!("{}{SEPARATOR}.*", literal(code));
            let field = Keyword::Attributes.name();
            json!({ "terms": { "field": field, "size": LARGEST_FACET, "include": include } })
        }
        Facet::Rating => {
            let at_least = |stars: u32| json!({ "range": { Number::Rating.name(): { "gte": stars * 100 } } });
            json!({ "filters": { "filters": {
                "4": at_least(4), "3": at_least(3), "2": at_least(2), "1": at_least(1),
            }}})
        }
        Facet::Price(ranges) => price(ranges, plan),
    }
}

fn price(ranges: &[Range], plan: &Plan) -> Value {
    let counted = plan.price.as_ref().map_or_else(|| json!({ "match_none": {} }), that_counts);
    let mut within = Map::new();
    for (place, range) in ranges.iter().enumerate() {
        within.insert(place.to_string(), json!({ "range": { "prices.amount": bounds(*range) } }));
    }
    let mut aggregations = json!({
        "lowest": { "min": { "field": "prices.amount" } },
        "highest": { "max": { "field": "prices.amount" } },
    });
    if let (Some(aggregations), false) = (aggregations.as_object_mut(), within.is_empty()) {
        aggregations.insert("ranges".to_owned(), json!({ "filters": { "filters": within } }));
    }
    json!({ "nested": { "path": "prices" }, "aggs": { "that_counts": { "filter": counted, "aggs": aggregations } } })
}

/// A text in the engine's regular expressions that stands for itself.
fn literal(text: &str) -> String {
    let mut literal = String::with_capacity(text.len());
    for character in text.chars() {
        if !character.is_alphanumeric() {
            literal.push('\\');
        }
        literal.push(character);
    }
    literal
}

/// The counts of a plan's facets in an answer.
pub(super) fn facets(plan: &Plan, answer: &Value) -> Result<Vec<FacetCounts>, Fault> {
    let counted = |(place, facet): (usize, &Facet)| {
        let values = answer.pointer(&format!("/aggregations/{place}/values"));
        let values = values.ok_or_else(|| Fault::broken(format!("the facet {place} was not counted")))?;
        Ok(counts(facet, values))
    };
    plan.facets.iter().enumerate().map(counted).collect()
}

fn counts(facet: &Facet, answer: &Value) -> FacetCounts {
    let number = |path: &str| answer.pointer(path).and_then(Value::as_u64).unwrap_or_default();
    let keyed = |path: &str, keys: &mut dyn Iterator<Item = String>| -> Vec<FacetValue> {
        keys.map(|key| FacetValue { count: number(&format!("{path}/{key}/doc_count")), value: key }).collect()
    };
    let (values, price_bounds) = match facet {
        Facet::Rating => {
            (keyed("/buckets", &mut [4, 3, 2, 1].map(|stars: u8| stars.to_string()).into_iter()), None)
        }
        Facet::Price(ranges) => {
            let mut places = (0..ranges.len()).map(|place| place.to_string());
            let bound = |name: &str| minor(answer.pointer(&format!("/that_counts/{name}/value"))?);
            let bounds = bound("lowest").zip(bound("highest"));
            (keyed("/that_counts/ranges/buckets", &mut places), bounds)
        }
        Facet::Attribute(code) => (terms(answer, code.len() + SEPARATOR.len_utf8()), None),
        Facet::Category | Facet::Brand | Facet::Tag | Facet::Availability => (terms(answer, 0), None),
    };
    FacetCounts { facet: facet.clone(), values, price_bounds }
}

/// Terms without their first bytes, with their counts.
fn terms(answer: &Value, prefix: usize) -> Vec<FacetValue> {
    let buckets = answer.get("buckets").and_then(Value::as_array);
    let value = |bucket: &Value| {
        let value = bucket.get("key")?.as_str()?.get(prefix..)?.to_owned();
        Some(FacetValue { value, count: bucket.get("doc_count")?.as_u64()? })
    };
    buckets.into_iter().flatten().filter_map(value).collect()
}

/// A whole number that the engine writes as `1299.0`, or as `1.0E7`.
fn minor(value: &Value) -> Option<i64> {
    match value.as_i64() {
        Some(number) => Some(number),
        None => format!("{:.0}", value.as_f64()?).parse().ok(),
    }
}
