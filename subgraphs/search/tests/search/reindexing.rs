//! A new index of many products is built while people search and merchants change: no search fails, none misses a
//! product, and in the end the index has what the projections have.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value as Json, json};
use souk_kit::event::Topic;
use souk_kit::ports::Ports;
use souk_kit::sql::Access;
use souk_kit::testing::Caller;
use souk_search::domain::ids::ProductId;
use souk_search::{INDEXER, Progress, rebuild_progress, request_rebuild};
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use crate::floor::{Floor, eventually};

const QUESTIONS_PER_SECOND: u32 = 50;
const CHANGES_PER_SECOND: u32 = 20;
/// How many questions may wait for their answers: where that many do, the machine cannot keep up, and fewer are asked.
const AT_ONCE: usize = 64;
/// How many products share a tag that never changes.
const BIN: usize = 100;
/// How long it goes on at least, by as many builds as that takes.
const LEAST: Duration = Duration::from_secs(8);
/// How long filling the index, or a build, may take.
const PATIENCE: Duration = Duration::from_mins(40);

/// How many products are built anew.
fn products() -> usize {
    souk_stand::setting("SOUK_TEST_REINDEX_PRODUCTS").and_then(|count| count.parse().ok()).unwrap_or(3_000)
}

/// What becomes of a product while the index is built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Kept,
    Changed,
    Deleted,
}

fn fate(n: usize) -> Fate {
    match n % 10 {
        0..=6 => Fate::Kept,
        7 | 8 => Fate::Changed,
        _ => Fate::Deleted,
    }
}

/// The products, which are numbered in the order of their ids.
struct Stock {
    floor: Arc<Floor>,
    ids: Vec<ProductId>,
}

fn sku(n: usize) -> String {
    format!("SKU-{n:06}")
}

fn bin(n: usize) -> String {
    format!("bin-{}", n / BIN)
}

impl Stock {
    fn new(floor: Arc<Floor>, count: usize) -> Self {
        let ids: BTreeSet<String> = (0..count).map(|_| floor.id().to_string()).collect();
        Self { floor, ids: ids.iter().map(|id| id.parse().unwrap()).collect() }
    }

    fn state(&self, id: ProductId, n: usize, sequence: i64, tag: &str) -> Json {
        let mut product = self.floor.product(id, &format!("Lamp {n} of {}", n % 97));
        product["brand"] = json!(format!("Brand {}", n % 7));
        product["variants"][0]["sku"] = json!(sku(n));
        product["tags"] = json!([tag, format!("at-{sequence}")]);
        product["description"]["plain"] = json!("A lamp for the desk, the shelf or the window");
        product
    }

    fn numbered(&self, n: usize, sequence: i64) -> Json {
        let tag = if fate(n) == Fate::Deleted { "leaving".to_owned() } else { bin(n) };
        self.state(self.ids[n], n, sequence, &tag)
    }

    /// How many of a bin are there all the time.
    fn bin_size(&self, n: usize) -> usize {
        let first = n / BIN * BIN;
        (first..(first + BIN).min(self.ids.len())).filter(|n| fate(*n) != Fate::Deleted).count()
    }

    /// The catalogue has a product before it tells of it.
    async fn tell(&self, sequence: i64, product: Json) {
        self.floor.source.keep(sequence, product.clone());
        self.floor.tell_product(sequence, product).await;
    }

    async fn fill(&self) {
        for first in (0..self.ids.len()).step_by(1_000) {
            let numbers = first..(first + 1_000).min(self.ids.len());
            let event = |n| {
                let product = self.numbered(n, 1);
                self.floor.source.keep(1, product.clone());
                ("product.events", self.floor.product_event(1, product))
            };
            self.floor.tell(numbers.map(event)).await;
        }
    }
}

