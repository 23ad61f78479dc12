//! `souk analytics rebuild`: the same figures from the log, and earlier ones left alone.

use chrono::TimeDelta;
use souk_kit::event::Topic;

use crate::storefront::{Storefront, click, list, product, search, view};

#[tokio::test]
async fn what_the_log_holds_is_counted_again_to_the_same_figures() {
    let front = Storefront::open().await;
    let at = |n: u32| front.ago(i64::from(n) * 17);
    for n in 0..60_u32 {
        let id = u128::from(n) * 10;
        let events = [
            view(id, at(n), &product(id % 7)),
            search(id + 1, at(n), &format!("text {}", n % 5), n % 9),
            click(id + 2, at(n), id + 1, &product(id % 3), n % 4 + 1),
            list(id + 3, at(n), "home"),
        ];
        front.track(n % 13, &events).await;
        front.track(n % 13, &events[..1]).await;
    }
    front.count().await;
    let before = front.everything().await;
    assert_eq!(before["totals"]["views"], 60);
    for retention in [None, Some(TimeDelta::days(30))] {
        front.spoil().await;
        assert_ne!(front.everything().await, before);
        let rebuilt = rebuild(&front, retention).await;
        assert_eq!(rebuilt, 240);
        assert_eq!(front.everything().await, before);
    }
    // The consumer goes on where it was.
    front.track(1, &[list(9_999, front.now(), "home")]).await;
    front.count().await;
    assert_eq!(front.everything().await["totals"]["listViews"], 61);
    println!("counted: 240 events rebuilt twice to equal figures");
}

#[tokio::test]
async fn hours_that_the_log_may_have_forgotten_are_left_alone() {
    let front = Storefront::open().await;
    front.track(1, &[list(1, front.now(), "home")]).await;
    front.count().await;
    front.analytics.stage.clock().advance(TimeDelta::hours(30));
    front.track(1, &[list(2, front.now(), "home"), list(3, front.ago(24 * 60), "home")]).await;
    front.count().await;
    let before = front.everything().await;
    // The log keeps an hour: it is taken to know nothing of what was received before.
    let rebuilt = rebuild(&front, Some(TimeDelta::hours(1))).await;
    assert_eq!(rebuilt, 3);
    assert_eq!(front.everything().await, before);
    assert_eq!(before["totals"]["listViews"], 3);
}

#[tokio::test]
async fn what_was_not_counted_yet_is_left_to_the_worker() {
    let front = Storefront::open().await;
    front.track(1, &[list(1, front.now(), "home")]).await;
    front.count().await;
    front.track(1, &[list(2, front.now(), "home")]).await;
    assert_eq!(rebuild(&front, None).await, 1);
    assert_eq!(front.everything().await["totals"]["listViews"], 1);
    front.count().await;
    assert_eq!(front.everything().await["totals"]["listViews"], 2);
    assert!(
        front
            .analytics
            .stage
            .ports
            .events
            .topics()
            .await
            .unwrap()
            .contains(&Topic::Analytics.name().to_owned())
    );
}

/// Rebuilds while no worker runs; answers how many events were counted again.
async fn rebuild(front: &Storefront, retention: Option<TimeDelta>) -> u64 {
    souk_analytics::rebuild(&front.analytics.stage.ports, retention).await.unwrap().events
}

#[tokio::test]
async fn a_worker_that_runs_is_not_disturbed() {
    let front = Storefront::open().await;
    front.track(1, &[list(1, front.now(), "home")]).await;
    front.count().await;
    let before = front.everything().await;
    let _worker = front.worker().await;
    // A file has one writer; a server has many, which wait for each other.
    if let Ok(rebuilt) = souk_analytics::rebuild(&front.analytics.stage.ports, None).await {
        assert_eq!(rebuilt.events, 1);
    }
    assert_eq!(front.everything().await, before);
}

#[tokio::test]
async fn a_log_that_is_empty_takes_no_figures_away() {
    let front = Storefront::open().await;
    front.track(1, &[list(1, front.now(), "home")]).await;
    front.count().await;
    let before = front.everything().await;
    let another = souk_kit::testing::Stage::new().await.unwrap();
    let events = another.ports.events.clone();
    let ports = souk_kit::ports::Ports { events, ..front.analytics.stage.ports.clone() };
    let rebuilt = souk_analytics::rebuild(&ports, Some(TimeDelta::days(30))).await.unwrap();
    assert_eq!((rebuilt.events, front.everything().await), (0, before));
}
