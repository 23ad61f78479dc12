//! The form of a stored document.
//!
//! | field | holds |
//! | --- | --- |
//! | `_id`, `version`, `schema_version`, `company` | as the port has them; no `company` when it is nobody's |
//! | `state` | the aggregate in JSON, as text: no query looks into it, and it comes back byte for byte |
//! | `tombstone` | true when it is deleted, else absent; then neither `values` nor `order` |
//! | `keys` | its unique keys; absent when there are none |
//! | `values` | one entry for each indexed value, and an empty one that says it is there |
//! | `order` | for each field with one value its place in that field's order: under `*` among all documents, and under its company among that company's |
//! | `pending`, `pending_since` | events not yet in the log, and the time of the first; both absent when there are none |
//! | `outcomes`, `outcomes_since` | what calls with idempotency keys came to, and the time of the first; likewise |
//!
//! Absent rather than empty: sparse indexes then hold what has them and nothing else, and an empty array would stand
//! in a unique index like a value.

use std::collections::BTreeMap;

use ::mongodb::bson::{Bson, Document, doc};
use souk_kit::clock::Timestamp;
use souk_kit::documents::{Index, Outcome, Pending, Record};
use souk_kit::event::AnyEnvelope;
use souk_kit::fault::Fault;

use super::text;

pub(super) const ID: &str = "_id";
pub(super) const VERSION: &str = "version";
pub(super) const SCHEMA_VERSION: &str = "schema_version";
pub(super) const COMPANY: &str = "company";
pub(super) const STATE: &str = "state";
pub(super) const TOMBSTONE: &str = "tombstone";
pub(super) const KEYS: &str = "keys";
pub(super) const VALUES: &str = "values";
pub(super) const ORDER: &str = "order";
pub(super) const PENDING: &str = "pending";
pub(super) const PENDING_SINCE: &str = "pending_since";
pub(super) const OUTCOMES: &str = "outcomes";
pub(super) const OUTCOMES_SINCE: &str = "outcomes_since";
/// The id of an event within [`PENDING`].
pub(super) const EVENT_ID: &str = "id";
/// An event's envelope within [`PENDING`], in JSON.
const EVENT: &str = "event";
/// When an outcome came about, within [`OUTCOMES`], in microseconds.
pub(super) const AT: &str = "at";
/// Among all documents, within [`ORDER`].
const ALL: &str = "*";

/// Where the place of a document in a field's order stands, among one company's or among all.
pub(super) fn order_path(company: Option<&str>, field: &str) -> String {
    format!("{ORDER}.{}.{}", company.unwrap_or(ALL), text::name(field))
}

/// The document of a record.
pub(super) fn document(record: &Record) -> Result<Document, Fault> {
    let mut document = doc! {
        ID: &record.id,
        VERSION: record.version,
        SCHEMA_VERSION: i64::from(record.schema_version),
        STATE: &record.state,
    };
    let company = record.company.map(|company| company.to_string());
    if let Some(company) = &company {
        document.insert(COMPANY, company);
    }
    if !record.index.keys().is_empty() {
        document.insert(KEYS, record.index.keys());
    }
    if record.tombstone {
        document.insert(TOMBSTONE, true);
    } else {
        let values = record.index.values().map(|(field, value)| text::entry(field, value.as_str()));
        document.insert(VALUES, [text::LIVE.to_owned()].into_iter().chain(values).collect::<Vec<_>>());
        document.insert(ORDER, order(record, company));
    }
    if let Some(first) = record.pending.first() {
        document.insert(PENDING, pending(&record.pending)?);
        document.insert(PENDING_SINCE, first.time.timestamp_micros());
    }
    if let Some(since) = since(&record.outcomes) {
        document.insert(OUTCOMES, record.outcomes.iter().map(outcome).collect::<Vec<_>>());
        document.insert(OUTCOMES_SINCE, since);
    }
    Ok(document)
}

/// When the first of some outcomes came about, in microseconds.
pub(super) fn since(outcomes: &[Outcome]) -> Option<i64> {
    outcomes.iter().map(|outcome| outcome.at.timestamp_micros()).min()
}

fn order(record: &Record, company: Option<String>) -> Document {
    let mut single: BTreeMap<&str, Option<&str>> = BTreeMap::new();
    for (field, value) in record.index.values() {
        single.entry(field).and_modify(|several| *several = None).or_insert(Some(value.as_str()));
    }
    let places: Document = single
        .into_iter()
        .filter_map(|(field, value)| Some((text::name(field), text::place(value?, &record.id).into())))
        .collect();
    let mut order = Document::new();
    if let Some(company) = company {
        order.insert(company, places.clone());
    }
    order.insert(ALL, places);
    order
}

fn pending(events: &[AnyEnvelope]) -> Result<Vec<Document>, Fault> {
    let each = events
        .iter()
        .map(|event| Ok(doc! { EVENT_ID: event.id.to_string(), EVENT: serde_json::to_string(event)? }));
    each.collect()
}

fn outcome(outcome: &Outcome) -> Document {
    doc! {
        "key": &outcome.key,
        "request": &outcome.request,
        "answer": &outcome.answer,
        AT: outcome.at.timestamp_micros(),
    }
}

/// The record of a document; its index comes back empty.
pub(super) fn record(document: &Document) -> Result<Record, Fault> {
    let company = document.get_str(COMPANY).ok().map(str::parse).transpose().map_err(Fault::internal)?;
    Ok(Record {
        id: string(document, ID)?,
        version: number(document, VERSION)?,
        schema_version: schema_version(document)?,
        company,
        state: string(document, STATE)?,
        tombstone: document.get_bool(TOMBSTONE).unwrap_or_default(),
        pending: events(document)?,
        outcomes: outcomes(document)?,
        index: Index::default(),
    })
}

pub(super) fn pending_of(document: &Document) -> Result<Pending, Fault> {
    Ok(Pending { id: string(document, ID)?, events: events(document)? })
}

fn events(document: &Document) -> Result<Vec<AnyEnvelope>, Fault> {
    parts(document, PENDING).map(|event| Ok(serde_json::from_str(&string(event, EVENT)?)?)).collect()
}

pub(super) fn outcomes(document: &Document) -> Result<Vec<Outcome>, Fault> {
    parts(document, OUTCOMES)
        .map(|outcome| {
            let at = Timestamp::from_timestamp_micros(number(outcome, AT)?);
            Ok(Outcome {
                key: string(outcome, "key")?,
                request: string(outcome, "request")?,
                answer: string(outcome, "answer")?,
                at: at.ok_or_else(|| lacks(AT))?,
            })
        })
        .collect()
}

fn parts<'a>(document: &'a Document, field: &str) -> impl Iterator<Item = &'a Document> + use<'a> {
    let parts = document.get_array(field).map(Vec::as_slice).unwrap_or_default();
    parts.iter().filter_map(Bson::as_document)
}

pub(super) fn schema_version(document: &Document) -> Result<u32, Fault> {
    u32::try_from(number(document, SCHEMA_VERSION)?).map_err(Fault::internal)
}

pub(super) fn string(document: &Document, field: &str) -> Result<String, Fault> {
    document.get_str(field).map(ToOwned::to_owned).map_err(|_| lacks(field))
}

pub(super) fn number(document: &Document, field: &str) -> Result<i64, Fault> {
    match document.get(field) {
        Some(Bson::Int64(number)) => Ok(*number),
        Some(Bson::Int32(number)) => Ok(i64::from(*number)),
        _ => Err(lacks(field)),
    }
}

fn lacks(field: &str) -> Fault {
    Fault::broken(format!("a stored document lacks `{field}`, or it holds something else"))
}