const SEARCH: &str = "query($text: String, $where: ProductSearchWhere, $facets: [SearchFacetInput!], $first: Int, $after: String) {
    search(text: $text, where: $where, facets: $facets, first: $first, after: $after) {
        totalCount nodes { id } facets { values { count } } pageInfo { hasNextPage endCursor } } }";

async fn ask(caller: &Caller, variables: Json) -> Json {
    let reply = caller.send(SEARCH, variables.clone()).await;
    assert!(reply.get("errors").is_none(), "{variables}: {reply}");
    reply["data"]["search"].clone()
}

fn total(found: &Json) -> usize {
    usize::try_from(found["totalCount"].as_u64().unwrap()).unwrap()
}

/// Asks for what is known to be there; answers how long that took.
async fn question(stock: Arc<Stock>, made: Arc<AtomicU64>, turn: usize) -> Duration {
    let caller = stock.floor.nobody();
    // Somewhere else each time, and all of them in the end.
    let n = turn * 7_919 % stock.ids.len();
    let kept = (0..10).map(|step| n / 10 * 10 + step).find(|n| fate(*n) == Fate::Kept).unwrap();
    let (id, in_bin) = (stock.ids[kept].to_string(), json!({ "tags": [bin(kept)] }));
    let start = Instant::now();
    match turn % 6 {
        0 => {
            let found = ask(&caller, json!({ "text": sku(kept), "first": 3 })).await;
            assert_eq!(found["nodes"][0]["id"], id, "{}: {found}", sku(kept));
        }
        1 => {
            let found = ask(&caller, json!({ "where": in_bin, "first": 10 })).await;
            assert_eq!(total(&found), stock.bin_size(kept), "{in_bin}: {found}");
        }
        2 => {
            let text = format!("lamp {kept}");
            let found = ask(&caller, json!({ "text": text, "where": in_bin, "first": 20 })).await;
            let mut nodes = found["nodes"].as_array().unwrap().iter();
            assert!(nodes.any(|node| node["id"] == id), "{text}: {found}");
        }
        3 => {
            let found = ask(&caller, json!({ "where": { "ids": [id] } })).await;
            assert_eq!(total(&found), 1, "{id}: {found}");
        }
        4 => {
            let asked = json!({ "where": in_bin, "facets": [{ "field": "BRAND" }], "first": 10 });
            let found = ask(&caller, asked).await;
            let counts = found["facets"][0]["values"].as_array().unwrap().iter();
            let sum: u64 = counts.map(|value| value["count"].as_u64().unwrap()).sum();
            assert_eq!(usize::try_from(sum).unwrap(), stock.bin_size(kept), "{found}");
        }
        _ => {
            // A total that was told is never lower later.
            let least = made.load(Ordering::SeqCst);
            let found = ask(&caller, json!({ "where": { "tags": ["made"] }, "first": 1 })).await;
            let now = found["totalCount"].as_u64().unwrap();
            assert!(now >= least, "{now} of {least}");
            made.fetch_max(now, Ordering::SeqCst);
        }
    }
    start.elapsed()
}

/// Asks at its rate until it is stopped, as far as the machine keeps up; answers how long each took.
async fn questions(stock: Arc<Stock>, stop: CancellationToken) -> Vec<Duration> {
    let made = Arc::new(AtomicU64::new(0));
    let mut ticks = ticks(QUESTIONS_PER_SECOND);
    let (mut asked, mut times) = (JoinSet::new(), Vec::new());
    for turn in 0.. {
        if stop.run_until_cancelled(ticks.tick()).await.is_none() {
            break;
        }
        asked.spawn(question(Arc::clone(&stock), Arc::clone(&made), turn));
        while let Some(answered) = asked.try_join_next() {
            times.push(answered.unwrap());
        }
        while asked.len() >= AT_ONCE {
            times.extend(asked.join_next().await.map(Result::unwrap));
        }
    }
    while let Some(answered) = asked.join_next().await {
        times.push(answered.unwrap());
    }
    times
}

/// What was changed: products by id, with the sequence that they have then; none: it is gone.
type Changed = BTreeMap<ProductId, Option<i64>>;

