//! Indexes to test, and products and questions to test them with.

use std::collections::{BTreeMap, BTreeSet};

use ::elasticsearch::http::{Method, headers::HeaderMap, transport::Transport};
use chrono::{TimeDelta, TimeZone, Utc};
use serde_json::Value as Json;
use souk_kit::clock::Timestamp;
use souk_kit::id::{CompanyId, ShopId};
use souk_kit::permission::{Action, Resource, Visibility, decide};
use souk_kit::testing::principals;
use souk_search::index::document::{
    Assortment, Availability, Change, Price, ProductDocument, ProductId, ProductText, Publication,
};
use souk_search::index::query::{Audience, Filter, SearchQuery, Sort, Tuning};
use souk_search::index::{SharedSearchIndex, elasticsearch, tantivy};
use uuid::Uuid;

use crate::side::Indices;

/// An index for one test, and what must outlive it.
pub(super) struct Side {
    pub(super) name: &'static str,
    pub(super) index: SharedSearchIndex,
    /// Where it is, embedded; goes when it is dropped.
    pub(super) folder: Option<tempfile::TempDir>,
    /// Where it is on a cluster; go when it is dropped.
    pub(super) indices: Option<Indices>,
}

/// The embedded side, empty.
pub(super) fn embedded() -> Side {
    embedded_in(tempfile::tempdir().unwrap())
}

/// The embedded side with what a folder has.
pub(super) fn embedded_in(folder: tempfile::TempDir) -> Side {
    let index = tantivy::open_writer(folder.path()).unwrap();
    Side { name: "tantivy", index, folder: Some(folder), indices: None }
}

/// Elasticsearch for a test, when it runs.
pub(super) struct Cluster {
    url: String,
}

/// The cluster of the environment; `None` says that the test is skipped.
pub(super) fn cluster() -> Option<Cluster> {
    souk_stand::elasticsearch_url().map(|url| Cluster { url })
}

impl Cluster {
    pub(super) fn at(url: String) -> Self {
        Self { url }
    }

    /// An empty index under a name of its own.
    pub(super) fn index(&self) -> Side {
        let prefix = format!("index-{}-", Uuid::now_v7().simple());
        let index = elasticsearch::connect(&self.url, &prefix).unwrap();
        let indices = Indices { url: self.url.clone(), prefix };
        Side { name: "elasticsearch", index, folder: None, indices: Some(indices) }
    }
}

pub(super) fn now() -> Timestamp {
    Utc.with_ymd_and_hms(2030, 6, 1, 12, 0, 0).unwrap()
}

pub(super) fn hours(hours: i64) -> Timestamp {
    now() + TimeDelta::hours(hours)
}

pub(super) fn id(n: u64) -> ProductId {
    ProductId::from_uuid(Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 | u128::from(n)))
}

pub(super) fn company(n: u64) -> CompanyId {
    CompanyId::from_uuid(Uuid::from_u128(0x0190_0000_0000_7000_9000_0000_0000_0000 | u128::from(n)))
}

pub(super) fn shop(n: u64) -> ShopId {
    ShopId::from_uuid(Uuid::from_u128(0x0190_0000_0000_7000_a000_0000_0000_0000 | u128::from(n)))
}

/// A published product of company 1 with an English name and nothing else.
pub(super) fn product(n: u64, name: &str) -> ProductDocument {
    let text = ProductText { name: name.to_owned(), ..ProductText::default() };
    ProductDocument {
        id: id(n),
        company: company(1),
        revision: 1,
        publication: Publication {
            is_active: true,
            from: None,
            until: None,
            company_active: true,
            shop_active: true,
        },
        shops: Assortment::All,
        default_locale: "en".to_owned(),
        texts: BTreeMap::from([("en".to_owned(), text)]),
        brand: None,
        tags: BTreeSet::new(),
        skus: BTreeSet::new(),
        barcodes: BTreeSet::new(),
        categories: BTreeSet::new(),
        attributes: BTreeMap::new(),
        prices: Vec::new(),
        created_at: hours(-1000),
        popularity: 0,
        rating: None,
        availability: Availability::Unknown,
    }
}

pub(super) fn price(amount_minor: i64) -> Price {
    Price { currency: "GBP".to_owned(), shop: None, amount_minor, from: None, until: None }
}

pub(super) fn upsert(document: ProductDocument) -> Change {
    Change::Upsert(Box::new(document))
}

pub(super) fn deletion(n: u64, revision: u64) -> Change {
    Change::Delete { id: id(n), company: company(1), revision }
}

pub(super) fn visitor() -> Visibility {
    Visibility::public_only()
}

pub(super) fn staff(n: u64) -> Visibility {
    decide(&principals::company_admin(company(n)), Action::Read, Resource::Product).unwrap()
}

/// What a visitor finds by words, of all companies.
pub(super) fn ask(text: &str) -> SearchQuery {
    SearchQuery {
        audience: Audience {
            visibility: visitor(),
            at: now(),
            company: None,
            closed: Vec::new(),
            shop: None,
            locale: Some("en".to_owned()),
        },
        text: text.to_owned(),
        currency: Some("GBP".to_owned()),
        filter: Filter::everything(),
        facets: Vec::new(),
        sort: Sort::Relevance,
        first: 50,
        after: None,
        highlight: false,
        tuning: Tuning::default(),
    }
}

impl Side {
    pub(super) async fn fill(&self, products: impl IntoIterator<Item = ProductDocument>) {
        let changes: Vec<_> = products.into_iter().map(upsert).collect();
        for part in changes.chunks(500) {
            self.index.write(part).await.unwrap();
        }
        self.index.refresh().await.unwrap();
    }

    /// The same index as another process has it, which knows nothing of what this one has seen. Of a cluster alone.
    pub(super) fn beside(&self) -> SharedSearchIndex {
        let indices = self.indices.as_ref().unwrap();
        elasticsearch::connect(&indices.url, &indices.prefix).unwrap()
    }

    /// What the cluster answers to a call past the index.
    pub(super) async fn call(&self, method: Method, path: &str, body: String) -> Json {
        let transport = Transport::single_node(&self.indices.as_ref().unwrap().url).unwrap();
        let body = (!body.is_empty()).then_some(body);
        let sent = transport.send(method, path, HeaderMap::new(), None::<&()>, body, None).await.unwrap();
        assert!(sent.status_code().is_success(), "{path}: {sent:?}");
        sent.json().await.unwrap()
    }

    /// The numbers of the products that are found, in order.
    pub(super) async fn found(&self, query: &SearchQuery) -> Vec<u64> {
        let answer = self.index.search(query).await.unwrap();
        answer.hits.iter().map(|hit| number(hit.id)).collect()
    }

    pub(super) async fn finds(&self, text: &str) -> Vec<u64> {
        self.found(&ask(text)).await
    }
}

pub(super) fn number(id: ProductId) -> u64 {
    id.uuid().as_u64_pair().1 & 0xffff_ffff
}
