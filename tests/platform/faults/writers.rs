//! Those who change products and those who look at them, each trying again under the same key until it is told that it
//! is done; and what the platform must have in the end.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::seq::{IndexedRandom, SliceRandom};
use rand::{Rng, SeedableRng};
use serde_json::{Value, json};
use souk_kit::clock::Clock;

use crate::platform::Platform;
use crate::souk::Endpoint;

pub(super) const COMPANY: &str = "faults";
pub(super) const BRANDS: usize = 7;
const STATUSES: [&str; 3] = ["ACTIVE", "DRAFT", "ARCHIVED"];
const WRITERS: usize = 4;
/// How many products one call changes at most.
const ROWS: usize = 20;
/// How long one change may be refused until it is given up.
const PATIENCE: Duration = Duration::from_mins(5);

/// A product as it must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Kept {
    pub(super) name: String,
    pub(super) brand: String,
    pub(super) status: &'static str,
    /// How many events tell of it; with its deletion one more.
    pub(super) version: i64,
    pub(super) is_deleted: bool,
    was_active: bool,
}

impl Kept {
    fn new(n: usize, rng: &mut StdRng) -> Self {
        let (brand, status) = (brand(rng), *STATUSES.choose(rng).unwrap());
        let was_active = status == "ACTIVE";
        Self { name: name(n), brand, status, version: 1, is_deleted: false, was_active }
    }

    /// The `n`th change of all.
    fn change(&mut self, n: usize, rng: &mut StdRng) {
        self.name = name(n);
        self.brand = brand(rng);
        self.status = STATUSES.choose(rng).unwrap();
        self.was_active |= self.status == "ACTIVE";
        self.version += 1;
    }
}

/// A name that no other change gives.
fn name(n: usize) -> String {
    format!("Faulty thing number{n}x")
}

fn brand(rng: &mut StdRng) -> String {
    format!("Brand {}", rng.random_range(0..BRANDS))
}

/// What was acknowledged.
#[derive(Debug, Default)]
pub(super) struct Made {
    pub(super) company: String,
    pub(super) admin: String,
    /// By their ids; deleted ones, too.
    pub(super) products: BTreeMap<String, Kept>,
    pub(super) views: u64,
    pub(super) changes: usize,
    pub(super) retries: u64,
}

impl Made {
    pub(super) fn published(&self) -> usize {
        self.products.values().filter(|product| product.was_active).count()
    }

    pub(super) fn summary(&self) -> String {
        let deleted = self.products.values().filter(|product| product.is_deleted).count();
        format!(
            "{} changes of {} products ({deleted} deleted) and {} views acknowledged, after {} retries",
            self.changes,
            self.products.len(),
            self.views,
            self.retries
        )
    }
}

/// Many who write and one who looks.
#[derive(Clone)]
pub(super) struct Load {
    endpoint: Endpoint,
    admin: String,
    company: String,
    /// How many changes are made at least.
    changes: usize,
    count: Arc<AtomicUsize>,
    retries: Arc<AtomicU64>,
}

impl Load {
    pub(super) async fn new(platform: &Platform, changes: usize) -> Self {
        let operator = platform.succeeds(&["token", "--role", "super-admin"]);
        let create = "mutation($input: CompanyCreateInput!) { companyCreate(input: $input) { company { id } userErrors { code } } }";
        let input = json!({ "name": "Faults", "slug": COMPANY, "settings": { "currency": "GBP" } });
        let made = platform.gateway().ask(Some(&operator), create, json!({ "input": input })).await;
        let company = made["companyCreate"]["company"]["id"].as_str().unwrap().to_owned();
        let admin = platform.token_at("company-admin", COMPANY);
        let endpoint = platform.gateway().endpoint();
        Self { endpoint, admin, company, changes, count: Arc::default(), retries: Arc::default() }
    }

    /// Goes on until there are changes enough and `may_end` is set.
    pub(super) async fn run(self, may_end: &Arc<AtomicBool>) -> Made {
        let writers: Vec<_> =
            (0..WRITERS).map(|n| tokio::spawn(self.clone().write(n, Arc::clone(may_end)))).collect();
        let over = Arc::new(AtomicBool::new(false));
        let viewer = tokio::spawn(self.clone().look(Arc::clone(&over)));
        let mut products = BTreeMap::new();
        for writer in writers {
            products.extend(writer.await.unwrap());
        }
        over.store(true, Ordering::Relaxed);
        let views = viewer.await.unwrap();
        let changes = self.count.load(Ordering::Relaxed);
        let retries = self.retries.load(Ordering::Relaxed);
        Made { company: self.company, admin: self.admin, products, views, changes, retries }
    }

    /// Changes products that are this writer's alone.
    async fn write(self, writer: usize, may_end: Arc<AtomicBool>) -> BTreeMap<String, Kept> {
        let mut rng = StdRng::seed_from_u64(u64::try_from(writer).unwrap());
        let mut products = BTreeMap::new();
        let mut call = 0;
        while self.count.load(Ordering::Relaxed) < self.changes || !may_end.load(Ordering::Relaxed) {
            call += 1;
            let key = format!("{writer}-{call}");
            let is_alive = |(_, kept): &(&String, &Kept)| !kept.is_deleted;
            let alive: Vec<String> = products.iter().filter(is_alive).map(|(id, _)| id.clone()).collect();
            match rng.random_range(0..20) {
                _ if alive.len() < ROWS => self.create(&key, &mut rng, &mut products).await,
                0 => self.create(&key, &mut rng, &mut products).await,
                1..=2 => self.delete(&key, alive.choose(&mut rng).unwrap(), &mut products).await,
                3..=6 => self.update(&key, alive.choose(&mut rng).unwrap(), &mut rng, &mut products).await,
                _ => self.update_many(&key, alive, &mut rng, &mut products).await,
            }
        }
        products
    }

