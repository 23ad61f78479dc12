//! `souk analytics rebuild`: the same figures from the log, and earlier ones left alone.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::TimeDelta;
use sea_orm::ConnectionTrait;
use souk_kit::clock::Timestamp;
use souk_kit::consumer::retry;
use souk_kit::event::Topic;
use souk_kit::event_log::{Delivered, EventLog, Membership, Position, Record, Start};
use souk_kit::fault::Fault;
use souk_kit::ports::Ports;
use souk_kit::sql::PostgresOptions;
use souk_kit::testing::refusing::{accept, refuse};

use crate::storefront::{
    SPOILED, Storefront, VISITS, click, list, product, product_event, search, shop_event, view,
};

#[tokio::test]
async fn what_the_log_holds_is_counted_again_to_the_same_figures() {
    let front = Storefront::open().await;
    front.owns(front.company, 0..7).await;
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
    assert_eq!(before["topProducts"]["nodes"].as_array().unwrap().len(), 7);
    for retention in [None, Some(TimeDelta::days(30))] {
        front.spoil().await;
        assert_ne!(front.everything().await, before);
        let rebuilt = rebuild(&front, retention).await;
        assert_eq!(rebuilt, 240 + 7, "what visitors did and what the catalogue told");
        assert_eq!(front.everything().await, before);
    }
    // The consumer goes on where it was.
    front.track(1, &[list(9_999, front.now(), "home")]).await;
    front.count().await;
    assert_eq!(front.everything().await["totals"]["listViews"], 61);
    println!("counted: 247 events rebuilt twice to equal figures");
}

#[tokio::test]
async fn hours_that_the_log_may_have_forgotten_are_left_alone() {
    let front = Storefront::open().await;
    front.track(1, &[list(1, front.now(), "home")]).await;
    front.count().await;
    front.analytics.stage.clock().advance(TimeDelta::hours(30));
    front.track(1, &[list(2, front.now(), "home"), list(3, front.ago(24 * 60), "home")]).await;
    front.count().await;
    let views = async || front.everything().await["totals"]["listViews"].as_i64().unwrap();
    assert_eq!(views().await, 3);
    front.spoil().await;
    assert_eq!(views().await, 3 * SPOILED);
    // The log keeps an hour: it is taken to know nothing of what was received before.
    assert_eq!(rebuild(&front, Some(TimeDelta::hours(1))).await, 3);
    assert_eq!(views().await, 2 * SPOILED + 1, "the last hour alone is counted again");
    // What it has forgotten does not come back when it keeps more from now on.
    for retention in [Some(TimeDelta::days(30)), Some(TimeDelta::MAX), None] {
        rebuild(&front, retention).await;
        assert_eq!(views().await, 2 * SPOILED + 1, "{retention:?}");
    }
}

/// However long it keeps events by now, also where no rebuild has ever run: the worker has noted it.
#[tokio::test]
async fn hours_that_the_log_may_have_forgotten_under_a_shorter_retention_are_left_alone() {
    let front = Storefront::open().await;
    front.track(1, &[list(1, front.now(), "home")]).await;
    front.count().await;
    let note = async |kept: Option<TimeDelta>| {
        let worker = front.worker_on_log_of(kept).await;
        Storefront::job_of(&worker, "analytics.note-retention").await;
    };
    note(Some(TimeDelta::hours(1))).await;
    // No worker runs while the log goes on forgetting, until it is told to keep everything.
    front.analytics.stage.clock().advance(TimeDelta::hours(30));
    front.track(1, &[list(2, front.now(), "home"), list(3, front.ago(24 * 60), "home")]).await;
    front.count().await;
    note(None).await;
    front.spoil().await;
    front.analytics.stage.clock().advance(TimeDelta::hours(30));
    let views = async || front.everything().await["totals"]["listViews"].as_i64().unwrap();
    for retention in [None, Some(TimeDelta::days(30))] {
        assert_eq!(rebuild(&front, retention).await, 3);
        assert_eq!(views().await, 2 * SPOILED + 1, "{retention:?}: the last hour alone is counted again");
    }
    // One that keeps less has forgotten more.
    front.spoil().await;
    note(Some(TimeDelta::hours(1))).await;
    rebuild(&front, None).await;
    assert_eq!(views().await, 3 * SPOILED);
}

#[tokio::test]
async fn visits_that_nobody_remembers_any_more_are_counted_again() {
    let front = Storefront::open().await;
    front.track(1, &[list(1, front.now(), "home")]).await;
    front.count().await;
    front.analytics.stage.clock().advance(TimeDelta::hours(80));
    front.track(1, &[list(2, front.now(), "home")]).await;
    front.count().await;
    front.job("analytics.forget-visits").await;
    let before = front.everything().await;
    front.spoil().await;
    assert_eq!(rebuild(&front, None).await, 2);
    assert_eq!(front.everything().await, before);
}

/// On a server that others write meanwhile; a file has one writer.
#[tokio::test]
async fn a_rebuild_takes_longer_than_a_statement_may() {
    let front = Storefront::open().await;
    front.track(1, &[list(1, front.now(), "home")]).await;
    front.count().await;
    let usual = &front.analytics.stage.ports;
    let Some(server) = usual.postgres.clone() else { return };
    let hasty = PostgresOptions { longest_write: Duration::from_millis(200), ..server };
    let ports = Ports { postgres: Some(hasty), ..usual.clone() };
    let other = usual.sql(souk_analytics::NAME).await.unwrap().begin().await.unwrap();
    other.execute_unprepared("UPDATE progress SET received = received").await.unwrap();
    let ends = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        other.commit().await.unwrap();
    };
    let (rebuilt, ()) = tokio::join!(souk_analytics::rebuild(&ports, None), ends);
    assert_eq!(rebuilt.unwrap().events, 1);
}

