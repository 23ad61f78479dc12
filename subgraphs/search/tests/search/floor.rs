//! What the tests stand on: the subgraph and its worker over one index, and events as the catalogue and merchants
//! would tell them.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use serde::de::DeserializeOwned;
use serde_json::{Value as Json, json};
use souk_engines::kafka::testing::TestKafka;
use souk_kit::consumer::retry_topic;
use souk_kit::event::Topic;
use souk_kit::event_log::Record;
use souk_kit::fault::Fault;
use souk_kit::id::{CompanyId, EventId, ShopId};
use souk_kit::testing::{Caller, Stage, TestSubgraph, principals};
use souk_kit::worker::Worker;
use souk_search::domain::heard::{Category, Company, PriceList, Shop};
use souk_search::domain::ids::ProductId;
use souk_search::index::SharedSearchIndex;
use souk_search::market::{LARGEST_BATCH, MarketFacts, Versioned};
use souk_search::source::{CatalogSource, SourceProduct, SourceShared};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::model::Model;
use crate::side::{self, Indices};

/// How long anything may take to be found.
const PATIENCE: Duration = Duration::from_mins(1);

pub(crate) struct Floor {
    pub(crate) search: TestSubgraph,
    pub(crate) model: Model,
    index: SharedSearchIndex,
    pub(crate) company: CompanyId,
    pub(crate) rival: CompanyId,
    pub(crate) shops: [ShopId; 2],
    pub(crate) source: Arc<Catalog>,
    told: AtomicU64,
    _engines: (Option<TestKafka>, Option<Indices>),
}

/// Merchants as they would answer. At first they know nobody: everything comes by events.
#[derive(Default)]
pub(crate) struct Merchants {
    known: Mutex<BTreeMap<String, Json>>,
    /// How many ids each call asked for.
    asked: Mutex<Vec<usize>>,
}

impl Merchants {
    /// Keeps what is said of a company or shop.
    pub(crate) fn know(&self, fact: Json) {
        self.known.lock().unwrap().insert(fact["id"].as_str().unwrap().to_owned(), fact);
    }

    /// How many ids each call since the last look asked for.
    pub(crate) fn asked(&self) -> Vec<usize> {
        std::mem::take(&mut self.asked.lock().unwrap())
    }

    fn answer<I: ToString, T: DeserializeOwned>(&self, ids: &[I]) -> Vec<Versioned<T>> {
        assert!(ids.len() <= LARGEST_BATCH, "{} ids in one call", ids.len());
        self.asked.lock().unwrap().push(ids.len());
        let known = self.known.lock().unwrap();
        let facts = ids.iter().filter_map(|id| known.get(&id.to_string()).cloned());
        facts.map(|fact| Versioned { version: 1, fact: serde_json::from_value(fact).unwrap() }).collect()
    }
}

#[async_trait]
impl MarketFacts for Merchants {
    async fn companies(&self, ids: &[CompanyId]) -> Result<Vec<Versioned<Company>>, Fault> {
        Ok(self.answer(ids))
    }

    async fn shops(&self, ids: &[ShopId]) -> Result<Vec<Versioned<Shop>>, Fault> {
        Ok(self.answer(ids))
    }
}

/// The catalogue as it would answer for its products.
#[derive(Default)]
pub(crate) struct Catalog {
    products: Mutex<BTreeMap<String, (i64, Json)>>,
    categories: Mutex<Vec<Json>>,
    pub(crate) merchants: Merchants,
}

impl Catalog {
    /// Keeps a product as it is from `version` on.
    pub(crate) fn keep(&self, version: i64, product: Json) {
        let id = product["id"].as_str().unwrap().to_owned();
        self.products.lock().unwrap().insert(id, (version, product));
    }

    /// Keeps a category, as `{ company, version, state }`.
    pub(crate) fn keep_category(&self, category: Json) {
        self.categories.lock().unwrap().push(category);
    }

    pub(crate) fn delete(&self, id: ProductId) {
        self.products.lock().unwrap().remove(&id.to_string());
    }

    fn product(&self, id: &str) -> Option<SourceProduct> {
        let (version, state) = self.products.lock().unwrap().get(id)?.clone();
        Some(SourceProduct { version, state: serde_json::from_value(state).unwrap() })
    }
}

#[async_trait]
impl CatalogSource for Catalog {
    async fn products(&self, after: Option<&str>, first: u32) -> Result<Vec<SourceProduct>, Fault> {
        let behind = (after.map_or(Bound::Unbounded, Bound::Excluded), Bound::Unbounded);
        let first = usize::try_from(first).unwrap();
        let ids: Vec<String> = self
            .products
            .lock()
            .unwrap()
            .range::<str, _>(behind)
            .take(first)
            .map(|(id, _)| id.clone())
            .collect();
        Ok(ids.iter().filter_map(|id| self.product(id)).collect())
    }

