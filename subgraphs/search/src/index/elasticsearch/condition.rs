//! Conditions as the engine's queries.

use serde_json::{Map, Value, json};

use crate::index::plan::PriceContext;
use crate::index::plan::condition::{Condition, TIE_BREAKER};
use crate::index::query::Range;

/// How many terms of a field a mistyped word may stand for, those nearest first; as many as the engine takes by itself.
/// Without a limit it would build the word's automaton, of some milliseconds, again for each field and segment; and all
/// words' terms together must not be more than the clauses that it allows in a query.
const NEAREST: usize = 50;

/// The query of a condition; `price` says which price counts.
pub(super) fn query(condition: &Condition, price: Option<&PriceContext>) -> Value {
    let all = |parts: &[Condition]| parts.iter().map(|part| query(part, price)).collect::<Vec<_>>();
    match condition {
        Condition::Everything => json!({ "match_all": {} }),
        Condition::Nothing => json!({ "match_none": {} }),
        Condition::All(parts) => json!({ "bool": { "must": all(parts) } }),
        Condition::Any(parts) => json!({ "bool": { "should": all(parts), "minimum_should_match": 1 } }),
        Condition::AtLeast(count, parts) => {
            json!({ "bool": { "should": all(parts), "minimum_should_match": count } })
        }
        Condition::Best(parts) => {
            json!({ "dis_max": { "queries": all(parts), "tie_breaker": TIE_BREAKER } })
        }
        Condition::Preferring(needed, preferred) => {
            json!({ "bool": { "must": query(needed, price), "should": all(preferred) } })
        }
        Condition::Not(part) => json!({ "bool": { "must_not": query(part, price) } }),
        Condition::Fixed(score, part) => {
            json!({ "constant_score": { "filter": query(part, price), "boost": score } })
        }
        Condition::Weighted(weight, part) => {
            json!({ "bool": { "must": query(part, price), "boost": weight } })
        }
        Condition::Word(field, word) => one("term", field.name(), json!({ "value": word })),
        Condition::Prefix(field, start) => one("prefix", field.name(), json!({ "value": start })),
        Condition::Fuzzy(field, word, edits) => {
            let fuzzy = json!({
                "value": word, "fuzziness": edits, "transpositions": true, "prefix_length": 0,
                "rewrite": format!("top_terms_boost_{NEAREST}"),
            });
            one("fuzzy", field.name(), fuzzy)
        }
        Condition::Phrase(field, words) => {
            one("match_phrase", field.name(), json!({ "query": words.join(" ") }))
        }
        Condition::Keyword(keyword, values) => one("terms", keyword.name(), json!(values)),
        Condition::KeywordPrefix(keyword, start) => one("prefix", keyword.name(), json!({ "value": start })),
        Condition::Number(number, range) => one("range", number.name(), bounds(*range)),
        Condition::Price(range) => match price {
            None => json!({ "match_none": {} }),
            Some(context) => {
                let within = one("range", "prices.amount", bounds(*range));
                json!({ "nested": { "path": "prices", "ignore_unmapped": true, "query": {
                    "bool": { "filter": [that_counts(context), within] },
                }}})
            }
        },
    }
}

/// A query of one field.
fn one(kind: &str, field: &str, what: Value) -> Value {
    let of_field = Map::from_iter([(field.to_owned(), what)]);
    Value::Object(Map::from_iter([(kind.to_owned(), Value::Object(of_field))]))
}

pub(super) fn bounds(range: Range) -> Value {
    let mut bounds = Map::new();
    if let Some(least) = range.at_least {
        bounds.insert("gte".to_owned(), json!(least));
    }
    if let Some(end) = range.below {
        bounds.insert("lt".to_owned(), json!(end));
    }
    Value::Object(bounds)
}

/// Which of the nested prices counts.
pub(super) fn that_counts(context: &PriceContext) -> Value {
    let at = context.at.timestamp_micros();
    let has_shop = json!({ "exists": { "field": "prices.shop" } });
    let place = match context.shop.map(|shop| shop.to_string()) {
        None => json!({ "bool": { "must_not": has_shop } }),
        Some(shop) => {
            let general =
                json!({ "bool": { "must_not": [has_shop, { "term": { "prices.not_in": shop.as_str() } }] } });
            let own = json!({ "term": { "prices.shop": shop } });
            json!({ "bool": { "should": [own, general], "minimum_should_match": 1 } })
        }
    };
    json!({ "bool": { "filter": [
        { "term": { "prices.currency": context.currency } },
        { "range": { "prices.from": { "lte": at } } },
        { "range": { "prices.until": { "gt": at } } },
        place,
    ]}})
}
