//! A plan as a search request, and its answer.

use std::hash::{DefaultHasher, Hash, Hasher};

use serde::Deserialize;
use serde_json::{Value, json};
use souk_kit::fault::Fault;

use super::aggregation;
use super::condition::{query, that_counts};
use crate::index::answer::Total;
use crate::index::document::{ProductDocument, ProductId};
use crate::index::plan::fields::{Keyword, Number};
use crate::index::plan::{Found, FoundHit, Order, OrderValue, Plan, Position};
use crate::index::query::EXACT_TOTAL;

#[derive(Deserialize)]
struct Hits {
    total: HitTotal,
    hits: Vec<Hit>,
}

#[derive(Deserialize)]
struct HitTotal {
    value: u64,
    relation: String,
}

#[derive(Deserialize)]
struct Hit {
    #[serde(rename = "_id")]
    id: ProductId,
    #[serde(default)]
    sort: Vec<Value>,
    #[serde(rename = "_source", default)]
    stored: Option<Source>,
}

#[derive(Deserialize)]
struct Source {
    source: Value,
}

impl Source {
    fn document(self) -> Option<Box<ProductDocument>> {
        serde_json::from_value(self.source).ok()
    }
}

/// The request of how many products there are.
pub(super) fn products() -> Value {
    json!({ "query": { "bool": { "must_not": { "term": { "gone": true } } } } })
}

/// How many its answer tells of.
pub(super) fn counted(answer: &Value) -> Result<u64, Fault> {
    answer.get("count").and_then(Value::as_u64).ok_or_else(|| Fault::broken("no count"))
}

/// Names which copies of the shards a request is for: the same ones for all pages of a search. Copies score a little differently,
/// as each has merged other deletions away, and a cursor says how well the last hit scored.
pub(super) fn copy(body: &Value) -> String {
    let mut hasher = DefaultHasher::new();
    body.pointer("/query/bool/must").map(Value::to_string).hash(&mut hasher);
    format!("search-{:x}", hasher.finish())
}

/// The request of a plan.
pub(super) fn body(plan: &Plan) -> Value {
    let price = plan.price.as_ref();
    let filters = plan.filters.iter().map(|condition| query(condition, price));
    let selections: Vec<_> = plan.selections.iter().map(|(_, condition)| query(condition, price)).collect();
    let matching = query(&plan.matching, price);
    let mut body = json!({
        "size": plan.limit,
        "track_total_hits": EXACT_TOTAL,
        "query": { "bool": {
            "must": matching,
            "filter": filters.collect::<Vec<_>>(),
            "must_not": { "term": { "gone": true } },
        }},
        "_source": if plan.with_documents { json!(["source"]) } else { json!(false) },
        "sort": sort(plan),
    });
    if let Some(body) = body.as_object_mut() {
        if !selections.is_empty() {
            body.insert("post_filter".to_owned(), json!({ "bool": { "filter": selections } }));
        }
        if !plan.facets.is_empty() {
            body.insert("aggs".to_owned(), aggregation::aggregations(plan));
        }
        if let (Some(after), true) = (&plan.after, plan.limit > 0) {
            body.insert("search_after".to_owned(), search_after(plan.order, after));
        }
    }
    body
}

/// The order of a plan. Its fields say of what type they are, for an index whose layout lacks them.
fn sort(plan: &Plan) -> Value {
    let id = json!({ Keyword::Id.name(): "asc" });
    let direction = direction(plan.order);
    let by = |field: &str, kind: &str| json!([{ field: { "order": direction, "missing": "_last", "unmapped_type": kind } }, id]);
    match plan.order {
        Order::Score => {
            let popular = json!({ "order": "desc", "unmapped_type": "long" });
            json!([{ "_score": "desc" }, { Number::Popularity.name(): popular }, id])
        }
        Order::Price(_) => {
            let counted = plan.price.as_ref().map_or_else(|| json!({ "match_none": {} }), that_counts);
            json!([{ "prices.amount": {
                "order": direction, "mode": "min", "missing": "_last", "unmapped_type": "long",
                "nested": { "path": "prices", "filter": counted },
            }}, id])
        }
        Order::Newest => by(Number::Created.name(), "long"),
        Order::Popularity => by(Number::Popularity.name(), "long"),
        Order::Rating => by(Number::Rating.name(), "long"),
        Order::Name(_) => by(Keyword::SortName.name(), "keyword"),
    }
}

fn direction(order: Order) -> &'static str {
    if order.is_ascending() { "asc" } else { "desc" }
}

/// What the engine sorts a missing number as, so that it comes last.
fn missing(order: Order) -> i64 {
    if order.is_ascending() { i64::MAX } else { i64::MIN }
}

fn search_after(order: Order, after: &Position) -> Value {
    let id = after.id.to_string();
    match &after.value {
        OrderValue::Score(score) => json!([score, after.popularity, id]),
        OrderValue::Number(number) => json!([number.unwrap_or(missing(order)), id]),
        OrderValue::Text(text) => json!([(!text.is_empty()).then_some(text), id]),
    }
}

/// What an answer says.
pub(super) fn found(plan: &Plan, answer: &Value) -> Result<Found, Fault> {
    let facets = aggregation::facets(plan, answer)?;
    let hits = answer.get("hits").cloned().unwrap_or_default();
    let Hits { total, hits } = serde_json::from_value(hits)?;
    let hits = hits.into_iter().map(|hit| {
        let position = position(plan.order, &hit).ok_or_else(|| Fault::broken("a hit without its place"))?;
        Ok(FoundHit { position, document: hit.stored.and_then(Source::document) })
    });
    Ok(Found {
        hits: hits.collect::<Result<_, Fault>>()?,
        total: Total { count: total.value.min(EXACT_TOTAL), is_lower_bound: total.relation != "eq" },
        facets,
    })
}

fn position(order: Order, hit: &Hit) -> Option<Position> {
    let first = hit.sort.first()?;
    let popularity = if order == Order::Score { hit.sort.get(1)?.as_i64()? } else { 0 };
    let value = match order {
        Order::Score => OrderValue::Score(serde_json::from_value(first.clone()).ok()?),
        Order::Name(_) => OrderValue::Text(first.as_str().unwrap_or_default().to_owned()),
        Order::Price(_) | Order::Newest | Order::Popularity | Order::Rating => {
            OrderValue::Number(first.as_i64().filter(|number| *number != missing(order)))
        }
    };
    Some(Position { value, popularity, id: hit.id })
}