    async fn products_by_id(&self, ids: &[String]) -> Result<Vec<SourceProduct>, Fault> {
        Ok(ids.iter().filter_map(|id| self.product(id)).collect())
    }

    async fn categories(&self, _: &[CompanyId]) -> Result<Vec<SourceShared<Category>>, Fault> {
        let kept = self.categories.lock().unwrap();
        Ok(kept.iter().map(|one| serde_json::from_value(one.clone()).unwrap()).collect())
    }

    async fn price_lists(&self, _: &[CompanyId]) -> Result<Vec<SourceShared<PriceList>>, Fault> {
        Ok(Vec::new())
    }

    fn merchants(&self) -> Option<&dyn MarketFacts> {
        Some(&self.merchants)
    }
}

impl Floor {
    /// Over the model of an index.
    pub(crate) async fn open() -> Self {
        let model = Model::default();
        let index: SharedSearchIndex = Arc::new(model.clone());
        let (stage, kafka) = side::stage().await;
        Self::over(stage, model, index, (kafka, None)).await
    }

    /// Over a real index; the model stays empty.
    pub(crate) async fn indexed() -> Self {
        let (mut stage, kafka) = side::stage().await;
        // There may be very many.
        stage.ports.statements = None;
        let (index, indices) = side::index(&stage);
        Self::over(stage, Model::default(), index, (kafka, indices)).await
    }

    async fn over(
        stage: Stage,
        model: Model,
        index: SharedSearchIndex,
        engines: (Option<TestKafka>, Option<Indices>),
    ) -> Self {
        let subgraph =
            souk_search::subgraph(&stage.ports, Arc::clone(&index), Arc::new(Merchants::default()))
                .await
                .unwrap();
        let now = stage.clock().now();
        let search = stage.put_on(subgraph).await.unwrap();
        let floor = Self {
            search,
            model,
            index,
            company: CompanyId::new(now),
            rival: CompanyId::new(now),
            shops: [ShopId::new(now), ShopId::new(now)],
            source: Arc::default(),
            told: AtomicU64::new(0),
            _engines: engines,
        };
        for company in [floor.company, floor.rival] {
            floor.tell_company(company, 1, true).await;
        }
        for shop in floor.shops {
            floor.tell_shop(shop, 1, true).await;
        }
        floor
    }

    /// A worker on the same ports, which must be its only one.
    pub(crate) async fn worker(&self) -> Worker {
        self.worker_with(Some(self.source.clone())).await
    }

    async fn worker_with(&self, source: Option<Arc<dyn CatalogSource>>) -> Worker {
        let index = Arc::clone(&self.index);
        // What was killed may not have let go of its database yet.
        let open = async || {
            souk_search::indexer(&self.search.stage.ports, Arc::clone(&index), source.clone()).await.ok()
        };
        let worker = eventually("the indexer's database", open).await;
        worker.migrate().await.unwrap();
        worker
    }

    /// Runs the worker and the subgraph's consumers until the answer is stopped.
    pub(crate) async fn run(&self) -> Running {
        self.run_with(self.worker().await)
    }

    /// The same, with a worker that cannot ask the catalogue.
    pub(crate) async fn run_without_source(&self) -> Running {
        self.run_with(self.worker_with(None).await)
    }

    fn run_with(&self, worker: Worker) -> Running {
        let stop = CancellationToken::new();
        let api = self.search.subgraph.worker().clone();
        let both = [stop.clone(), stop.clone()];
        let [one, other] = both;
        let tasks = vec![
            tokio::spawn(async move { worker.run(one).await }),
            tokio::spawn(async move { api.run(other).await }),
        ];
        Running { stop, tasks }
    }

    /// The index that the worker writes.
    pub(crate) fn index(&self) -> &SharedSearchIndex {
        &self.index
    }

    pub(crate) fn admin(&self) -> Caller {
        self.search.caller(principals::company_admin(self.company))
    }

    pub(crate) fn nobody(&self) -> Caller {
        self.search.caller(principals::nobody())
    }

