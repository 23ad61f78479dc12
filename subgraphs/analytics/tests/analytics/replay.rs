//! From where consumers that count may take the log again: `souk events replay` refuses what would count twice.

use chrono::TimeDelta;
use sea_orm::ConnectionTrait;
use souk_kit::clock::Timestamp;
use souk_kit::event::Topic;
use souk_kit::event_log::Start;

use crate::storefront::{Storefront, VISITS, product, product_event, shop_event, view};

const PRODUCTS: &str = "analytics.fold-products";
const SHOPS: &str = "analytics.fold-shops";

impl Storefront {
    async fn earliest(&self, consumer: &str) -> Option<Timestamp> {
        souk_analytics::earliest_replay(&self.analytics.stage.ports, consumer).await.unwrap()
    }

    /// Has every consumer that counts count one event.
    async fn count_one_of_each(&self) {
        self.track(1, &[view(1, self.now(), &product(1))]).await;
        self.hear(Topic::Product, &product_event(1, self.company, "product.created", 1)).await;
        let opened = shop_event(self.shops[0], self.company, "shop.created", 1, "2026-03-10T08:00:00Z");
        self.hear(Topic::Shop, &opened).await;
        self.count().await;
    }
}

#[tokio::test]
async fn what_was_counted_and_is_remembered_no_more_may_not_come_again() {
    let front = Storefront::open().await;
    let counting = [VISITS, PRODUCTS, SHOPS];
    for consumer in counting {
        assert_eq!(front.earliest(consumer).await, None, "{consumer} has counted nothing");
    }
    front.count_one_of_each().await;
    let counted = front.now();
    let month = TimeDelta::days(29);
    assert_eq!(front.earliest(VISITS).await, Some(counted - TimeDelta::hours(72) + TimeDelta::minutes(1)));
    for consumer in [PRODUCTS, SHOPS] {
        assert_eq!(front.earliest(consumer).await, Some(counted - month), "{consumer}");
    }
    for consumer in ["analytics.learn-owners", "analytics.learn-shops", "catalog.learn-companies"] {
        assert_eq!(front.earliest(consumer).await, None, "{consumer} counts nothing");
    }

    // All that was counted may be swept any time now: what came behind it has not been counted.
    front.analytics.stage.clock().advance(TimeDelta::days(40));
    for consumer in counting {
        assert_eq!(front.earliest(consumer).await, Some(counted + TimeDelta::minutes(1)), "{consumer}");
    }
    front.job("analytics.sweep").await;
    assert_eq!(front.earliest(VISITS).await, Some(counted + TimeDelta::minutes(1)));
    for consumer in [PRODUCTS, SHOPS] {
        assert_eq!(
            front.earliest(consumer).await,
            Some(front.now() - month),
            "{consumer}: when is forgotten"
        );
    }
}

#[tokio::test]
async fn a_store_that_was_emptied_takes_the_whole_log_to_the_same_figures() {
    let front = Storefront::open().await;
    front.count_one_of_each().await;
    let before = front.everything().await;
    let totals = ["views", "productsCreated", "shopsOpened"].map(|name| &before["totals"][name]);
    assert_eq!(totals, [1, 1, 1]);
    let tx = front.analytics.stage.ports.sql(souk_analytics::NAME).await.unwrap().begin().await.unwrap();
    for table in ["hour_count", "hour_sketch", "hour_tally", "kit_consumed", "product_fact"] {
        tx.execute_unprepared(&format!("DELETE FROM {table}")).await.unwrap();
    }
    tx.execute_unprepared("UPDATE progress SET began = 0, received = 0").await.unwrap();
    tx.commit().await.unwrap();
    assert_ne!(front.everything().await, before);
    let log = &front.analytics.stage.ports.events;
    for (consumer, topic) in [(VISITS, Topic::Analytics), (PRODUCTS, Topic::Product), (SHOPS, Topic::Shop)] {
        assert_eq!(front.earliest(consumer).await, None, "{consumer}");
        let beginning = log.positions(topic.name(), Start::Beginning).await.unwrap();
        log.reset(consumer, &beginning).await.unwrap();
    }
    front.count().await;
    assert_eq!(front.everything().await, before);
}
