//! Building the index anew: on demand, while changes go on, from the catalogue, and where the index was lost.

use sea_orm::ConnectionTrait;
use serde_json::json;
use souk_kit::event::Topic;
use souk_kit::id::{CompanyId, ShopId};
use souk_search::domain::ids::CategoryId;
use souk_search::{INDEXER, Progress, rebuild_progress, request_rebuild};

use crate::floor::{Floor, eventually};

/// What a worker calls the build that it begins by itself.
const OF_ITS_OWN: &str = "start";

async fn rebuilt(floor: &Floor, from_source: bool) -> Progress {
    let (store, clock) = (&floor.search.stage.ports.sessions, floor.search.stage.clock());
    let id = request_rebuild(store, from_source, clock.now()).await.unwrap();
    done(floor, &id).await
}

/// Waits until the build `id` is over.
async fn done(floor: &Floor, id: &str) -> Progress {
    let store = &floor.search.stage.ports.sessions;
    let done = async || rebuild_progress(store, id).await.unwrap().filter(|progress| progress.is_done);
    eventually("a build", done).await
}

/// What an indexer notes when nothing is left to be written.
const ALL_WRITTEN: &str = "UPDATE product SET dirty_at = NULL";

/// A floor at rest whose indexer has written two products and has noted that.
async fn with_two_products() -> Floor {
    let floor = Floor::open().await;
    let running = floor.run().await;
    // Once they are heard they reach all products, before anything else is written.
    floor.caught_up("search-indexer.companies", Topic::Company).await;
    floor.caught_up("search-indexer.shops", Topic::Shop).await;
    for (count, name) in [(1, "pot"), (2, "pan")] {
        floor.tell_product(1, floor.product(floor.id(), name)).await;
        eventually(name, async || (floor.model.documents().len() == count).then_some(())).await;
    }
    running.stop().await;
    // It may have been stopped before it did.
    change(&floor, &[ALL_WRITTEN]).await;
    floor
}