/// Changes at its rate until it is stopped; answers how often, and what came of it.
async fn changes(stock: Arc<Stock>, stop: CancellationToken) -> (usize, Changed) {
    let mut ticks = ticks(CHANGES_PER_SECOND);
    let (floor, count) = (&stock.floor, stock.ids.len());
    let numbers = |fate_of: Fate| (0..count).filter(move |n| fate(*n) == fate_of);
    let (mut changing, mut leaving) = (numbers(Fate::Changed).cycle(), numbers(Fate::Deleted));
    let (mut changed, mut told) = (Changed::new(), 0);
    while stop.run_until_cancelled(ticks.tick()).await.is_some() {
        match told % 10 {
            0 => {
                let (id, n) = (floor.id(), count + told);
                stock.tell(1, stock.state(id, n, 1, "made")).await;
                changed.insert(id, Some(1));
            }
            5 => {
                let Some(n) = leaving.next() else { continue };
                floor.source.delete(stock.ids[n]);
                floor.tell([("product.events", floor.product_deleted(2, stock.numbered(n, 2)))]).await;
                changed.insert(stock.ids[n], None);
            }
            _ => {
                let n = changing.next().unwrap();
                let sequence = changed.get(&stock.ids[n]).copied().flatten().unwrap_or(1) + 1;
                stock.tell(sequence, stock.numbered(n, sequence)).await;
                changed.insert(stock.ids[n], Some(sequence));
            }
        }
        told += 1;
    }
    (told, changed)
}

fn ticks(per_second: u32) -> tokio::time::Interval {
    let mut ticks = interval(Duration::from_secs(1) / per_second);
    // What comes late is made up for.
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    ticks
}

