//! What every implementation of [`KeyValue`](super::KeyValue) must do. Each engine's tests call [`key_value`].
#![expect(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test suite")]

use std::time::Duration;

use bytes::Bytes;
use chrono::TimeDelta;
use futures::future::join_all;

use super::{Bucket, SharedKeyValue, Taken};
use crate::clock::Clock;

const SECOND: Duration = Duration::from_secs(1);

/// Checks the contract on the store that `open` opens; each call is one more handle of the same store. `clock`
/// is the one that the store reads.
///
/// # Panics
/// When the store breaks the contract.
pub async fn key_value(clock: &Clock, open: impl Fn() -> SharedKeyValue) {
    values_expire(clock, &open).await;
    of_many_who_set_at_once_one_wins(&open).await;
    of_many_who_compare_and_set_each_counts(&open).await;
    of_many_who_put_one_wins_whole(&open).await;
    of_many_who_delete_one_did(&open).await;
    counters_lose_no_addition(clock, &open).await;
    buckets_give_what_they_hold(clock, &open).await;
    locks_have_one_holder_and_growing_tokens(clock, &open).await;
}

async fn values_expire(clock: &Clock, open: &impl Fn() -> SharedKeyValue) {
    assert_eq!(open().get("v").await.unwrap(), None);
    assert!(!open().delete("v").await.unwrap());
    open().put("v", Bytes::from_static(b"1"), Some(SECOND)).await.unwrap();
    assert_eq!(open().get("v").await.unwrap().unwrap(), "1");
    clock.advance(TimeDelta::milliseconds(999));
    assert!(open().get("v").await.unwrap().is_some());
    clock.advance(TimeDelta::milliseconds(1));
    assert_eq!(open().get("v").await.unwrap(), None);
    assert!(!open().delete("v").await.unwrap(), "what has expired is not there to delete");
    open().put("v", Bytes::from_static(b"2"), None).await.unwrap();
    clock.advance(TimeDelta::days(400));
    assert_eq!(open().get("v").await.unwrap().unwrap(), "2");
    assert!(open().delete("v").await.unwrap());
    assert_eq!(open().get("v").await.unwrap(), None);
}

async fn of_many_who_set_at_once_one_wins(open: &impl Fn() -> SharedKeyValue) {
    let attempts = (0..16_u8).map(|n| {
        let store = open();
        tokio::spawn(
            async move { store.compare_and_set("cas", None, Bytes::from(vec![n]), None).await.unwrap() },
        )
    });
    let won =
        join_all(attempts).await.into_iter().filter(|won| *won.as_ref().expect("no task panics")).count();
    assert_eq!(won, 1);
    let value = open().get("cas").await.unwrap().unwrap();
    assert!(!open().compare_and_set("cas", Some(b"other"), Bytes::new(), None).await.unwrap());
    assert!(open().compare_and_set("cas", Some(&value), Bytes::from_static(b"next"), None).await.unwrap());
    assert_eq!(open().get("cas").await.unwrap().unwrap(), "next");
}

/// A counter made of compare-and-set: nobody's step is lost, and none is taken on a value that has passed.
async fn of_many_who_compare_and_set_each_counts(open: &impl Fn() -> SharedKeyValue) {
    const STEPS: u64 = 20;
    let tasks = (0..8).map(|_| {
        let store = open();
        tokio::spawn(async move {
            for _ in 0..STEPS {
                loop {
                    let seen = store.get("steps").await.unwrap();
                    let count = seen.as_deref().map_or(0, |seen| {
                        u64::from_be_bytes(seen.try_into().expect("only counts are put there"))
                    });
                    let next = Bytes::copy_from_slice(&(count + 1).to_be_bytes());
                    if store.compare_and_set("steps", seen.as_deref(), next, None).await.unwrap() {
                        break;
                    }
                    tokio::task::yield_now().await;
                }
            }
        })
    });
    join_all(tasks).await.into_iter().for_each(|task| task.expect("no task panics"));
    let count = open().get("steps").await.unwrap().unwrap();
    assert_eq!(count, (8 * STEPS).to_be_bytes().as_slice());
}

