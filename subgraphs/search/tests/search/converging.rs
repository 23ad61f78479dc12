//! The index converges to what was told, in whatever order that comes and whatever is killed on the way.

use serde_json::{Value as Json, json};
use souk_search::domain::ids::{CategoryId, ProductId};

use crate::floor::{Floor, eventually};

fn names(floor: &Floor) -> Vec<String> {
    let mut names: Vec<_> =
        floor.model.documents().into_values().map(|document| document.texts["en"].name.clone()).collect();
    names.sort();
    names
}

#[tokio::test]
async fn late_and_repeated_events_change_nothing_and_deletions_leave_no_ghosts() {
    let floor = Floor::open().await;
    let (kept, gone) = (floor.id(), floor.id());
    let running = floor.run().await;
    floor.tell_product(2, floor.product(kept, "second")).await;
    floor.tell_product(1, floor.product(kept, "first")).await;
    let deleted = floor.product_deleted(3, floor.product(gone, "gone"));
    floor.tell([("product.events", deleted.clone())]).await;
    floor.tell_product(1, floor.product(gone, "ghost")).await;
    floor.tell([("product.events", deleted)]).await;
    floor.tell_product(1, floor.product(floor.id(), "last")).await;
    eventually("the last product", async || (names(&floor) == ["last", "second"]).then_some(())).await;
    running.stop().await;
}

#[tokio::test]
async fn a_category_that_is_renamed_reaches_all_products_below_it_and_a_company_all_of_its_own() {
    let floor = Floor::open().await;
    let now = floor.search.stage.clock().now();
    let (top, below) = (CategoryId::new(now), CategoryId::new(now));
    let category = |id: CategoryId, parent: Option<CategoryId>, name: &str, sequence| {
        let data = json!({ "id": id, "parent": parent, "name": name });
        floor.event(floor.company, "category.updated", &id.to_string(), sequence, data)
    };
    let mut events = vec![
        ("product.events", category(top, None, "Kitchen", 1)),
        ("product.events", category(below, Some(top), "Pots", 1)),
    ];
    // More than one batch.
    let count = 1_100;
    for n in 0..count {
        let mut product = floor.product(floor.id(), &format!("pot {n}"));
        product["categories"] = json!([below]);
        events.push(("product.events", floor.product_event(1, product)));
    }
    floor.tell(events).await;
    let running = floor.run().await;
    let in_category = |name: &'static str| {
        let floor = &floor;
        async move {
            let documents = floor.model.documents();
            let named = documents.values().filter(|document| {
                document.categories.len() == 2
                    && document.texts["en"].categories.get(&top.to_string()).map(String::as_str) == Some(name)
            });
            (named.count() == count).then_some(())
        }
    };
    eventually("products in a kitchen", async || in_category("Kitchen").await).await;
    floor.tell([("product.events", category(top, None, "Home", 2))]).await;
    eventually("products at home", async || in_category("Home").await).await;
    floor.tell_company(floor.company, 2, false).await;
    let hidden = async || {
        let documents = floor.model.documents();
        documents.values().all(|document| !document.publication.company_active).then_some(())
    };
    eventually("a hidden company", hidden).await;
    running.stop().await;
}

/// Events of many products in a crossed order with repetitions, over an indexer that is killed again and again and an
/// index that fails after it has written.
#[tokio::test]
async fn nothing_is_lost_and_nothing_applied_twice_however_often_the_indexer_is_killed() {
    let floor = Floor::open().await;
    let ids: Vec<ProductId> = (0..40).map(|_| floor.id()).collect();
    let mut events: Vec<Json> = Vec::new();
    let mut seed = 7_usize;
    for round in 1..=10_i64 {
        for (n, id) in ids.iter().enumerate() {
            let product = floor.product(*id, &format!("product {n} as of {round}"));
            let is_deleted = round == 10 && n % 4 == 0;
            events.push(if is_deleted {
                floor.product_deleted(round, product)
            } else {
                floor.product_event(round, product)
            });
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            if seed.is_multiple_of(5) {
                events.push(events[seed / 64 % events.len()].clone());
            }
        }
    }
    let mut kills = 0;
    for some in events.chunks(events.len() / 4 + 1) {
        let running = floor.run().await;
        floor.model.fail(2);
        floor.tell(some.iter().map(|event| ("product.events", event.clone()))).await;
        tokio::time::sleep(std::time::Duration::from_millis(60)).await;
        running.kill().await;
        kills += 1;
    }
    let running = floor.run().await;
    let expected: Vec<String> = {
        let kept = (0..ids.len()).filter(|n| n % 4 != 0);
        let mut names: Vec<_> = kept.map(|n| format!("product {n} as of 10")).collect();
        names.sort();
        names
    };
    eventually("all products as told last", async || (names(&floor) == expected).then_some(())).await;
    running.stop().await;
    println!(
        "counted: {} events of {} products over {kills} kills, {} found",
        events.len(),
        ids.len(),
        expected.len()
    );
}