/// Changes the database of an indexer that does not run.
async fn change(floor: &Floor, statements: &[&str]) {
    let open = async || floor.search.stage.ports.sql(INDEXER).await.ok();
    let sql = eventually("the indexer's database", open).await;
    let tx = sql.begin().await.unwrap();
    for statement in statements {
        let changed = tx.execute_unprepared(statement).await.unwrap();
        assert!(changed.rows_affected() > 0, "{statement}");
    }
    tx.commit().await.unwrap();
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
async fn products_with_much_text_are_read_and_written_in_smaller_parts() {
    let floor = Floor::open().await;
    let running = floor.run().await;
    let text = "word ".repeat(20_000);
    for _ in 0..5 {
        let product = |_| {
            let mut product = floor.product(floor.id(), "book");
            product["description"]["plain"] = json!(text);
            ("product.events", floor.product_event(1, product))
        };
        floor.tell((0..50).map(product)).await;
    }
    eventually("all products", async || (floor.model.documents().len() == 250).then_some(())).await;
    let progress = rebuilt(&floor, false).await;
    assert_eq!((progress.failed, progress.written), (None, 250));
    assert_eq!(floor.model.documents().len(), 250);
    assert!(floor.model.largest_write() <= 200, "{}", floor.model.largest_write());
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
        floor.source.keep(version, floor.product(id, name));
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
async fn from_the_source_lost_categories_go() {
    let floor = Floor::open().await;
    let now = floor.search.stage.clock().now();
    let mut ids = [CategoryId::new(now), CategoryId::new(now)];
    ids.sort_unstable();
    let category = |id: CategoryId, name: &str| json!({ "id": id, "name": name });
    let running = floor.run().await;
    for (id, name) in ids.into_iter().zip(["Kept", "Lost"]) {
        let event = floor.event(floor.company, "category.created", &id.to_string(), 1, category(id, name));
        floor.tell([("product.events", event)]).await;
    }
    let mut pot = floor.product(floor.id(), "pot");
    pot["categories"] = json!(ids);
    floor.tell_product(1, pot.clone()).await;
    let names = async |expected: &[&str]| {
        let documents = floor.model.documents();
        let names = documents.values().flat_map(|one| one.texts["en"].categories.values());
        names.eq(expected).then_some(())
    };
    eventually("both", async || names(&["Kept", "Lost"]).await).await;
    floor.source.keep(1, pot);
    let kept = json!({ "company": floor.company, "version": 1, "state": category(ids[0], "Kept") });
    floor.source.keep_category(kept);
    let progress = rebuilt(&floor, true).await;
    assert_eq!((progress.failed, progress.from_source), (None, 1));
    eventually("the one that the catalogue has", async || names(&["Kept"]).await).await;
    running.stop().await;
}

#[tokio::test]
async fn an_index_that_lost_its_products_is_built_at_the_next_start() {
    let floor = with_two_products().await;
    floor.model.lose_everything();
    let running = floor.run().await;
    eventually("both again", async || (floor.model.documents().len() == 2).then_some(())).await;
    running.stop().await;
    assert_eq!(floor.model.builds(), 1);
}

#[tokio::test]
async fn an_index_that_is_replaced_under_a_running_worker_is_built_anew() {
    let floor = with_two_products().await;
    let running = floor.run().await;
    for (count, name) in [(3, "jug"), (4, "cup")] {
        floor.model.lose_and_replace();
        // One that is written meanwhile makes the index look whole.
        floor.tell_product(1, floor.product(floor.id(), name)).await;
        eventually(name, async || (floor.model.documents().len() == count).then_some(())).await;
        let builds = u32::try_from(count - 2).unwrap();
        eventually("a build", async || (floor.model.builds() >= builds).then_some(())).await;
    }
    running.stop().await;
}

#[tokio::test]
async fn a_build_that_is_no_more_noted_is_done_once_again() {
    let floor = with_two_products().await;
    let running = floor.run().await;
    assert_eq!(rebuilt(&floor, false).await.failed, None);
    running.stop().await;
    // As one leaves it that dies between the two, when nobody remembers the build either.
    let forgotten = "UPDATE memo SET value = '{\"generation\":\"\"}' WHERE key = 'live'";
    // What is yet to be written needs no build.
    change(&floor, &[forgotten, ALL_WRITTEN]).await;
    // One that is stopped the moment its build is over may still hold the lock; it runs out.
    floor.search.stage.clock().advance(chrono::TimeDelta::minutes(1));
    let running = floor.run().await;
    eventually("a build", async || (floor.model.builds() == 2).then_some(())).await;
    tokio::time::sleep(std::time::Duration::from_secs(4)).await;
    running.stop().await;
    assert_eq!((floor.model.builds(), floor.model.documents().len()), (2, 2));
}

#[tokio::test]
async fn what_a_version_before_has_written_is_taken_as_it_stands() {
    let floor = with_two_products().await;
    change(&floor, &["DELETE FROM memo WHERE key = 'live'"]).await;
    let running = floor.run().await;
    floor.tell_product(1, floor.product(floor.id(), "jug")).await;
    eventually("all three", async || (floor.model.documents().len() == 3).then_some(())).await;
    assert_eq!(floor.model.builds(), 0);
    floor.model.lose_and_replace();
    eventually("all three again", async || (floor.model.documents().len() == 3).then_some(())).await;
    running.stop().await;
    assert_eq!(floor.model.builds(), 1, "from the first look on it is known");
}

#[tokio::test]
async fn a_lost_index_is_built_though_the_first_attempt_does_not_begin() {
    let floor = with_two_products().await;
    floor.model.lose_everything();
    floor.model.refuse_builds(1);
    // One that is written before the next attempt makes the index look whole.
    floor.tell_product(1, floor.product(floor.id(), "jug")).await;
    let running = floor.run().await;
    eventually("all three", async || (floor.model.documents().len() == 3).then_some(())).await;
    running.stop().await;
    assert_eq!(floor.model.builds(), 1);
}

#[tokio::test]
async fn a_lost_index_is_built_though_what_was_asked_for_is_refused() {
    let floor = with_two_products().await;
    floor.model.lose_everything();
    let (store, clock) = (&floor.search.stage.ports.sessions, floor.search.stage.clock());
    let id = request_rebuild(store, true, clock.now()).await.unwrap();
    let running = floor.run_without_source().await;
    let refused = async || rebuild_progress(store, &id).await.unwrap().and_then(|progress| progress.failed);
    eventually("a refusal", refused).await;
    eventually("both again", async || (floor.model.documents().len() == 2).then_some(())).await;
    running.stop().await;
}

#[tokio::test]
async fn documents_of_another_form_are_built_anew_once() {
    let floor = with_two_products().await;
    assert_eq!(floor.model.builds(), 0);
    change(&floor, &["UPDATE memo SET value = '0' WHERE key = 'form'"]).await;
    let running = floor.run().await;
    assert_eq!(done(&floor, OF_ITS_OWN).await.failed, None);
    running.stop().await;
    let running = floor.run().await;
    floor.tell_product(1, floor.product(floor.id(), "jug")).await;
    eventually("all three", async || (floor.model.documents().len() == 3).then_some(())).await;
    running.stop().await;
    assert_eq!(floor.model.builds(), 1, "the form that they have now is remembered");
}

#[tokio::test]
async fn an_index_of_an_earlier_layout_is_built_anew_though_the_first_attempt_does_not_begin() {
    let floor = with_two_products().await;
    floor.model.age();
    floor.model.refuse_builds(1);
    let running = floor.run().await;
    assert_eq!(done(&floor, OF_ITS_OWN).await.failed, None);
    running.stop().await;
    let running = floor.run().await;
    floor.tell_product(1, floor.product(floor.id(), "jug")).await;
    eventually("all three", async || (floor.model.documents().len() == 3).then_some(())).await;
    running.stop().await;
    assert_eq!(floor.model.builds(), 1, "it has the layout of this version now");
}

#[tokio::test]
async fn from_the_source_companies_and_shops_come_back_too() {
    let floor = with_two_products().await;
    change(&floor, &["DELETE FROM product", "DELETE FROM product_part", "DELETE FROM shared_part"]).await;
    floor.model.lose_everything();
    for (name, shops) in [("here", 0..1), ("closed", 1..2), ("both", 0..2)] {
        let mut product = floor.product(floor.id(), name);
        product["assortment"] = json!({ "kind": "listed", "shops": floor.shops[shops] });
        floor.source.keep(1, product);
    }
    floor.source.keep(1, floor.product(floor.id(), "everywhere"));
    let merchants = &floor.source.merchants;
    merchants.know(json!({ "id": floor.company, "active": true, "currency": "EUR", "locales": ["en"] }));
    for (shop, active) in floor.shops.into_iter().zip([true, false]) {
        merchants.know(json!({ "id": shop, "company": floor.company, "active": active }));
    }
    let running = floor.run().await;
    let progress = rebuilt(&floor, true).await;
    assert_eq!((progress.failed, progress.from_source), (None, 4));
    let at = floor.search.stage.clock().now();
    let public = async || {
        let documents = floor.model.documents().into_values().filter(|one| one.publication.is_public(at));
        let mut names: Vec<_> = documents.map(|one| one.texts["en"].name.clone()).collect();
        names.sort();
        (names == ["both", "everywhere", "here"]).then_some(())
    };
    eventually("what is public", public).await;
    running.stop().await;
}

#[tokio::test]
async fn from_the_source_many_companies_and_shops_come_in_few_calls() {
    let floor = Floor::open().await;
    let now = floor.search.stage.clock().now();
    let merchants = &floor.source.merchants;
    let shops: Vec<_> = (0..201).map(|_| ShopId::new(now)).collect();
    let companies: Vec<_> = (0..250).map(|_| CompanyId::new(now)).collect();
    for shop in &shops {
        merchants.know(json!({ "id": shop, "company": companies[0], "active": true }));
    }
    for company in &companies {
        merchants.know(json!({ "id": company, "active": true, "currency": "EUR", "locales": ["en"] }));
        let mut product = floor.product(floor.id(), "pot");
        product["company"] = json!(company);
        if *company == companies[0] {
            product["assortment"] = json!({ "kind": "listed", "shops": shops });
        }
        floor.source.keep(1, product);
    }
    let running = floor.run().await;
    let _ = merchants.asked();
    let progress = rebuilt(&floor, true).await;
    assert_eq!((progress.failed, progress.from_source), (None, 250));
    assert_eq!(merchants.asked(), [100, 100, 50, 100, 100, 1]);
    let is_public = |floor: &Floor| {
        let documents = floor.model.documents().into_values();
        documents.filter(|one| one.publication.is_public(now)).count()
    };
    eventually("all of them", async || (is_public(&floor) == 250).then_some(())).await;
    running.stop().await;
}
