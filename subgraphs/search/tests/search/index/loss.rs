//! An index that goes while its worker runs and products change: everything is found again without a restart.

use std::fs;
use std::sync::Arc;

use ::elasticsearch::http::Method;
use tokio_util::sync::CancellationToken;

use super::fixture::{Side, ask, cluster, embedded};
use crate::floor::{Floor, eventually};

/// Takes away what the engine has of the live generation.
async fn lose(side: &Side) {
    if let Some(folder) = &side.folder {
        let entries = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path());
        for generation in entries.filter(|path| path.is_dir()) {
            fs::remove_dir_all(generation).unwrap();
        }
        return;
    }
    let prefix = &side.indices.as_ref().unwrap().prefix;
    let all = side.call(Method::Get, &format!("/{prefix}*/_alias"), String::new()).await;
    for index in all.as_object().unwrap().keys() {
        side.call(Method::Delete, &format!("/{index}"), String::new()).await;
    }
}

/// How many products there are in the end.
async fn a_worker_builds_what_goes_while_it_runs(side: &Side) -> u64 {
    let floor = Floor::open().await;
    let worker =
        souk_search::indexer(&floor.search.stage.ports, Arc::clone(&side.index), None).await.unwrap();
    worker.migrate().await.unwrap();
    let stop = CancellationToken::new();
    let running = {
        let stop = stop.clone();
        tokio::spawn(async move { worker.run(stop).await })
    };
    let mut told = 0;
    let tell = async |count: u64| {
        let event = |n| floor.product_event(1, floor.product(floor.id(), &format!("lamp {n}")));
        floor.tell((0..count).map(|n| ("product.events", event(n)))).await;
    };
    let are_found = async |count: u64| {
        let found = async || {
            side.index.refresh().await.ok()?;
            // Before everything is there again a question makes an empty index, or fails.
            let answer = side.index.search(&ask("lamp")).await.ok()?;
            (answer.total.count == count && side.index.count().await.ok()? == count).then_some(())
        };
        eventually("all products", found).await;
    };
    told += 200;
    tell(told).await;
    are_found(told).await;
    // The first generation, and then one that was built.
    for _ in 0..2 {
        lose(side).await;
        tell(10).await;
        told += 10;
        are_found(told).await;
    }
    stop.cancel();
    running.await.unwrap();
    told
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_builds_a_tantivy_index_that_goes_while_it_runs() {
    let found = a_worker_builds_what_goes_while_it_runs(&embedded()).await;
    println!("counted: {found} products are found on Tantivy after it was lost twice under its worker");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_builds_an_elasticsearch_index_that_goes_while_it_runs() {
    let Some(cluster) = cluster() else { return };
    let found = a_worker_builds_what_goes_while_it_runs(&cluster.index()).await;
    println!("counted: {found} products are found on Elasticsearch after it was lost twice under its worker");
}
