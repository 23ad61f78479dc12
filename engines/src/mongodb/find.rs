//! Reading: pages, counts, single documents, and what waits for the relay.

use std::time::Duration;

use ::mongodb::Collection;
use ::mongodb::bson::{Document, RawDocumentBuf, doc};
use futures::TryStreamExt;
use souk_kit::documents::{
    Direction, Filter, Found, IndexValue, LARGEST_RELAYED, Missing, Pending, Query, RELAYED_AT_ONCE, Record,
};
use souk_kit::fault::Fault;

use super::fault::Within;
use super::filter::{Conditions, company_of, implies_live};
use super::layout::{self, ID, PENDING, PENDING_SINCE, SCHEMA_VERSION, STATE, VERSION};
use super::text;

/// One native query: a walk along one index from a place on.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Walk {
    pub(super) filter: Document,
    pub(super) sort: Document,
    /// Where the value of the order stands.
    path: Option<String>,
}

/// The walks that a query takes, one after the other until its page is full: by id or by a field one, and a second
/// one over the documents that lack the field, when they are to stand last.
pub(super) fn walks(query: &Query) -> Vec<Walk> {
    let upwards = (query.sort.direction == Direction::Ascending) != query.backward;
    let Some(field) = &query.sort.field else {
        let from = query.from.as_ref().map(|(_, id)| id.as_str());
        return vec![by_id(Conditions::default(), &query.filter, from, upwards)];
    };
    let company = company_of(&query.filter);
    let path = layout::order_path(company.as_deref(), field);
    let with_field = |from: Option<(&str, &str)>| {
        let (beyond, end) = if upwards { ("$gt", "$gte") } else { ("$lt", "$gte") };
        let within = match from {
            Some((value, id)) => doc! { &path: { beyond: text::place(value, id) } },
            None => doc! { &path: { end: "" } },
        };
        Walk {
            filter: Conditions::default().and(within).and_filter(&query.filter, company.as_deref()).native(),
            sort: doc! { &path: if upwards { 1 } else { -1 } },
            path: Some(path.clone()),
        }
    };
    let lacking = |from: Option<&str>| {
        let lacks = Conditions::default().and(doc! { &path: { "$exists": false } });
        by_id(lacks, &query.filter, from, upwards)
    };
    let from = query.from.as_ref().map(|(value, id)| (value.as_ref().map(IndexValue::as_str), id.as_str()));
    match (query.sort.missing, query.backward, from) {
        (Missing::Never, _, from) => {
            vec![with_field(from.map(|(value, id)| (value.unwrap_or_default(), id)))]
        }
        (Missing::Last, false, None) => vec![with_field(None), lacking(None)],
        (Missing::Last, false, Some((Some(value), id))) => vec![with_field(Some((value, id))), lacking(None)],
        (Missing::Last, false, Some((None, id))) => vec![lacking(Some(id))],
        (Missing::Last, true, None) => vec![lacking(None), with_field(None)],
        (Missing::Last, true, Some((None, id))) => vec![lacking(Some(id)), with_field(None)],
        (Missing::Last, true, Some((Some(value), id))) => vec![with_field(Some((value, id)))],
    }
}

fn by_id(conditions: Conditions, filter: &Filter, from: Option<&str>, upwards: bool) -> Walk {
    let beyond = if upwards { "$gt" } else { "$lt" };
    let from = from.map_or_else(Document::new, |id| doc! { ID: { beyond: id } });
    Walk {
        // That it is not deleted is asked even where that goes without saying: the index has ids in order below it.
        filter: conditions.and(from).and_filter(filter, None).and_live().native(),
        sort: doc! { ID: if upwards { 1 } else { -1 } },
        path: None,
    }
}

pub(super) fn filter_of_count(filter: &Filter) -> Document {
    let conditions = Conditions::default().and_filter(filter, None);
    if implies_live(filter) { conditions.native() } else { conditions.and_live().native() }
}

pub(super) async fn page(
    collection: &Collection<Document>,
    timeout: Duration,
    query: &Query,
) -> Result<Vec<Found>, Fault> {
    let mut found = Vec::new();
    for walk in walks(query) {
        let left = query.limit.saturating_sub(found.len());
        // To the server, a limit of 0 is none.
        if left == 0 {
            break;
        }
        let mut fields = doc! { VERSION: 1, SCHEMA_VERSION: 1, STATE: 1 };
        if let Some(path) = &walk.path {
            fields.insert(path, 1);
        }
        let action = collection
            .find(walk.filter)
            .sort(walk.sort)
            .limit(i64::try_from(left).unwrap_or(i64::MAX))
            .batch_size(u32::try_from(left).unwrap_or(u32::MAX).min(1_000))
            .projection(fields)
            .max_time(timeout);
        let documents: Vec<Document> = timeout.bounds(async { action.await?.try_collect().await }).await?;
        for document in &documents {
            found.push(read(document, walk.path.as_deref())?);
        }
    }
    Ok(found)
}

fn read(document: &Document, path: Option<&str>) -> Result<Found, Fault> {
    Ok(Found {
        id: layout::string(document, ID)?,
        version: layout::number(document, VERSION)?,
        schema_version: layout::schema_version(document)?,
        state: layout::string(document, STATE)?,
        sorted_by: path.and_then(|path| at(document, path)).and_then(text::value_of),
    })
}

fn at<'a>(document: &'a Document, path: &str) -> Option<&'a str> {
    match path.split_once('.') {
        Some((field, rest)) => at(document.get_document(field).ok()?, rest),
        None => document.get_str(path).ok(),
    }
}

pub(super) async fn count(
    collection: &Collection<Document>,
    timeout: Duration,
    filter: &Filter,
) -> Result<u64, Fault> {
    let action = collection.count_documents(filter_of_count(filter)).max_time(timeout);
    timeout.bounds(async { action.await }).await
}

pub(super) async fn one(
    collection: &Collection<Document>,
    timeout: Duration,
    filter: Document,
) -> Result<Option<Record>, Fault> {
    let action = collection.find_one(filter).max_time(timeout);
    timeout.bounds(async { action.await }).await?.as_ref().map(layout::record).transpose()
}

pub(super) async fn pending(
    collection: &Collection<Document>,
    timeout: Duration,
    limit: usize,
) -> Result<Vec<Pending>, Fault> {
    let raw = collection.clone_with_type::<RawDocumentBuf>();
    let action = raw
        .find(doc! { PENDING_SINCE: { "$gt": i64::MIN } })
        .sort(doc! { PENDING_SINCE: 1 })
        .limit(i64::try_from(limit.max(1)).unwrap_or(i64::MAX))
        .batch_size(u32::try_from(RELAYED_AT_ONCE).unwrap_or(u32::MAX))
        .projection(doc! { PENDING: 1 })
        .max_time(timeout);
    let reading = async {
        let (mut found, mut events, mut bytes) = (Vec::new(), 0, 0);
        let mut documents = action.await?;
        while events < limit
            && bytes < LARGEST_RELAYED
            && let Some(document) = documents.try_next().await?
        {
            bytes += document.as_bytes().len();
            let document = Document::try_from(document)?;
            events += document.get_array(PENDING).map_or(0, Vec::len);
            found.push(document);
        }
        Ok(found)
    };
    timeout.bounds(reading).await?.iter().map(layout::pending_of).collect()
}
