//! Building the index anew: on demand, while changes go on, from the catalogue, and where the index was lost.

use souk_search::{Progress, rebuild_progress, request_rebuild};

use crate::floor::{Floor, eventually};

async fn rebuilt(floor: &Floor, from_source: bool) -> Progress {
    let (store, clock) = (&floor.search.stage.ports.sessions, floor.search.stage.clock());
    let id = request_rebuild(store, from_source, clock.now()).await.unwrap();
    let done = async || rebuild_progress(store, &id).await.unwrap().filter(|progress| progress.is_done);
    eventually("a build", done).await
}

#[tokio::test]
async fn a_build_goes_on_beside_changes_and_misses_none() {
    let floor = Floor::open().await;
    let events: Vec<_> = (0..1_200)
        .map(|n| ("product.events", floor.product_event(1, floor.product(floor.id(), &format!("old {n}")))))
        .collect();
    floor.tell(events).await;
    let running = floor.run().await;
    eventually("all products", async || (floor.model.documents().len() == 1_200).then_some(())).await;
    let late = async {
        for n in 0..20 {
            floor.tell_product(1, floor.product(floor.id(), &format!("new {n}"))).await;
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    };
    let (progress, ()) = tokio::join!(rebuilt(&floor, false), late);
    assert_eq!((progress.failed, floor.model.builds()), (None, 1));
    assert!(progress.written >= 1_200, "{}", progress.written);
    eventually("old and new products", async || (floor.model.documents().len() == 1_220).then_some(())).await;
    running.stop().await;
}

#[tokio::test]
async fn from_the_source_lost_products_go_and_missing_ones_come() {
    let floor = Floor::open().await;
    let (kept, lost, missing) = (floor.id(), floor.id(), floor.id());
    let running = floor.run().await;
    floor.tell_product(1, floor.product(kept, "kept")).await;
    floor.tell_product(1, floor.product(lost, "lost")).await;
    eventually("two products", async || (floor.model.documents().len() == 2).then_some(())).await;
    // The catalogue says another thing of the same version, too.
    let has = [(kept, "mended", 1), (missing, "missing", 4)];
    for (id, name, version) in has {
        floor.source.0.lock().unwrap().insert(id.to_string(), (version, floor.product(id, name)));
    }
    floor.search.stage.clock().advance(chrono::TimeDelta::seconds(1));
    let progress = rebuilt(&floor, true).await;
    assert_eq!((progress.failed, progress.from_source), (None, 2));
    let names = async || {
        let documents = floor.model.documents();
        let mut names: Vec<_> = documents.values().map(|one| one.texts["en"].name.clone()).collect();
        names.sort();
        (names == ["mended", "missing"]).then_some(())
    };
    eventually("what the catalogue has", names).await;
    running.stop().await;
}

#[tokio::test]
async fn an_index_that_lost_its_products_is_built_at_the_next_start() {
    let floor = Floor::open().await;
    let running = floor.run().await;
    floor.tell_product(1, floor.product(floor.id(), "pot")).await;
    eventually("a product", async || (floor.model.documents().len() == 1).then_some(())).await;
    // What is written later tells that the first is marked as written; itself it may not be yet.
    floor.tell_product(1, floor.product(floor.id(), "pan")).await;
    eventually("another", async || (floor.model.documents().len() == 2).then_some(())).await;
    running.stop().await;
    floor.model.lose_everything();
    let running = floor.run().await;
    eventually("both again", async || (floor.model.documents().len() == 2).then_some(())).await;
    running.stop().await;
    assert_eq!(floor.model.builds(), 1);
}