    /// Appends events as they stand in the log.
    pub(crate) async fn tell(&self, events: impl IntoIterator<Item = (&'static str, Json)>) {
        let records = events.into_iter().map(|(topic, event)| Record {
            key: event["subject"].as_str().unwrap().to_owned(),
            payload: event.to_string().into(),
            ..Record::new(topic, "", "")
        });
        self.append(records.collect()).await;
    }

    /// Appends records as they are, again when a busy cluster did not take them in time, as a relay does.
    pub(crate) async fn append(&self, records: Vec<Record>) {
        let start = Instant::now();
        loop {
            match self.search.stage.ports.events.append(records.clone()).await {
                Err(fault) if fault.is_transient() && start.elapsed() < PATIENCE => {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
                answer => return answer.unwrap(),
            }
        }
    }

    /// Waits until a consumer has taken all events of `topic`, and all that it is to try again.
    pub(crate) async fn caught_up(&self, consumer: &str, topic: Topic) {
        let topics = [topic.name().to_owned(), retry_topic(consumer)];
        let log = &self.search.stage.ports.events;
        // A topic that was just made is not there at once on a cluster.
        let lag = async || log.lag(consumer, &topics).await.ok().filter(|lag| *lag == 0);
        eventually(consumer, lag).await;
    }

    /// An event of `company`.
    pub(crate) fn event(
        &self,
        company: CompanyId,
        kind: &str,
        subject: &str,
        sequence: i64,
        data: impl Into<Json>,
    ) -> Json {
        let n = self.told.fetch_add(1, Ordering::Relaxed);
        let now = self.search.stage.clock().now();
        let id = EventId::new(now);
        json!({ "specversion": "1.0", "id": id, "type": kind, "source": "/souk/test", "subject": subject,
            "time": now, "datacontenttype": "application/json", "company": company, "actor": "service:test",
            "sequence": sequence, "schemaversion": 1, "correlation": n.to_string(), "data": data.into() })
    }

    pub(crate) async fn tell_company(&self, company: CompanyId, sequence: i64, active: bool) {
        let data = json!({ "id": company, "active": active, "currency": "EUR", "locales": ["en", "de"] });
        let kind = if sequence == 1 { "company.created" } else { "company.updated" };
        let event = self.event(company, kind, &company.to_string(), sequence, data);
        self.tell([("company.events", event)]).await;
    }

    pub(crate) async fn tell_shop(&self, shop: ShopId, sequence: i64, active: bool) {
        let data = json!({ "id": shop, "company_id": self.company, "active": active });
        let event = self.event(self.company, "shop.updated", &shop.to_string(), sequence, data);
        self.tell([("shop.events", event)]).await;
    }

    pub(crate) fn product(&self, id: ProductId, name: &str) -> Json {
        json!({ "id": id, "company": self.company, "slug": "x", "name": name, "status": "active",
            "description": { "html": "", "plain": "" }, "created_at": "2026-03-10T09:00:00Z",
            "variants": [{ "id": "var_01kkbfjym0fsza9y5j7jaany02", "prices": [{ "currency": "EUR", "amount_minor": 100 }] }] })
    }

    /// Tells of a product as it is from `sequence` on.
    pub(crate) async fn tell_product(&self, sequence: i64, product: Json) {
        let event = self.product_event(sequence, product);
        self.tell([("product.events", event)]).await;
    }

    pub(crate) fn product_event(&self, sequence: i64, product: Json) -> Json {
        let company = product["company"].as_str().unwrap().parse().unwrap();
        let subject = product["id"].as_str().unwrap().to_owned();
        self.event(company, "product.updated", &subject, sequence, product)
    }

    pub(crate) fn product_deleted(&self, sequence: i64, product: Json) -> Json {
        let mut event = self.product_event(sequence, product);
        event["type"] = json!("product.deleted");
        event
    }

    /// What analytics tells of a product on the pages of `company`.
    pub(crate) async fn tell_popularity(
        &self,
        company: CompanyId,
        sequence: i64,
        product: ProductId,
        score: u64,
    ) {
        let data = json!({ "id": product, "company": company, "score": score });
        let kind = "product.popularity_changed";
        let event = self.event(company, kind, &product.to_string(), sequence, data);
        self.tell([("analytics.events", event)]).await;
    }

    /// A new id of a product.
    pub(crate) fn id(&self) -> ProductId {
        ProductId::new(self.search.stage.clock().now())
    }
}

/// What runs on the floor.
pub(crate) struct Running {
    stop: CancellationToken,
    tasks: Vec<JoinHandle<()>>,
}

impl Running {
    pub(crate) async fn stop(self) {
        self.stop.cancel();
        for task in self.tasks {
            task.await.unwrap();
        }
    }

    /// As a kill does it: wherever they are.
    pub(crate) async fn kill(self) {
        for task in &self.tasks {
            task.abort();
        }
        for task in self.tasks {
            assert!(task.await.is_err_and(|error| error.is_cancelled()));
        }
    }
}

/// Waits until `holds` answers something.
pub(crate) async fn eventually<T>(what: &str, holds: impl AsyncFn() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = holds().await {
            return found;
        }
        assert!(start.elapsed() < PATIENCE, "{what} did not come about within {PATIENCE:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
