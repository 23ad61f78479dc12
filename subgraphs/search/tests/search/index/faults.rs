//! An index while generations are swapped under questions and changes, and while its engine is killed.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use souk_search::index::SharedSearchIndex;
use souk_search::index::document::ProductDocument;
use souk_search::index::query::Filter;
use souk_stand::Elasticsearch;

use super::fixture::{Cluster, Side, ask, cluster, deletion, embedded, id, price, product, upsert};

/// Longer than a healthy engine takes to come back.
const PATIENCE: Duration = Duration::from_mins(2);

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn tantivy_swaps_generations_under_load() {
    let counted = swap_under_load(&embedded(), 400).await;
    println!("counted: {counted} on Tantivy");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn elasticsearch_swaps_generations_under_load() {
    let Some(cluster) = cluster() else { return };
    let side = cluster.index();
    let counted = swap_under_load(&side, 200).await;
    println!("counted: {counted} on Elasticsearch");
}

/// A product at a revision, which its tag says, so that it can be asked for.
pub(super) fn at_revision(n: u64, revision: u64) -> ProductDocument {
    let mut one = product(n, "Lamp");
    one.revision = revision;
    one.tags.insert(format!("r{revision}"));
    one
}

type State = Arc<Mutex<BTreeMap<u64, u64>>>;

/// Builds and swaps three times while products change and are asked for. No question fails or misses a product.
async fn swap_under_load(side: &Side, count: u64) -> String {
    let state: State = Arc::new(Mutex::new((1..=count).map(|n| (n, 1)).collect()));
    side.fill((1..=count).map(|n| at_revision(n, 1))).await;
    let over = Arc::new(AtomicBool::new(false));
    let asking = tokio::spawn(ask_until(Arc::clone(&side.index), count, Arc::clone(&over)));
    let changing =
        tokio::spawn(change_until(Arc::clone(&side.index), count, Arc::clone(&state), Arc::clone(&over)));
    for _ in 0..3 {
        let build = side.index.begin_build().await.unwrap();
        let all: Vec<u64> = (1..=count).collect();
        for part in all.chunks(50) {
            let changes = part.iter().map(|n| upsert(at_revision(*n, state.lock().unwrap()[n])));
            side.index.write_build(&build, &changes.collect::<Vec<_>>()).await.unwrap();
        }
        side.index.publish(build).await.unwrap();
    }
    over.store(true, Ordering::Relaxed);
    let (questions, changes) = (asking.await.unwrap(), changing.await.unwrap());
    side.index.refresh().await.unwrap();
    assert_eq!(side.index.count().await.unwrap(), count);
    let state = state.lock().unwrap().clone();
    for (n, revision) in state.into_iter().step_by(7) {
        let mut query = ask("lamp");
        query.filter =
            Filter::And(vec![Filter::Product(vec![id(n)]), Filter::Tag(vec![format!("r{revision}")])]);
        assert_eq!(side.found(&query).await, [n], "{}: at revision {revision}", side.name);
    }
    format!(
        "{questions} questions and {changes} changes over 3 swaps of {count} products, none failed or missed"
    )
}

async fn ask_until(index: SharedSearchIndex, count: u64, over: Arc<AtomicBool>) -> u64 {
    let mut questions = 0;
    while !over.load(Ordering::Relaxed) {
        let answer = index.search(&ask("lamp")).await.unwrap();
        assert_eq!(answer.total.count, count);
        questions += 1;
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    questions
}

/// Changes are kept first, in the state that generations are built of, and written then.
async fn change_until(index: SharedSearchIndex, count: u64, state: State, over: Arc<AtomicBool>) -> u64 {
    let mut changes = 0;
    while !over.load(Ordering::Relaxed) {
        let n = changes * 37 % count + 1;
        let revision = {
            let mut state = state.lock().unwrap();
            let revision = state.get_mut(&n).unwrap();
            *revision += 1;
            *revision
        };
        index.write(&[upsert(at_revision(n, revision))]).await.unwrap();
        changes += 1;
    }
    changes
}

/// More prices than Elasticsearch takes in one document.
pub(super) fn overpriced(n: u64, revision: u64) -> ProductDocument {
    let mut one = at_revision(n, revision);
    one.prices = (0..10_001).map(price).collect();
    one
}

#[tokio::test]
async fn elasticsearch_sets_a_document_aside_that_it_refuses() {
    let Some(cluster) = cluster() else { return };
    let side = cluster.index();
    let fault = side.index.write(&[upsert(overpriced(1, 1)), deletion(9, 1)]).await.unwrap_err();
    assert!(!fault.is_transient(), "{fault:?}");
    side.fill((1..=3).map(|n| at_revision(n, 2))).await;
    assert_eq!(side.finds("lamp").await, [1, 2, 3], "nothing was given up before");

    let changes = [upsert(overpriced(2, 3)), upsert(at_revision(3, 3)), upsert(at_revision(4, 3))];
    assert_eq!(side.index.write(&changes).await.unwrap().applied, 3);
    side.index.refresh().await.unwrap();
    assert_eq!(side.finds("lamp").await, [1, 3, 4], "the others are found, and it is not as it was before");
    // The next one alone.
    assert_eq!(side.index.write(&[upsert(overpriced(1, 3))]).await.unwrap().applied, 1);
    side.fill([at_revision(2, 4)]).await;
    assert_eq!(side.finds("lamp").await, [2, 3, 4], "it is found again once it has changed");

    let build = side.index.begin_build().await.unwrap();
    let rest = [upsert(at_revision(3, 3)), upsert(overpriced(1, 3)), upsert(at_revision(4, 3))];
    side.index.write_build(&build, &rest).await.unwrap();
    side.index.publish(build).await.unwrap();
    assert_eq!(side.finds("lamp").await, [3, 4], "a build goes on, too");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn elasticsearch_loses_nothing_when_it_is_killed() {
    let Some(mut engine) = Elasticsearch::start().await else { return };
    let side = Cluster::at(engine.url()).index();
    let acknowledged = Arc::new(AtomicU64::new(0));
    let over = Arc::new(AtomicBool::new(false));
    let writing =
        tokio::spawn(write_through(Arc::clone(&side.index), Arc::clone(&acknowledged), Arc::clone(&over)));
    let mut refused = 0_u64;
    for _ in 0..2 {
        let before = acknowledged.load(Ordering::Relaxed);
        wait_until(|| acknowledged.load(Ordering::Relaxed) >= before + 40).await;
        engine.kill().await;
        for _ in 0..3 {
            let fault = side.index.search(&ask("lamp")).await.unwrap_err();
            assert_eq!((fault.code().as_str(), fault.is_transient()), ("UNAVAILABLE", true));
            refused += 1;
        }
        engine.restart().await.unwrap();
    }
    let before = acknowledged.load(Ordering::Relaxed);
    wait_until(|| acknowledged.load(Ordering::Relaxed) >= before + 20).await;
    over.store(true, Ordering::Relaxed);
    let faults = writing.await.unwrap();
    let written = acknowledged.load(Ordering::Relaxed);
    side.index.refresh().await.unwrap();
    // Every tenth product was deleted right after it was written.
    assert_eq!(side.index.count().await.unwrap(), written - written / 10);
    println!(
        "counted: {written} changes acknowledged by Elasticsearch over 2 kills, none lost; {faults} writes and \
         {refused} questions refused meanwhile"
    );
    engine.stop().await;
}

/// Writes products one after the other, each until it is acknowledged; how often that failed.
async fn write_through(index: SharedSearchIndex, acknowledged: Arc<AtomicU64>, over: Arc<AtomicBool>) -> u64 {
    let mut faults = 0;
    for n in 1.. {
        if over.load(Ordering::Relaxed) {
            break;
        }
        let mut changes = vec![upsert(product(n, "Lamp"))];
        if n % 10 == 0 {
            changes.push(deletion(n, 2));
        }
        while let Err(fault) = index.write(&changes).await {
            assert!(fault.is_transient(), "{fault:?}");
            faults += 1;
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        acknowledged.store(n, Ordering::Relaxed);
    }
    faults
}

async fn wait_until(holds: impl Fn() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < PATIENCE, "it never came about");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
