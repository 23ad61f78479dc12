//! Events that the worker cannot take: they hold up nothing, stand among the dead letters, and count once when what was
//! wrong is mended, however often they are tried again.

use souk_kit::consumer::{DeadLetter, dead_letters, retry, retry_topic};
use souk_kit::event::Topic;
use souk_kit::event_log::{Position, Record};
use souk_kit::testing::refusing::{accept, refuse};

use crate::storefront::{Storefront, VISITS, product, view};

const VIEWS: u32 = 300;

async fn waiting(front: &Storefront) -> Vec<DeadLetter> {
    let log = &*front.analytics.stage.ports.events;
    let (mut waiting, mut letters) = (dead_letters(log, VISITS).await.unwrap(), Vec::new());
    loop {
        let some = waiting.next().await.unwrap();
        if some.is_empty() {
            return letters;
        }
        letters.extend(some);
    }
}

async fn views(front: &Storefront) -> u64 {
    front.everything().await["totals"]["views"].as_u64().unwrap()
}

/// A worker whose database refuses the views of one product, as one would that is not made for them, beside visits that
/// nobody can read. It is mended, and the dead letters are tried again, more than once and beside other copies of them.
#[tokio::test]
async fn what_cannot_be_counted_holds_up_nothing_and_counts_once_when_that_is_mended() {
    let front = Storefront::open().await;
    let log = &*front.analytics.stage.ports.events;
    let refused = product(7);
    let database = async || front.analytics.stage.ports.sql(souk_analytics::NAME).await.unwrap();
    refuse(&database().await, "hour_tally", "item", &[&refused]).await.unwrap();
    let mut unread = 0;
    for n in 0..VIEWS {
        front.track(n % 7, &[view(n.into(), front.now(), &product(u128::from(n % 11)))]).await;
        if n % 100 == 50 {
            // Under the key of visits that can be counted.
            let key = front.company.to_string();
            let garbage = format!("{{\"type\":\"visit.list_viewed\",\"n\":{n}}}");
            log.append(vec![Record::new(Topic::Analytics.name(), key, garbage)]).await.unwrap();
            unread += 1;
        }
    }
    front.count().await;
    let lacking = (0..VIEWS).filter(|n| n % 11 == 7).count();
    let counted = u64::from(VIEWS) - u64::try_from(lacking).unwrap();
    assert_eq!(views(&front).await, counted);
    let letters = waiting(&front).await;
    let is_refused = |letter: &&DeadLetter| letter.reason.contains("no room for this");
    assert_eq!((letters.iter().filter(is_refused).count(), letters.len()), (lacking, lacking + unread));
    for letter in &letters {
        assert_eq!(letter.topic, Topic::Analytics.name());
        let from =
            Position { topic: letter.topic.clone(), partition: letter.partition, offset: letter.offset };
        let stood = &log.read(&from, 1).await.unwrap()[0];
        assert_eq!((stood.offset, &stood.record.key), (letter.offset, &letter.key));
        assert_eq!(letter.event.get().as_bytes(), stood.record.payload, "as it stands there");
    }

    // What operators do: a version that can is deployed, and the dead letters are tried again.
    accept(&database().await, "hour_tally").await.unwrap();
    let (one, other) = tokio::join!(retry(log, VISITS), retry(log, VISITS));
    let tried = one.unwrap() + other.unwrap();
    assert_eq!((tried, retry(log, VISITS).await.unwrap()), (u64::try_from(letters.len()).unwrap(), 0));
    // One that broke off leaves more copies; and the log may deliver the first ones again at any time.
    let refused = letters.iter().filter(is_refused);
    let copies = refused.flat_map(|letter| {
        let event = letter.event.get().to_owned();
        let first = Record::new(Topic::Analytics.name(), letter.key.clone(), event.clone());
        [first, Record::new(retry_topic(VISITS), letter.key.clone(), event)]
    });
    log.append(copies.collect()).await.unwrap();
    front.count().await;
    let mended = front.everything().await;
    assert_eq!((&mended["totals"]["views"], &mended["totals"]["visitors"]), (&VIEWS.into(), &7.into()));
    let left = waiting(&front).await;
    assert_eq!(left.len(), unread, "what nobody can read");
    let places = |letters: &[DeadLetter]| {
        let unread = letters.iter().filter(|letter| !is_refused(letter));
        let mut places: Vec<_> = unread.map(|one| (one.topic.clone(), one.partition, one.offset)).collect();
        places.sort();
        places
    };
    assert_eq!(places(&left), places(&letters), "a letter says where its event stood first");

    // The whole log once more: `souk events replay --from beginning`.
    let beginning = front.beginning().await;
    log.reset(VISITS, &beginning).await.unwrap();
    front.count().await;
    assert_eq!(front.everything().await, mended);
    println!("counted: {lacking} of {VIEWS} views were dead letters, were tried again, and counted once");
}
