//! The stage of the tests: two companies, two shops of the first, their visitors, and the worker that counts.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use chrono::TimeDelta;
use sea_orm::ConnectionTrait;
use serde_json::{Value as Json, json};
use souk_analytics::facts::{CompanyFact, MerchantFacts, ShopFact};
use souk_engines::kafka::testing::TestKafka;
use souk_kit::clock::Timestamp;
use souk_kit::consumer::retry_topic;
use souk_kit::event::{AnyEnvelope, Topic};
use souk_kit::event_log::{Position, Record, Start};
use souk_kit::fault::Fault;
use souk_kit::id::{CompanyId, EventId, ShopId};
use souk_kit::principal::Principal;
use souk_kit::testing::{Caller, TestSubgraph, principals};
use souk_kit::worker::Worker;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::side;

pub(crate) const BROWSER: &str =
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:145.0) Gecko/20100101 Firefox/145.0";
pub(crate) const TRACK: &str = "mutation($input: TrackInput!) { track(input: $input) {
    accepted dropped userErrors { code path } } }";
pub(crate) const VISITS: &str = "analytics.fold-visits";
/// What all counts are once they are spoiled.
pub(crate) const SPOILED: i64 = 77;
const CONSUMERS: [(&str, Topic); 6] = [
    (VISITS, Topic::Analytics),
    ("analytics.fold-products", Topic::Product),
    ("analytics.fold-shops", Topic::Shop),
    ("analytics.learn-owners", Topic::Product),
    ("analytics.learn-companies", Topic::Company),
    ("analytics.learn-shops", Topic::Shop),
];

/// What merchants would answer.
pub(crate) struct Known {
    companies: HashMap<CompanyId, CompanyFact>,
    shops: HashMap<ShopId, ShopFact>,
}

#[async_trait]
impl MerchantFacts for Known {
    async fn company(&self, id: CompanyId) -> Result<Option<CompanyFact>, Fault> {
        Ok(self.companies.get(&id).cloned())
    }

    async fn shop(&self, id: ShopId) -> Result<Option<ShopFact>, Fault> {
        Ok(self.shops.get(&id).cloned())
    }
}

pub(crate) struct Storefront {
    pub(crate) analytics: TestSubgraph,
    pub(crate) company: CompanyId,
    pub(crate) rival: CompanyId,
    /// Deactivated.
    pub(crate) closed: CompanyId,
    pub(crate) shops: [ShopId; 2],
    pub(crate) rivals_shop: ShopId,
    _kafka: Option<TestKafka>,
}

impl Storefront {
    /// With the company's clocks in Berlin.
    pub(crate) async fn open() -> Self {
        Self::open_in("Europe/Berlin").await
    }

    pub(crate) async fn open_in(zone: &str) -> Self {
        let (stage, kafka) = side::stage().await;
        let now = stage.clock().now();
        let [company, rival, closed] = [(); 3].map(|()| CompanyId::new(now));
        let [one, two, rivals_shop] = [(); 3].map(|()| ShopId::new(now));
        let fact = |id, active| (id, CompanyFact { id, time_zone: zone.to_owned(), active, version: 1 });
        let shop = |id, company| (id, ShopFact { id, company, active: true, version: 1 });
        let known = Known {
            companies: [fact(company, true), fact(rival, true), fact(closed, false)].into(),
            shops: [shop(one, company), shop(two, company), shop(rivals_shop, rival)].into(),
        };
        souk_analytics::worker(&stage.ports, None).await.unwrap().migrate().await.unwrap();
        let subgraph = souk_analytics::subgraph(&stage.ports, Arc::new(known)).await.unwrap();
        let analytics = stage.put_on(subgraph).await.unwrap();
        Self { analytics, company, rival, closed, shops: [one, two], rivals_shop, _kafka: kafka }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.analytics.stage.clock().now()
    }

    pub(crate) fn caller(&self, principal: Principal) -> Caller {
        self.analytics.caller(principal)
    }

    pub(crate) fn admin(&self) -> Caller {
        self.caller(principals::company_admin(self.company))
    }

    /// Somebody with a browser.
    pub(crate) fn visitor(&self) -> Caller {
        self.caller(principals::nobody()).with_header("user-agent", BROWSER)
    }

    /// What a visitor who has agreed to being told apart sends.
    pub(crate) fn input(&self, visitor: u32, events: &[Json]) -> Json {
        json!({ "company": self.company, "visitor": format!("visitor-{visitor:012}"), "consent": true,
                "events": events })
    }

