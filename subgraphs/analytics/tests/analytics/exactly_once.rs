//! Each event counts once, however often it comes and whatever is broken off.

use crate::storefront::{Storefront, click, product, search, view};

#[tokio::test]
async fn what_a_client_sends_again_counts_once() {
    let front = Storefront::open().await;
    front.owns(front.company, [1]).await;
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
async fn what_the_log_delivers_again_counts_once() {
    let front = Storefront::open().await;
    front.owns(front.company, 0..11).await;
    for n in 0..300 {
        front.track(n % 7, &[view(n.into(), front.now(), &product(u128::from(n % 11)))]).await;
    }
    front.count().await;
    let before = front.everything().await;
    assert_eq!((&before["totals"]["views"], &before["totals"]["visitors"]), (&300.into(), &7.into()));
    let log = &front.analytics.stage.ports.events;
    let mut again = 0;
    for from in front.beginning().await {
        let found = log.read(&from, 1_000).await.unwrap();
        again += found.len();
        log.append(found.into_iter().map(|delivered| delivered.record).collect()).await.unwrap();
    }
    front.count().await;
    assert_eq!(front.everything().await, before);
    println!("counted: {again} records delivered again, none of which counted");
    assert_eq!(again, 300);
}