async fn of_many_who_put_one_wins_whole(open: &impl Fn() -> SharedKeyValue) {
    let value = |n: u8| Bytes::from(vec![n; 10_000]);
    open().put("raced", value(0), None).await.unwrap();
    let writers = (1..=8_u8).map(|n| {
        let store = open();
        tokio::spawn(async move { store.put("raced", value(n), None).await.unwrap() })
    });
    let readers = (0..8).map(|_| {
        let store = open();
        tokio::spawn(async move {
            for _ in 0..10 {
                let read = store.get("raced").await.unwrap().expect("a value that is replaced is never gone");
                assert!(read.len() == 10_000 && read.iter().all(|byte| Some(byte) == read.first()));
            }
        })
    });
    let tasks: Vec<_> = writers.chain(readers).collect();
    join_all(tasks).await.into_iter().for_each(|task| task.expect("no task panics"));
    assert_ne!(open().get("raced").await.unwrap().unwrap().first(), Some(&0), "a writer wins");
}

async fn of_many_who_delete_one_did(open: &impl Fn() -> SharedKeyValue) {
    open().put("gone", Bytes::from_static(b"x"), None).await.unwrap();
    let tasks = (0..16).map(|_| {
        let store = open();
        tokio::spawn(async move { store.delete("gone").await.unwrap() })
    });
    let did = join_all(tasks).await.into_iter().filter(|did| *did.as_ref().expect("no task panics")).count();
    assert_eq!(did, 1);
}

async fn counters_lose_no_addition(clock: &Clock, open: &impl Fn() -> SharedKeyValue) {
    let additions = (0..8).map(|_| {
        let store = open();
        tokio::spawn(async move {
            for _ in 0..25 {
                store.add("count", 1, Some(SECOND)).await.unwrap();
            }
        })
    });
    join_all(additions).await.into_iter().for_each(|task| task.expect("no task panics"));
    assert_eq!(open().add("count", -50, Some(SECOND)).await.unwrap(), 150);
    clock.advance(TimeDelta::seconds(1));
    assert_eq!(open().add("count", 1, None).await.unwrap(), 1, "the window starts anew");
    assert_eq!(open().add("count", i64::MAX, None).await.unwrap(), i64::MAX, "it does not overflow");
}

async fn buckets_give_what_they_hold(clock: &Clock, open: &impl Fn() -> SharedKeyValue) {
    let bucket = Bucket { capacity: 10, refill: SECOND };
    let takers = (0..30).map(|_| {
        let store = open();
        tokio::spawn(async move { store.take("bucket", bucket, 1).await.unwrap() })
    });
    let taken = join_all(takers).await.into_iter().map(|taken| taken.expect("no task panics"));
    assert_eq!(taken.filter(|taken| matches!(taken, Taken::Yes { .. })).count(), 10);
    let refused = open().take("bucket", bucket, 2).await.unwrap();
    assert_eq!(refused, Taken::No { retry_after: Some(2 * SECOND) });
    clock.advance(TimeDelta::seconds(3));
    assert_eq!(open().take("bucket", bucket, 2).await.unwrap(), Taken::Yes { left: 1 });
    assert_eq!(open().take("bucket", bucket, 11).await.unwrap(), Taken::No { retry_after: None });
}

async fn locks_have_one_holder_and_growing_tokens(clock: &Clock, open: &impl Fn() -> SharedKeyValue) {
    let takers = (0..16).map(|_| {
        let store = open();
        tokio::spawn(async move { store.lock("lock", SECOND).await.unwrap() })
    });
    let leases: Vec<_> =
        join_all(takers).await.into_iter().filter_map(|lease| lease.expect("no task panics")).collect();
    let [first] = leases.as_slice() else { panic!("{} hold the lock", leases.len()) };
    assert!(open().unlock("lock", *first).await.unwrap());
    let second = open().lock("lock", SECOND).await.unwrap().expect("a freed lock can be taken");
    clock.advance(TimeDelta::seconds(1));
    let third = open().lock("lock", SECOND).await.unwrap().expect("a lease ends by itself");
    assert!(*first < second && second < third, "tokens grow");
    assert!(!open().unlock("lock", second).await.unwrap(), "a lease that ended frees nothing");
    assert!(open().lock("lock", SECOND).await.unwrap().is_none());
}