    /// Sends what visitor number `visitor` did, all of which must be taken.
    pub(crate) async fn track(&self, visitor: u32, events: &[Json]) {
        self.send(self.input(visitor, events)).await;
    }

    pub(crate) async fn send(&self, input: Json) {
        let count = input["events"].as_array().unwrap().len();
        let answer = self.visitor().send(TRACK, json!({ "input": input })).await;
        let expected = json!({ "accepted": count, "dropped": 0, "userErrors": [] });
        assert_eq!(answer["data"]["track"], expected, "{answer}");
    }

    /// A worker, started anew, on a log that forgets nothing.
    pub(crate) async fn worker(&self) -> Worker {
        self.worker_on_log_of(None).await
    }

    /// A worker, started anew, on a log that keeps events for so long.
    pub(crate) async fn worker_on_log_of(&self, retention: Option<TimeDelta>) -> Worker {
        souk_analytics::worker(&self.analytics.stage.ports, retention).await.unwrap()
    }

    /// Runs the worker until it has counted everything.
    pub(crate) async fn count(&self) {
        let worker = self.worker().await;
        let stop = CancellationToken::new();
        let running = tokio::spawn({
            let stop = stop.clone();
            async move { worker.run(stop).await }
        });
        let log = &self.analytics.stage.ports.events;
        let caught_up = async {
            for (group, topic) in CONSUMERS {
                let topics = [topic.name().to_owned(), retry_topic(group)];
                while patiently(async || log.lag(group, &topics).await).await > 0 {
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
            }
        };
        tokio::time::timeout(Duration::from_mins(1), caught_up).await.unwrap();
        stop.cancel();
        running.await.unwrap();
    }

    /// Does a job of the worker's once.
    pub(crate) async fn job(&self, name: &str) {
        Self::job_of(&self.worker().await, name).await;
    }

    /// Does a job of `worker`'s once.
    pub(crate) async fn job_of(worker: &Worker, name: &str) {
        let job = worker.jobs().iter().find(|job| job.name() == name).unwrap();
        job.once().await.unwrap();
    }

    /// Spoils all figures, as a fault in counting would.
    pub(crate) async fn spoil(&self) {
        let sql = self.analytics.stage.ports.sql("analytics").await.unwrap();
        let tx = sql.begin().await.unwrap();
        let counts = format!("UPDATE hour_count SET value = {SPOILED}");
        for statement in [&counts, "DELETE FROM hour_tally", "DELETE FROM hour_sketch"] {
            tx.execute_unprepared(statement).await.unwrap();
        }
        tx.commit().await.unwrap();
    }

    /// Puts `amount` in the place of every count and every amount of an item.
    pub(crate) async fn enlarge(&self, amount: i64) {
        let sql = self.analytics.stage.ports.sql("analytics").await.unwrap();
        let tx = sql.begin().await.unwrap();
        for table in ["hour_count", "hour_tally"] {
            tx.execute_unprepared(&format!("UPDATE {table} SET value = {amount}")).await.unwrap();
        }
        tx.commit().await.unwrap();
    }

    /// Appends an event of another domain.
    pub(crate) async fn hear(&self, topic: Topic, event: &Json) {
        let subject = event["subject"].as_str().unwrap();
        let record = Record::new(topic.name(), subject, event.to_string());
        let log = &self.analytics.stage.ports.events;
        patiently(async || log.append(vec![record.clone()]).await).await;
    }

    /// Has the catalogue tell that these products are a company's, without a figure that this counts in.
    pub(crate) async fn owns(&self, company: CompanyId, products: impl IntoIterator<Item = u128>) {
        for n in products {
            self.hear(Topic::Product, &product_event(n, company, "product.updated", 1)).await;
        }
    }

    /// The events of analytics in the log, from its beginning.
    pub(crate) async fn log(&self) -> Vec<AnyEnvelope> {
        self.worker().await.relay_pending().await.unwrap();
        let log = &self.analytics.stage.ports.events;
        let mut events = Vec::new();
        for from in self.beginning().await {
            for delivered in log.read(&from, 10_000).await.unwrap() {
                events.push(serde_json::from_slice(&delivered.record.payload).unwrap());
            }
        }
        events
    }

    /// Where the events of analytics begin.
    pub(crate) async fn beginning(&self) -> Vec<Position> {
        let log = &self.analytics.stage.ports.events;
        patiently(async || log.positions(Topic::Analytics.name(), Start::Beginning).await).await
    }

    /// The figures that `caller` gets of the company, between two times.
    pub(crate) async fn figures(&self, caller: &Caller, (from, until): (&str, &str), fields: &str) -> Json {
        let query = format!(
            "query($id: ID!, $from: DateTime!, $until: DateTime!) {{
               _entities(representations: [{{ __typename: \"Company\", id: $id }}]) {{
                 ... on Company {{ analytics(from: $from, until: $until) {{ {fields} }} }} }} }}"
        );
        let answer = caller.send(&query, json!({ "id": self.company, "from": from, "until": until })).await;
        assert!(answer.get("errors").is_none(), "{answer}");
        answer["data"]["_entities"][0]["analytics"].clone()
    }

    /// All figures of the days around the test.
    pub(crate) async fn everything(&self) -> Json {
        let fields =
            "totals { views viewingSeconds listViews searches searchesWithoutResults resultClicks visitors
            productsCreated productsPublished shopsOpened shopsClosed }
            series(interval: HOUR, first: 100) { nodes { from figures { views searches visitors } } }
            topProducts { nodes { product { id } views resultClicks } }
            trendingProducts { nodes { product { id } score } }
            topLists { nodes { list views } }
            popularSearches { nodes { text searches } }
            searchesWithoutResults { nodes { text searches } }
            clickThrough { position shown clicks rate }";
        self.figures(&self.admin(), ("2026-03-08T00:00:00Z", "2026-03-12T00:00:00Z"), fields).await
    }