    /// The number of the next change.
    fn next(&self) -> usize {
        self.count.fetch_add(1, Ordering::Relaxed)
    }

    async fn create(&self, key: &str, rng: &mut StdRng, products: &mut BTreeMap<String, Kept>) {
        let made: Vec<Kept> = (0..ROWS).map(|_| Kept::new(self.next(), rng)).collect();
        let row = |kept: &Kept| json!({ "name": kept.name, "brand": kept.brand, "status": kept.status });
        let ids = self.many("Create", key, made.iter().map(row).collect()).await;
        products.extend(ids.into_iter().zip(made));
    }

    async fn update_many(
        &self,
        key: &str,
        mut alive: Vec<String>,
        rng: &mut StdRng,
        products: &mut BTreeMap<String, Kept>,
    ) {
        alive.shuffle(rng);
        let mut rows = Vec::new();
        for id in alive.iter().take(ROWS) {
            let kept = products.get_mut(id).unwrap();
            kept.change(self.next(), rng);
            rows.push(json!({ "id": id, "name": kept.name, "brand": kept.brand, "status": kept.status }));
        }
        self.many("Update", key, rows).await;
    }

    /// Answers the ids of the rows, all of which were written.
    async fn many(&self, kind: &str, key: &str, rows: Vec<Value>) -> Vec<String> {
        let name = format!("productBulk{kind}");
        let query = format!(
            "mutation($input: ProductBulk{kind}Input!) {{ {name}(input: $input) {{
                rows {{ written product {{ id }} userErrors {{ code message }} }} userErrors {{ code message }} }} }}"
        );
        let input = json!({ "company": self.company, "policy": "REJECT_FAILED_ROWS", "rows": rows, "idempotencyKey": key });
        let ids = |answer: &Value| -> Option<Vec<String>> {
            let rows = answer[&name]["rows"].as_array()?.iter();
            rows.map(|row| {
                (row["written"] == true).then(|| row["product"]["id"].as_str().map(str::to_owned))?
            })
            .collect()
        };
        self.until_done(&query, json!({ "input": input }), ids).await
    }

    async fn update(&self, key: &str, id: &str, rng: &mut StdRng, products: &mut BTreeMap<String, Kept>) {
        let kept = products.get_mut(id).unwrap();
        kept.change(self.next(), rng);
        let query = "mutation($input: ProductUpdateInput!) { productUpdate(input: $input) { product { id } userErrors { code message } } }";
        let input = json!({ "id": id, "name": kept.name, "brand": kept.brand, "status": kept.status, "idempotencyKey": key });
        let done = |answer: &Value| (answer["productUpdate"]["product"]["id"] == id).then_some(());
        self.until_done(query, json!({ "input": input }), done).await;
    }

    async fn delete(&self, key: &str, id: &str, products: &mut BTreeMap<String, Kept>) {
        self.next();
        products.get_mut(id).unwrap().is_deleted = true;
        let query = "mutation($input: ProductDeleteInput!) { productDelete(input: $input) { deletedId userErrors { code message } } }";
        let input = json!({ "id": id, "idempotencyKey": key });
        let done = |answer: &Value| (answer["productDelete"]["deletedId"] == id).then_some(());
        self.until_done(query, json!({ "input": input }), done).await;
    }

    /// Views that were acknowledged.
    async fn look(self, over: Arc<AtomicBool>) -> u64 {
        let query =
            "mutation($input: TrackInput!) { track(input: $input) { accepted userErrors { code message } } }";
        let mut views = 0;
        while !over.load(Ordering::Relaxed) {
            let event = |n: u64| {
                json!({ "id": format!("0198f0c2-6d1e-7aa0-9c5b-{n:012x}"), "occurredAt": Clock::system().now(),
                    "productViewed": { "product": "prod_01h455vb4pex5vsknk084sn02q", "durationMs": 1000 } })
            };
            let events: Vec<Value> = (views..views + 10).map(event).collect();
            let input = json!({ "company": self.company, "events": events });
            let done = |answer: &Value| (answer["track"]["accepted"] == 10).then_some(());
            self.until_done(query, json!({ "input": input }), done).await;
            views += 10;
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        views
    }

    /// Asks again and again until `done` finds in the answer what it says.
    async fn until_done<T>(&self, query: &str, variables: Value, done: impl Fn(&Value) -> Option<T>) -> T {
        let start = Instant::now();
        loop {
            let answer = self.endpoint.ask(Some(&self.admin), query, variables.clone()).await;
            if let Some(found) = answer.as_ref().ok().and_then(&done) {
                return found;
            }
            assert!(start.elapsed() < PATIENCE, "{query} {variables}: {answer:?}");
            self.retries.fetch_add(1, Ordering::Relaxed);
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }
}
