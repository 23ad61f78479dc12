//! What is not public is not found: drafts, what is outside its window, and what another company has not published.

use serde_json::json;

use souk_search::index::document::ProductDocument;

use crate::floor::{Floor, eventually};

#[tokio::test]
async fn visitors_find_what_is_published_now_and_nothing_else() {
    let floor = Floor::open().await;
    let running = floor.run().await;
    let with = |name: &str, field: &str, value| {
        let mut product = floor.product(floor.id(), name);
        product[field] = value;
        floor.product_event(1, product)
    };
    let now = floor.search.stage.clock().now();
    let (soon, before) = (now + chrono::TimeDelta::hours(1), now - chrono::TimeDelta::hours(1));
    floor
        .tell(
            [
                with("draft", "status", json!("draft")),
                with("archived", "status", json!("archived")),
                with("early", "window", json!({ "from": soon })),
                with("late", "window", json!({ "until": before })),
                with("shown", "window", json!({ "from": before, "until": soon })),
            ]
            .map(|event| ("product.events", event)),
        )
        .await;
    eventually("all documents", async || (floor.model.documents().len() == 5).then_some(())).await;
    let total = async || {
        let reply = floor.nobody().send("{ search { totalCount } }", json!({})).await;
        reply["data"]["search"]["totalCount"].clone()
    };
    // What is told of the company may come later than its products.
    eventually("the one that is shown", async || (total().await == 1).then_some(())).await;
    // The window opens and closes without anybody's doing.
    floor.search.stage.clock().advance(chrono::TimeDelta::hours(1));
    assert_eq!(total().await, 1);
    floor.search.stage.clock().advance(chrono::TimeDelta::hours(-2));
    assert_eq!(total().await, 1);
    running.stop().await;
}

#[tokio::test]
async fn what_is_told_of_a_product_on_behalf_of_another_company_leaves_it_where_it_is() {
    let floor = Floor::open().await;
    let running = floor.run().await;
    let id = floor.id();
    floor.tell_product(1, floor.product(id, "pot")).await;
    let document = || floor.model.documents().remove(&id);
    let is_public = |one: &ProductDocument| one.publication.company_active;
    let before = eventually("a public product", async || document().filter(is_public)).await;
    floor.tell_popularity(floor.rival, 1, id, 70).await;
    let after = eventually("its popularity", async || document().filter(|one| one.popularity == 70)).await;
    let expected = ProductDocument { popularity: 70, revision: after.revision, ..before };
    assert_eq!(after, expected);
    // What becomes of the other company is nothing to it, and what becomes of its own is.
    floor.tell_company(floor.rival, 2, false).await;
    floor.tell_popularity(floor.rival, 2, id, 80).await;
    let after =
        eventually("another popularity", async || document().filter(|one| one.popularity == 80)).await;
    assert_eq!(after, ProductDocument { popularity: 80, revision: after.revision, ..expected });
    floor.tell_company(floor.company, 2, false).await;
    eventually("a hidden product", async || document().filter(|one| !is_public(one))).await;
    running.stop().await;
}
