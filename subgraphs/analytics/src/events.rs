//! What analytics writes to the log and reads from it: `visit.*` as they stand there, and what it derives.
//!
//! A field may be added; one that was published never changes its meaning. `tests/events` has one of each.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use serde_json::value::RawValue;
use souk_kit::clock::Timestamp;
use souk_kit::event::Topic;
use souk_kit::event::{AnyEnvelope, Envelope, JsonContent, SpecVersion};
use souk_kit::event_log::Record;
use souk_kit::fault::Fault;
use souk_kit::id::{CompanyId, EventId, ShopId};
use souk_kit::principal::{Actor, Principal};

use crate::NAME;
use crate::domain::ids::ProductId;
use crate::domain::pseudonym::Pseudonym;
use crate::domain::visit::{Visit, What};

pub(crate) const PRODUCT_VIEWED: &str = "visit.product_viewed";
pub(crate) const SEARCH_PERFORMED: &str = "visit.search_performed";
pub(crate) const RESULT_CLICKED: &str = "visit.result_clicked";
pub(crate) const LIST_VIEWED: &str = "visit.list_viewed";
pub(crate) const POPULARITY_CHANGED: &str = "product.popularity_changed";
pub(crate) const POPULAR_CHANGED: &str = "search.popular_changed";

/// What visitors do.
pub(crate) const VISITS: &[&str] = &[PRODUCT_VIEWED, SEARCH_PERFORMED, RESULT_CLICKED, LIST_VIEWED];

/// Of the data of all events here.
const VERSION: u32 = 1;
/// Keys that the visits of a company are spread over. Nothing depends on their order, and the log keeps the last event of
/// each key for ever: so there are few.
const KEYS: u64 = 16;

/// What the data of all visits has.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Common {
    shop: Option<ShopId>,
    visitor: Option<Pseudonym>,
    received: Timestamp,
}

#[derive(Serialize)]
struct Data<'v, T> {
    #[serde(flatten)]
    common: &'v Common,
    #[serde(flatten)]
    details: &'v T,
}

/// The data of [`POPULARITY_CHANGED`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PopularityChanged {
    pub(crate) id: ProductId,
    pub(crate) company: CompanyId,
    /// In thousandths: see [`decay`](crate::domain::decay).
    pub(crate) score: i64,
    pub(crate) as_of: Timestamp,
}

/// The data of [`POPULAR_CHANGED`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PopularChanged {
    pub(crate) company: CompanyId,
    /// The most popular first.
    pub(crate) searches: Vec<PopularSearch>,
    pub(crate) as_of: Timestamp,
}

/// One text that is searched for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PopularSearch {
    pub(crate) text: String,
    /// In thousandths: see [`decay`](crate::domain::decay).
    pub(crate) score: i64,
}

/// The record of a visit. Of the request it keeps nothing: no caller, no correlation, no trace.
pub(crate) fn visit(id: EventId, visit: &Visit) -> Result<Record, Fault> {
    let common = Common { shop: visit.shop, visitor: visit.visitor, received: visit.received };
    let (kind, subject, data) = match &visit.what {
        What::ProductViewed(view) => (PRODUCT_VIEWED, view.product.to_string(), data(&common, view)?),
        What::SearchPerformed(search) => {
            (SEARCH_PERFORMED, search.search.to_string(), data(&common, search)?)
        }
        What::ResultClicked(click) => (RESULT_CLICKED, click.search.to_string(), data(&common, click)?),
        What::ListViewed(view) => (LIST_VIEWED, view.list.clone(), data(&common, view)?),
    };
    let spread = visit.visitor.map_or_else(|| id.uuid().as_u64_pair().0, Pseudonym::hash) % KEYS;
    let event = AnyEnvelope {
        actor: Principal::Anonymous.actor(),
        ..told(id, kind, subject, visit.company, visit.at, data)
    };
    let key = format!("{}:{spread}", visit.company);
    Ok(Record::new(Topic::Analytics.name(), key, serde_json::to_vec(&event)?))
}

/// What analytics itself tells, the `sequence`th time about `subject`.
pub(crate) fn derived(
    kind: &str,
    subject: String,
    company: CompanyId,
    sequence: i64,
    at: Timestamp,
    data: &impl Serialize,
) -> Result<AnyEnvelope, Fault> {
    let data = serde_json::to_value(data)?;
    Ok(AnyEnvelope { sequence, ..told(EventId::new(at), kind, subject, company, at, data) })
}