/// Waits for so many products in the index; answers for how long.
async fn filled(floor: &Floor, count: usize) -> Duration {
    let start = Instant::now();
    loop {
        floor.index().refresh().await.unwrap();
        let found = usize::try_from(floor.index().count().await.unwrap()).unwrap();
        if found == count {
            return start.elapsed();
        }
        assert!(start.elapsed() < PATIENCE, "{found} of {count} products in the index");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Builds the index once, and sees that it never has fewer products than are there all the time.
async fn build(floor: &Floor, least: usize, from_source: bool) -> Progress {
    let (store, clock) = (&floor.search.stage.ports.sessions, floor.search.stage.clock());
    let id = request_rebuild(store, from_source, clock.now()).await.unwrap();
    let start = Instant::now();
    loop {
        if let Some(progress) = rebuild_progress(store, &id).await.unwrap()
            && progress.is_done
        {
            return progress;
        }
        let count = usize::try_from(floor.index().count().await.unwrap()).unwrap();
        assert!(count >= least, "{count} of {least} products in the index");
        assert!(start.elapsed() < PATIENCE, "the build did not end within {PATIENCE:?}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// The ids of all that visitors find.
async fn found_ids(floor: &Floor, filter: Json) -> Vec<String> {
    let (mut ids, mut after) = (Vec::new(), Json::Null);
    loop {
        let page = ask(&floor.nobody(), json!({ "where": filter, "first": 100, "after": after })).await;
        let nodes = page["nodes"].as_array().unwrap().iter();
        ids.extend(nodes.map(|node| node["id"].as_str().unwrap().to_owned()));
        if page["pageInfo"]["hasNextPage"] == json!(false) {
            ids.sort();
            return ids;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
}

/// The ids of all products that the indexer's database has.
async fn projected_ids(floor: &Floor) -> Vec<String> {
    let ports = Ports { access: Access::Reading, ..floor.search.stage.ports.clone() };
    let sql = ports.sql(INDEXER).await.unwrap();
    let query = "SELECT product FROM product_part WHERE source = 'product' AND state IS NOT NULL";
    let statement = Statement::from_string(sql.reader().get_database_backend(), query);
    let rows = sql.reader().query_all_raw(statement).await.unwrap();
    let mut ids: Vec<String> = rows.iter().map(|row| row.try_get("", "product").unwrap()).collect();
    ids.sort();
    ids
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_build_of_many_products_under_questions_and_changes_fails_and_misses_nothing() {
    let floor = Arc::new(Floor::indexed().await);
    let running = floor.run().await;
    let stock = Arc::new(Stock::new(Arc::clone(&floor), products()));
    let count = stock.ids.len();
    let start = Instant::now();
    stock.fill().await;
    filled(&floor, count).await;
    println!("measured: {count} products told and indexed in {:?}", start.elapsed());

    let stop = CancellationToken::new();
    let asking = tokio::spawn(questions(Arc::clone(&stock), stop.clone()));
    let changing = tokio::spawn(changes(Arc::clone(&stock), stop.clone()));
    let (start, mut builds, mut longest) = (Instant::now(), Vec::new(), Duration::ZERO);
    let lasting = (0..count).filter(|n| fate(*n) != Fate::Deleted).count();
    while builds.is_empty() || start.elapsed() < LEAST {
        let begun = Instant::now();
        // The first from what the catalogue has by then; what it has read was told before that.
        let from_source = builds.is_empty();
        floor.search.stage.clock().advance(chrono::TimeDelta::seconds(1));
        let progress = build(&floor, lasting, from_source).await;
        let read = usize::try_from(progress.from_source).unwrap();
        assert!(!from_source || read >= lasting, "{progress:?}");
        builds.push(progress);
        longest = longest.max(begun.elapsed());
    }
    let lasted = start.elapsed();
    stop.cancel();
    let mut times = asking.await.unwrap();
    let (told, changed) = changing.await.unwrap();
    for progress in &builds {
        assert_eq!(progress.failed, None);
        assert!(usize::try_from(progress.written).unwrap() >= lasting, "{progress:?}");
    }
    let answered = start.elapsed();

    floor.caught_up("search-indexer.products", Topic::Product).await;
    let gone = changed.values().filter(|now| now.is_none()).count();
    let made = changed.keys().filter(|id| stock.ids.binary_search(id).is_err()).count();
    let (settling, expected) = (Instant::now(), count + made - gone);
    filled(&floor, expected).await;
    // The number may be right before all changes are there: some came, and some went.
    let agreed = async || {
        let (found, projected) = (found_ids(&floor, json!({})).await, projected_ids(&floor).await);
        (found == projected && found.len() == expected).then_some(found)
    };
    let found = eventually("the index to have what the projections have", agreed).await;
    let behind = settling.elapsed();
    // As they were told last.
    let last = changed.values().flatten().copied().max().unwrap_or(1);
    for sequence in 2..=last {
        let of = changed.iter().filter(|(_, now)| **now == Some(sequence));
        let expected: Vec<String> = of.map(|(id, _)| id.to_string()).collect();
        let tag = json!({ "tags": [format!("at-{sequence}")] });
        let as_told = async || (found_ids(&floor, tag.clone()).await == expected).then_some(());
        eventually("products as they were told last", as_told).await;
    }
    running.stop().await;

    times.sort();
    let at = |share: usize| times[(times.len() - 1) * share / 100];
    let rate = |count: usize, time: Duration| f64::from(u32::try_from(count).unwrap()) / time.as_secs_f64();
    println!(
        "counted: {} builds of {count} products, {longest:?} the longest, under {} questions ({:.1} per second) \
         and {told} changes ({:.1} per second): no question failed or missed a product; {} products are found and \
         projected, {behind:?} behind the last change",
        builds.len(),
        times.len(),
        rate(times.len(), answered),
        rate(told, lasted),
        found.len(),
    );
    println!(
        "measured: questions while {count} products were built anew: p50 {:?}, p99 {:?}, the slowest {:?}",
        at(50),
        at(99),
        at(100)
    );
}
