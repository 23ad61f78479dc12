//! Each event counts once, however often it comes and whatever is broken off.

use souk_kit::event::Topic;
use souk_kit::event_log::{Record, Start};

use crate::storefront::{Storefront, click, product, search, view};

#[tokio::test]
async fn what_a_client_sends_again_counts_once() {
    let front = Storefront::open().await;
    let events = [
        view(1, front.now(), &product(1)),
        search(2, front.now(), "tea", 3),
        click(3, front.now(), 2, &product(1), 1),
    ];
    front.track(1, &events).await;
    front.track(1, &events).await;
    front.count().await;
    let once = front.everything().await;
    assert_eq!((&once["totals"]["views"], &once["totals"]["searches"]), (&1.into(), &1.into()));
    front.track(1, &events).await;
    front.count().await;
    assert_eq!(front.everything().await, once);
}

#[tokio::test]
async fn what_the_log_delivers_again_counts_once_and_what_is_poison_stops_nothing() {
    let front = Storefront::open().await;
    for n in 0..300 {
        front.track(n % 7, &[view(n.into(), front.now(), &product(u128::from(n % 11)))]).await;
        if n % 100 == 0 {
            let poison = Record::new(
                Topic::Analytics.name(),
                "k",
                format!("{{\"type\":\"visit.list_viewed\",\"n\":{n}}}"),
            );
            front.analytics.stage.ports.events.append(vec![poison]).await.unwrap();
        }
    }
    front.count().await;
    let before = front.everything().await;
    assert_eq!((&before["totals"]["views"], &before["totals"]["visitors"]), (&300.into(), &7.into()));
    let log = &front.analytics.stage.ports.events;
    let start = log.positions(Topic::Analytics.name(), Start::Beginning).await.unwrap();
    let mut again = 0;
    for from in &start {
        let found = log.read(from, 1_000).await.unwrap();
        again += found.len();
        log.append(found.into_iter().map(|delivered| delivered.record).collect()).await.unwrap();
    }
    front.count().await;
    assert_eq!(front.everything().await, before);
    println!("counted: {again} records delivered again, none of which counted");
    assert_eq!(again, 303);
}
