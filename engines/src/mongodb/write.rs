//! Writing: each is one atomic update of one document.

use std::time::Duration;

use ::mongodb::Collection;
use ::mongodb::bson::{Document, doc};
use ::mongodb::options::ReturnDocument;
use futures::{StreamExt, TryStreamExt, stream};
use souk_kit::clock::Timestamp;
use souk_kit::documents::{Record, Write};
use souk_kit::fault::Fault;
use souk_kit::id::EventId;

use super::fault::Within;
use super::layout::{
    self, AT, EVENT_ID, ID, KEYS, OUTCOMES, OUTCOMES_SINCE, PENDING, PENDING_SINCE, TOMBSTONE, VERSION,
};

/// How often a write is tried again whose key was taken and is free by the time that its holder is asked for.
const ATTEMPTS: usize = 5;
/// Documents that [`forget`] reads at once.
const FORGOTTEN_AT_ONCE: i64 = 200;
/// Documents that it writes at once.
const WRITTEN_AT_ONCE: usize = 16;

pub(super) async fn insert(
    collection: &Collection<Document>,
    timeout: Duration,
    record: &Record,
) -> Result<Write, Fault> {
    let document = layout::document(record)?;
    for _ in 0..ATTEMPTS {
        let action = collection.insert_one(&document);
        if timeout.bounds_unique(async { action.await }).await?.is_some() {
            return Ok(Write::Done);
        }
        if let Some(key) = taken(collection, timeout, record).await? {
            return Ok(Write::Taken(key));
        }
        let there = collection.find_one(doc! { ID: &record.id }).projection(doc! { ID: 1 });
        if timeout.bounds(async { there.await }).await?.is_some() {
            return Ok(Write::Stale);
        }
    }
    Err(contended())
}

pub(super) async fn replace(
    collection: &Collection<Document>,
    timeout: Duration,
    record: &Record,
    expected: i64,
) -> Result<Write, Fault> {
    let document = layout::document(record)?;
    for _ in 0..ATTEMPTS {
        let action = collection.replace_one(doc! { ID: &record.id, VERSION: expected }, &document);
        match timeout.bounds_unique(async { action.await }).await? {
            Some(replaced) if replaced.matched_count == 0 => return Ok(Write::Stale),
            Some(_) => return Ok(Write::Done),
            None => {}
        }
        if let Some(key) = taken(collection, timeout, record).await? {
            return Ok(Write::Taken(key));
        }
    }
    Err(contended())
}

fn contended() -> Fault {
    Fault::limit("too many writers at once: try again").transient()
}

/// The first of the record's unique keys that another document holds. The server's error names it in a sentence
/// whose form has changed from version to version, so the holders are asked.
async fn taken(
    collection: &Collection<Document>,
    timeout: Duration,
    record: &Record,
) -> Result<Option<String>, Fault> {
    let keys = record.index.keys();
    let others = collection
        .find(doc! { KEYS: { "$in": keys }, ID: { "$ne": &record.id } })
        .projection(doc! { KEYS: 1 })
        .max_time(timeout);
    let others: Vec<Document> = timeout.bounds(async { others.await?.try_collect().await }).await?;
    let held: Vec<_> = others.iter().flat_map(keys_of).collect();
    Ok(keys.iter().find(|key| held.contains(&key.as_str())).cloned())
}

fn keys_of(document: &Document) -> impl Iterator<Item = &str> {
    document.get_array(KEYS).map(Vec::as_slice).unwrap_or_default().iter().filter_map(|key| key.as_str())
}

/// Takes events off a document; usually they are all that it has.
pub(super) async fn acknowledge(
    collection: &Collection<Document>,
    timeout: Duration,
    id: &str,
    events: &[EventId],
) -> Result<(), Fault> {
    let ids: Vec<_> = events.iter().map(ToString::to_string).collect();
    let none_left = doc! { "$unset": { PENDING: "", PENDING_SINCE: "" } };
    if !ids.is_empty() {
        let count = i64::try_from(ids.len()).unwrap_or(i64::MAX);
        let of_event = format!("{PENDING}.{EVENT_ID}");
        let all = doc! { ID: id, PENDING: { "$size": count }, of_event: { "$all": ids.clone() } };
        let action = collection
            .find_one_and_update(all, none_left.clone())
            .projection(doc! { TOMBSTONE: 1 })
            .return_document(ReturnDocument::After);
        if let Some(document) = timeout.bounds(async { action.await }).await? {
            if document.get_bool(TOMBSTONE).unwrap_or_default() {
                bury(collection, timeout, id).await?;
            }
            return Ok(());
        }
        let some = doc! { "$pull": { PENDING: { EVENT_ID: { "$in": ids } } } };
        let action = collection.update_one(doc! { ID: id }, some);
        timeout.bounds(async { action.await }).await?;
    }
    let action = collection.update_one(doc! { ID: id, PENDING: { "$size": 0 } }, none_left);
    timeout.bounds(async { action.await }).await?;
    bury(collection, timeout, id).await
}

