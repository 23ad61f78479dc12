//! Several processes on one cluster: what one does not know of the other must not cost a product.

use ::elasticsearch::http::Method;

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