/// However long ago one was received: it is a dead letter until its worker has taken it.
#[tokio::test]
async fn a_dead_letter_that_is_tried_again_after_a_rebuild_counts_once() {
    let front = Storefront::open().await;
    let log = &*front.analytics.stage.ports.events;
    let database = async || front.analytics.stage.ports.sql(souk_analytics::NAME).await.unwrap();
    refuse(&database().await, "hour_tally", "item", &[&product(7)]).await.unwrap();
    front.track(1, &[view(1, front.now(), &product(7))]).await;
    front.count().await;
    front.analytics.stage.clock().advance(TimeDelta::hours(80));
    front.track(1, &[view(2, front.now(), &product(1))]).await;
    front.count().await;
    accept(&database().await, "hour_tally").await.unwrap();

    assert_eq!(rebuild(&front, None).await, 1);
    assert_eq!(retry(log, VISITS).await.unwrap(), 1);
    assert_eq!(rebuild(&front, None).await, 1, "it is on its way");
    front.count().await;
    assert_eq!(rebuild(&front, None).await, 2);
    let range = ("2026-03-10T00:00:00Z", "2026-03-15T00:00:00Z");
    let counted = front.figures(&front.admin(), range, "totals { views }").await;
    assert_eq!(counted["totals"]["views"], 2);
}

#[tokio::test]
async fn what_other_domains_told_is_counted_again_whether_anybody_has_visited_or_not() {
    let front = Storefront::open().await;
    let [one, two] = front.shops;
    for n in 0..3 {
        front.hear(Topic::Product, &product_event(n, front.company, "product.created", 1)).await;
    }
    for (shop, kind, sequence) in
        [(one, "shop.created", 1), (two, "shop.created", 1), (one, "shop.deactivated", 2)]
    {
        let event = shop_event(shop, front.company, kind, sequence, "2026-03-10T08:00:00Z");
        front.hear(Topic::Shop, &event).await;
        // What the log delivers again.
        front.hear(Topic::Shop, &event).await;
    }
    for visits in [0, 1] {
        if visits > 0 {
            front.track(1, &[list(1, front.now(), "home")]).await;
        }
        front.count().await;
        let before = front.everything().await;
        let told = ["productsCreated", "shopsOpened", "shopsClosed", "listViews"];
        assert_eq!(told.map(|figure| before["totals"][figure].as_u64().unwrap()), [3, 2, 1, visits]);
        front.spoil().await;
        assert_ne!(front.everything().await, before);
        assert_eq!(rebuild(&front, None).await, 6 + visits);
        assert_eq!(front.everything().await, before);
    }
}

/// A log to which somebody appends whenever it is read.
struct Growing {
    log: Arc<dyn EventLog>,
    more: Record,
}

#[async_trait]
impl EventLog for Growing {
    async fn append(&self, records: Vec<Record>) -> Result<(), Fault> {
        self.log.append(records).await
    }
    async fn join(&self, group: &str, topics: &[String]) -> Result<Box<dyn Membership>, Fault> {
        self.log.join(group, topics).await
    }
    async fn lag(&self, group: &str, topics: &[String]) -> Result<u64, Fault> {
        self.log.lag(group, topics).await
    }
    async fn topics(&self) -> Result<Vec<String>, Fault> {
        self.log.topics().await
    }
    async fn positions(&self, topic: &str, start: Start) -> Result<Vec<Position>, Fault> {
        self.log.positions(topic, start).await
    }
    async fn read(&self, from: &Position, limit: usize) -> Result<Vec<Delivered>, Fault> {
        self.log.append(vec![self.more.clone()]).await?;
        self.log.read(from, limit).await
    }
    async fn committed(&self, group: &str, topic: &str) -> Result<Vec<Position>, Fault> {
        self.log.committed(group, topic).await
    }
    async fn reset(&self, group: &str, positions: &[Position]) -> Result<(), Fault> {
        self.log.reset(group, positions).await
    }
    async fn trim(&self, topics: &[String], time: Timestamp) -> Result<u64, Fault> {
        self.log.trim(topics, time).await
    }
    async fn ready(&self) -> Result<(), Fault> {
        self.log.ready().await
    }
}

#[tokio::test]
async fn a_rebuild_ends_though_visitors_come_all_the_while() {
    let front = Storefront::open().await;
    front.track(1, &[list(1, front.now(), "home")]).await;
    front.count().await;
    let usual = &front.analytics.stage.ports;
    let visits = usual.events.positions(Topic::Analytics.name(), Start::Beginning).await.unwrap();
    let mut known = Vec::new();
    for from in &visits {
        known.extend(usual.events.read(from, 10).await.unwrap());
    }
    let more = known.pop().unwrap().record;
    let ports = Ports { events: Arc::new(Growing { log: Arc::clone(&usual.events), more }), ..usual.clone() };
    let rebuilt = tokio::time::timeout(Duration::from_secs(30), souk_analytics::rebuild(&ports, None)).await;
    assert_eq!(rebuilt.expect("it reads on without an end").unwrap().events, 1);
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
