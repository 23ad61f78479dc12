//! The embedded event log keeps the port's contract.

use std::sync::Arc;

use chrono::TimeDelta;
use souk_kit::clock::{Clock, Timestamp};
use souk_kit::event::Topic;
use souk_kit::event_log::{EventLog, Lease, Record, SqliteEventLog, contract, retaining};
use souk_kit::sql::Durability;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_embedded_log_keeps_the_contract() {
    let folder = tempfile::tempdir().unwrap();
    contract::event_log(|| async {
        SqliteEventLog::open(folder.path(), Clock::system(), Durability::PowerCut).await.unwrap()
    })
    .await;
}

#[tokio::test]
async fn appends_that_wait_together_share_a_commit() {
    let folder = tempfile::tempdir().unwrap();
    let log = SqliteEventLog::open(folder.path(), Clock::system(), Durability::PowerCut).await.unwrap();
    let appends = (0..200).map(|n| log.append(vec![Record::new("t", "k", n.to_string())]));
    for answer in futures::future::join_all(appends).await {
        answer.unwrap();
    }
    assert!(log.commits() <= 3, "{} commits for 200 appends", log.commits());
    println!("counted: 200 appends at once, {} commits", log.commits());
}

#[tokio::test]
async fn what_is_old_superseded_and_committed_is_forgotten() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Clock::fixed(Timestamp::from_timestamp(1_700_000_000, 0).unwrap());
    let log: Arc<dyn EventLog> =
        Arc::new(SqliteEventLog::open(folder.path(), clock.clone(), Durability::ProcessCrash).await.unwrap());
    let topics = [Topic::Shop.name().to_owned()];
    let append = async |keys: &[&str]| {
        let record = |key: &&str| Record::new(&*topics[0], *key, clock.now().timestamp().to_string());
        log.append(keys.iter().map(record).collect()).await.unwrap();
    };
    let left = async || log.lag("nobody", &topics).await.unwrap();
    let retention = retaining(Arc::clone(&log), clock.clone(), TimeDelta::days(30));

    append(&["a", "a", "b"]).await;
    clock.advance(TimeDelta::days(20));
    append(&["a", "a"]).await;
    retention.once().await.unwrap();
    assert_eq!(left().await, 5, "nothing is 30 days old");

    let mut member = log.join("group", &topics).await.unwrap();
    let seen = member.next(100).await.unwrap();
    clock.advance(TimeDelta::days(11));
    retention.once().await.unwrap();
    assert_eq!(left().await, 5, "the group has committed nothing");

    assert_eq!(member.commit(&seen[4].position()).await.unwrap(), Lease::Held);
    retention.once().await.unwrap();
    assert_eq!(left().await, 3, "two were old; b has no later one");
    clock.advance(TimeDelta::days(400));
    retention.once().await.unwrap();
    assert_eq!(left().await, 2, "the last one of each key stays");
    append(&["c"]).await;
    assert!(member.next(100).await.unwrap()[0].offset > seen[4].offset, "offsets are never used again");
    member.leave().await.unwrap();
}