    /// A time before now.
    pub(crate) fn ago(&self, minutes: i64) -> Timestamp {
        self.now() - TimeDelta::minutes(minutes)
    }
}

/// What the log answers; a topic that was just made is not there at once on a cluster.
async fn patiently<T>(ask: impl AsyncFn() -> Result<T, Fault>) -> T {
    let start = Instant::now();
    loop {
        match ask().await {
            Err(fault) if fault.is_transient() && start.elapsed() < Duration::from_secs(20) => {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            answer => return answer.unwrap(),
        }
    }
}

pub(crate) fn product(n: u128) -> String {
    souk_analytics::domain::ids::ProductId::from_uuid(Uuid::from_u128(n)).to_string()
}

/// An event of the `n`th product as the catalogue tells it.
pub(crate) fn product_event(n: u128, company: CompanyId, kind: &str, sequence: i64) -> Json {
    let id = product(n);
    json!({
        "specversion": "1.0", "id": EventId::from_uuid(Uuid::new_v4()), "type": kind, "source": "/souk/catalog",
        "subject": id, "time": "2026-03-10T08:00:00Z", "datacontenttype": "application/json", "company": company,
        "actor": "service:test", "sequence": sequence, "schemaversion": 1, "correlation": "c",
        "data": { "id": id, "status": "draft" },
    })
}

/// An event of a shop as merchants tells it.
pub(crate) fn shop_event(shop: ShopId, company: CompanyId, kind: &str, sequence: i64, time: &str) -> Json {
    json!({
        "specversion": "1.0", "id": EventId::from_uuid(Uuid::new_v4()), "type": kind, "source": "/souk/merchants",
        "subject": shop, "time": time, "datacontenttype": "application/json", "company": company,
        "actor": "service:test", "sequence": sequence, "schemaversion": 1, "correlation": "c",
        "data": { "id": shop, "company_id": company, "active": kind != "shop.deactivated" },
    })
}

/// The `n`th random UUID.
pub(crate) fn uuid(n: u128) -> String {
    Uuid::from_u128(n).to_string()
}

pub(crate) fn view(id: u128, at: Timestamp, product: &str) -> Json {
    json!({ "id": uuid(id), "occurredAt": at, "productViewed": { "product": product, "durationMs": 2500 } })
}

pub(crate) fn search(id: u128, at: Timestamp, text: &str, results: u32) -> Json {
    json!({ "id": uuid(id), "occurredAt": at,
            "searchPerformed": { "search": uuid(id), "text": text, "resultCount": results } })
}

pub(crate) fn click(id: u128, at: Timestamp, search: u128, product: &str, position: u32) -> Json {
    json!({ "id": uuid(id), "occurredAt": at,
            "resultClicked": { "search": uuid(search), "product": product, "position": position } })
}

pub(crate) fn list(id: u128, at: Timestamp, name: &str) -> Json {
    json!({ "id": uuid(id), "occurredAt": at, "listViewed": { "list": name } })
}