/// Removes a tombstone that nothing needs any more.
async fn bury(collection: &Collection<Document>, timeout: Duration, id: &str) -> Result<(), Fault> {
    let unneeded = doc! {
        ID: id,
        TOMBSTONE: true,
        PENDING_SINCE: { "$exists": false },
        OUTCOMES_SINCE: { "$exists": false },
    };
    let action = collection.delete_one(unneeded);
    timeout.bounds(async { action.await }).await.map(|_| ())
}

/// Drops outcomes from before `time`, some documents after others.
pub(super) async fn forget(
    collection: &Collection<Document>,
    timeout: Duration,
    time: Timestamp,
) -> Result<u64, Fault> {
    let mut touched = 0;
    loop {
        let due = collection
            .find(doc! { OUTCOMES_SINCE: { "$lt": time.timestamp_micros() } })
            .projection(doc! { VERSION: 1, KEYS: 1, OUTCOMES: 1 })
            .limit(FORGOTTEN_AT_ONCE)
            .max_time(timeout);
        let due: Vec<Document> = timeout.bounds(async { due.await?.try_collect().await }).await?;
        let each: Vec<_> =
            due.iter().map(|document| forget_of(collection, timeout, document, time)).collect();
        let done: Vec<bool> = stream::iter(each).buffer_unordered(WRITTEN_AT_ONCE).try_collect().await?;
        let done = done.into_iter().filter(|done| *done).count();
        touched += u64::try_from(done).unwrap_or_default();
        // What others wrote in the meantime is looked at the next time, if this time there is nothing else left.
        if done == 0 {
            return Ok(touched);
        }
    }
}

/// Whether the document was still as it was read.
async fn forget_of(
    collection: &Collection<Document>,
    timeout: Duration,
    document: &Document,
    time: Timestamp,
) -> Result<bool, Fault> {
    let id = layout::string(document, ID)?;
    let (gone, kept): (Vec<_>, Vec<_>) =
        layout::outcomes(document)?.into_iter().partition(|outcome| outcome.at < time);
    let is_gone = |key: &&str| gone.iter().any(|outcome| outcome.key == *key);
    let keys: Vec<_> = keys_of(document).filter(|key| !is_gone(key)).map(ToOwned::to_owned).collect();
    let mut as_read = doc! { ID: &id, VERSION: layout::number(document, VERSION)? };
    match document.get_array(KEYS) {
        Ok(keys) => as_read.insert(KEYS, keys.clone()),
        Err(_) => as_read.insert(KEYS, doc! { "$exists": false }),
    };
    let (mut set, mut unset) = (Document::new(), Document::new());
    if keys.is_empty() {
        unset.insert(KEYS, "");
    } else {
        set.insert(KEYS, keys);
    }
    let mut change = Document::new();
    match layout::since(&kept) {
        Some(since) => {
            set.insert(OUTCOMES_SINCE, since);
            change.insert("$pull", doc! { OUTCOMES: { AT: { "$lt": time.timestamp_micros() } } });
        }
        None => {
            unset.insert(OUTCOMES, "");
            unset.insert(OUTCOMES_SINCE, "");
        }
    }
    for (operator, fields) in [("$set", set), ("$unset", unset)] {
        if !fields.is_empty() {
            change.insert(operator, fields);
        }
    }
    let action = collection.update_one(as_read, change);
    let is_done = timeout.bounds(async { action.await }).await?.matched_count > 0;
    if is_done && kept.is_empty() {
        bury(collection, timeout, &id).await?;
    }
    Ok(is_done)
}
