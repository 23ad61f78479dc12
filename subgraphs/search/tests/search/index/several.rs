//! Several processes on one cluster: what one does not know of the other must not cost a product.

use std::time::{Duration, Instant};

use ::elasticsearch::http::Method;
use serde_json::json;

use super::faults::{at_revision, overpriced};
use super::fixture::{cluster, deletion, upsert};

#[tokio::test]
async fn a_process_that_has_written_nothing_yet_sets_one_document_aside() {
    let Some(cluster) = cluster() else { return };
    let side = cluster.index();
    side.fill((1..=2).map(|n| at_revision(n, 1))).await;
    assert_eq!(side.beside().write(&[upsert(overpriced(2, 2))]).await.unwrap().applied, 1);
    side.index.refresh().await.unwrap();
    assert_eq!(side.finds("lamp").await, [1]);
}

#[tokio::test]
async fn a_refused_document_ends_no_build_of_another_process() {
    let Some(cluster) = cluster() else { return };
    let side = cluster.index();
    side.fill((1..=3).map(|n| at_revision(n, 1))).await;
    let build = side.index.begin_build().await.unwrap();
    let written = [upsert(at_revision(1, 1)), upsert(at_revision(2, 1))];
    side.index.write_build(&build, &written).await.unwrap();
    side.beside().write(&[upsert(overpriced(2, 2))]).await.unwrap();
    side.index.write_build(&build, &[upsert(at_revision(3, 1))]).await.unwrap();
    side.index.publish(build).await.unwrap();
    assert_eq!(side.finds("lamp").await, [1, 3]);
}

#[tokio::test]
async fn a_build_that_takes_nothing_is_given_up_and_the_live_generation_goes_on() {
    let Some(cluster) = cluster() else { return };
    let side = cluster.index();
    let build = side.index.begin_build().await.unwrap();
    // There is no product yet to show that it is not the mapping's fault.
    assert!(side.beside().write(&[upsert(overpriced(2, 2))]).await.is_err());
    assert!(side.index.write_build(&build, &[upsert(at_revision(1, 1))]).await.is_err());
    assert!(side.index.publish(build).await.is_err());
    side.fill([at_revision(2, 1)]).await;
    assert_eq!(side.finds("lamp").await, [2], "nothing was set aside");
}

#[tokio::test]
async fn a_closed_generation_is_no_lost_one() {
    let Some(cluster) = cluster() else { return };
    let side = cluster.index();
    let build = side.index.begin_build().await.unwrap();
    side.index.write_build(&build, &[upsert(at_revision(1, 1))]).await.unwrap();
    let live = build.generation.clone();
    side.index.publish(build).await.unwrap();
    // The one before goes when the next is begun.
    let next = side.index.begin_build().await.unwrap();
    side.index.abandon(next).await.unwrap();

    side.call(Method::Post, &format!("/{live}/_close"), String::new()).await;
    assert!(side.index.write(&[upsert(at_revision(2, 1)), deletion(1, 2)]).await.is_err());
    assert!(side.beside().count().await.is_err());
    side.call(Method::Post, &format!("/{live}/_open?wait_for_active_shards=1"), String::new()).await;
    assert_eq!(side.finds("lamp").await, [1], "nothing was set aside, and nothing stands in its place");
    side.index.write(&[upsert(at_revision(2, 1))]).await.unwrap();
    side.index.refresh().await.unwrap();
    assert_eq!(side.finds("lamp").await, [1, 2]);
}

#[tokio::test]
async fn a_question_waits_for_a_generation_that_has_not_started() {
    let Some(cluster) = cluster() else { return };
    let side = cluster.index();
    let build = side.index.begin_build().await.unwrap();
    side.index.write_build(&build, &[upsert(at_revision(1, 1))]).await.unwrap();
    let live = build.generation.clone();
    side.index.publish(build).await.unwrap();
    // Another one that has it too, and takes the alias before its shard has a place.
    let starting = format!("{live}0");
    side.call(Method::Put, &format!("/{live}/_settings"), json!({ "index.blocks.write": true }).to_string())
        .await;
    let without_place = json!({ "settings": { "index.routing.allocation.enable": "none" } });
    let clone = format!("/{live}/_clone/{starting}?wait_for_active_shards=0");
    side.call(Method::Post, &clone, without_place.to_string()).await;
    let (alias, _) = live.split_once("-g-").unwrap();
    let moved = json!({ "actions": [
        { "remove": { "index": live, "alias": alias } },
        { "add": { "index": starting, "alias": alias } },
    ] });
    side.call(Method::Post, "/_aliases", moved.to_string()).await;

    let start = async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        let place = json!({ "index.routing.allocation.enable": "all" });
        side.call(Method::Put, &format!("/{starting}/_settings"), place.to_string()).await;
    };
    let asked = Instant::now();
    let find = async { (side.finds("lamp").await, asked.elapsed()) };
    let ((found, after), ()) = tokio::join!(find, start);
    assert_eq!(found, [1]);
    assert!(after >= Duration::from_millis(500), "answered before the shard had started: {after:?}");
}