fn told(
    id: EventId,
    kind: &str,
    subject: String,
    company: CompanyId,
    at: Timestamp,
    data: Json,
) -> AnyEnvelope {
    Envelope {
        spec_version: SpecVersion::V1,
        id,
        kind: kind.to_owned(),
        source: format!("/souk/{NAME}"),
        subject,
        time: at,
        data_content_type: JsonContent::Json,
        company: Some(company),
        actor: service(),
        sequence: 1,
        schema_version: VERSION,
        correlation: id.to_string(),
        traceparent: None,
        tracestate: None,
        data,
    }
}

fn service() -> Actor {
    Principal::service(NAME).actor()
}

fn data(common: &Common, details: &impl Serialize) -> Result<Json, Fault> {
    Ok(serde_json::to_value(Data { common, details })?)
}

/// The visit that an event of the log tells; a fault when it tells none.
pub(crate) fn read(event: &Envelope<Box<RawValue>>) -> Result<Visit, Fault> {
    let company = event.company.ok_or_else(|| Fault::broken("a visit names no company"))?;
    let common: Common = details(&event.data)?;
    let what = match event.kind.as_str() {
        PRODUCT_VIEWED => What::ProductViewed(details(&event.data)?),
        SEARCH_PERFORMED => What::SearchPerformed(details(&event.data)?),
        RESULT_CLICKED => What::ResultClicked(details(&event.data)?),
        LIST_VIEWED => What::ListViewed(details(&event.data)?),
        other => return Err(Fault::broken(format!("`{other}` is no visit"))),
    };
    let Common { shop, visitor, received } = common;
    Ok(Visit { company, shop, visitor, at: event.time, received, what })
}

fn details<T: DeserializeOwned>(data: &RawValue) -> Result<T, Fault> {
    Ok(serde_json::from_str(data.get())?)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What was once told is read for ever, and told alike today.
    #[test]
    fn a_visit_reads_back_as_it_was_told() {
        for golden in [
            include_str!("../tests/events/visit.product_viewed.v1.json"),
            include_str!("../tests/events/visit.search_performed.v1.json"),
            include_str!("../tests/events/visit.result_clicked.v1.json"),
            include_str!("../tests/events/visit.list_viewed.v1.json"),
        ] {
            let event: Envelope<Box<RawValue>> = serde_json::from_str(golden).unwrap();
            assert!(VISITS.contains(&event.kind.as_str()));
            let read = read(&event).unwrap();
            let record = visit(event.id, &read).unwrap();
            let mut again: Json = serde_json::from_slice(&record.payload).unwrap();
            let mut before: Json = serde_json::from_str(golden).unwrap();
            before["correlation"] = again["correlation"].take();
            again["correlation"] = before["correlation"].clone();
            assert_eq!(again, before);
            assert!(record.key.starts_with("comp_01kkbfjym0ey28700e36j5xdx2:"), "{}", record.key);
        }
    }

    #[test]
    fn what_is_derived_is_told_as_its_readers_know_it() {
        let golden = include_str!("../tests/events/product.popularity_changed.v1.json");
        let event: Envelope<PopularityChanged> = serde_json::from_str(golden).unwrap();
        assert_eq!((event.kind.as_str(), &event.subject), (POPULARITY_CHANGED, &event.data.id.to_string()));
        same(golden, &event.data);
        let golden = include_str!("../tests/events/search.popular_changed.v1.json");
        let event: Envelope<PopularChanged> = serde_json::from_str(golden).unwrap();
        assert_eq!((event.kind.as_str(), &event.subject), (POPULAR_CHANGED, &event.data.company.to_string()));
        same(golden, &event.data);
    }

    fn same(golden: &str, data: &impl Serialize) {
        let golden: Json = serde_json::from_str(golden).unwrap();
        assert_eq!(golden["data"], serde_json::to_value(data).unwrap());
    }

    #[test]
    fn what_is_no_visit_is_refused() {
        let golden = include_str!("../tests/events/visit.list_viewed.v1.json");
        for (from, to) in
            [("visit.list_viewed", "visit.other"), ("\"company\"", "\"nobody\""), ("\"list\"", "\"lost\"")]
        {
            let event: Envelope<Box<RawValue>> = serde_json::from_str(&golden.replace(from, to)).unwrap();
            assert!(read(&event).is_err(), "{to}");
        }
    }
}
