//! What every implementation of [`KeyValue`](super::KeyValue) must do. Each engine's tests call [`key_value`].
#![expect(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test suite")]

use std::time::Duration;

use bytes::Bytes;
use chrono::TimeDelta;
use futures::future::join_all;

use super::{Bucket, SharedKeyValue, Taken};
use crate::clock::Clock;

const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_hours(1);

/// How time passes for the store under test.
#[derive(Debug, Clone, Copy)]
pub enum Time<'a> {
    /// It reads this clock, which is moved.
    Moved(&'a Clock),
    /// It has a clock of its own, which is waited for.
    Awaited,
}

impl Time<'_> {
    /// Lets so much time pass, or a little more.
    async fn pass(self, time: Duration) {
        match self {
            Self::Moved(clock) => clock.advance(TimeDelta::from_std(time).unwrap()),
            Self::Awaited => tokio::time::sleep(time + Duration::from_millis(50)).await,
        }
    }
}

/// Checks the contract on the store that `open` opens; each call is one more handle of the same store.
///
/// # Panics
/// When the store breaks the contract.
pub async fn key_value(time: Time<'_>, open: impl Fn() -> SharedKeyValue) {
    values_expire(time, &open).await;
    if let Time::Moved(clock) = time {
        values_expire_on_the_dot(clock, &open).await;
    }
    any_bytes_are_keys_and_values(&open).await;
    of_many_who_set_at_once_one_wins(&open).await;
    of_many_who_compare_and_set_each_counts(&open).await;
    of_many_who_delete_at_once_one_did(&open).await;
    of_many_who_put_one_wins_whole(&open).await;
    of_many_who_delete_one_did(&open).await;
    counters_lose_no_addition(time, &open).await;
    buckets_give_what_they_hold(&open).await;
    buckets_fill_again(time, &open).await;
    locks_have_one_holder_and_growing_tokens(time, &open).await;
}

async fn values_expire(time: Time<'_>, open: &impl Fn() -> SharedKeyValue) {
    assert_eq!(open().get("v").await.unwrap(), None);
    assert!(!open().delete("v").await.unwrap());
    open().put("v", Bytes::from_static(b"1"), Some(SECOND)).await.unwrap();
    assert_eq!(open().get("v").await.unwrap().unwrap(), "1");
    time.pass(SECOND).await;
    assert_eq!(open().get("v").await.unwrap(), None);
    assert!(!open().delete("v").await.unwrap(), "what has expired is not there to delete");
    open().put("v", Bytes::from_static(b"2"), Some(SECOND)).await.unwrap();
    open().put("v", Bytes::from_static(b"3"), None).await.unwrap();
    time.pass(SECOND).await;
    assert_eq!(open().get("v").await.unwrap().unwrap(), "3", "the later word on when it expires holds");
    assert!(open().delete("v").await.unwrap());
    assert_eq!(open().get("v").await.unwrap(), None);
    assert!(open().compare_and_set("v", None, Bytes::new(), Some(SECOND)).await.unwrap());
    time.pass(SECOND).await;
    assert_eq!(open().get("v").await.unwrap(), None, "so does what was set");
}

async fn values_expire_on_the_dot(clock: &Clock, open: &impl Fn() -> SharedKeyValue) {
    open().put("v", Bytes::from_static(b"1"), Some(SECOND)).await.unwrap();
    clock.advance(TimeDelta::milliseconds(999));
    assert!(open().get("v").await.unwrap().is_some());
    clock.advance(TimeDelta::milliseconds(1));
    assert_eq!(open().get("v").await.unwrap(), None);
    open().put("v", Bytes::from_static(b"2"), None).await.unwrap();
    clock.advance(TimeDelta::days(400));
    assert!(open().delete("v").await.unwrap(), "what does not expire stays");
}

async fn any_bytes_are_keys_and_values(open: &impl Fn() -> SharedKeyValue) {
    let value = Bytes::from((0..=255).collect::<Vec<u8>>());
    for key in ["a b", "{a}:b", "}{", "ä\n", "session:*?[x]"] {
        assert!(open().compare_and_set(key, None, value.clone(), None).await.unwrap());
        assert!(!open().compare_and_set(key, Some(b"\0"), value.clone(), None).await.unwrap());
        assert!(open().compare_and_set(key, Some(&value), value.clone(), None).await.unwrap());
        assert_eq!(open().get(key).await.unwrap().unwrap(), value);
        assert!(!open().compare_and_delete(key, b"\0").await.unwrap());
        assert!(open().compare_and_delete(key, &value).await.unwrap());
        assert!(!open().compare_and_delete(key, &value).await.unwrap(), "it is gone");
        assert!(open().compare_and_set(key, None, value.clone(), None).await.unwrap());
        assert!(open().delete(key).await.unwrap());
    }
    open().put("empty", Bytes::new(), None).await.unwrap();
    assert!(
        !open().compare_and_set("empty", None, value, None).await.unwrap(),
        "nothing is not the empty value"
    );
    assert!(open().compare_and_set("empty", Some(b""), Bytes::from_static(b"1"), None).await.unwrap());
    assert!(open().delete("empty").await.unwrap());
    assert!(!open().compare_and_delete("empty", b"").await.unwrap(), "nor is it there to delete");
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

async fn of_many_who_delete_at_once_one_did(open: &impl Fn() -> SharedKeyValue) {
    open().put("claim", Bytes::from_static(b"1"), None).await.unwrap();
    let attempts = (0..16).map(|_| {
        let store = open();
        tokio::spawn(async move { store.compare_and_delete("claim", b"1").await.unwrap() })
    });
    let did =
        join_all(attempts).await.into_iter().filter(|did| *did.as_ref().expect("no task panics")).count();
    assert_eq!(did, 1);
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

async fn counters_lose_no_addition(time: Time<'_>, open: &impl Fn() -> SharedKeyValue) {
    let additions = (0..8).map(|_| {
        let store = open();
        tokio::spawn(async move {
            for _ in 0..25 {
                store.add("count", 1, Some(HOUR)).await.unwrap();
            }
        })
    });
    join_all(additions).await.into_iter().for_each(|task| task.expect("no task panics"));
    assert_eq!(open().add("count", -50, Some(SECOND)).await.unwrap(), 150);
    assert_eq!(open().add("window", 7, Some(SECOND)).await.unwrap(), 7);
    assert_eq!(open().add("window", 7, Some(HOUR)).await.unwrap(), 14, "nothing prolongs it");
    time.pass(SECOND).await;
    assert_eq!(open().add("window", 1, None).await.unwrap(), 1, "the window starts anew");
    assert_eq!(open().add("count", i64::MAX, None).await.unwrap(), i64::MAX, "it does not overflow");
    assert_eq!(open().add("count", -1, None).await.unwrap(), i64::MAX - 1, "and counts exactly up there");
    assert_eq!(open().add("least", i64::MIN, None).await.unwrap(), i64::MIN);
    assert_eq!(open().add("least", -1, None).await.unwrap(), i64::MIN);
}

async fn buckets_give_what_they_hold(open: &impl Fn() -> SharedKeyValue) {
    let bucket = Bucket { capacity: 10, refill: HOUR };
    let takers = (0..30).map(|_| {
        let store = open();
        tokio::spawn(async move { store.take("bucket", bucket, 1).await.unwrap() })
    });
    let taken = join_all(takers).await.into_iter().map(|taken| taken.expect("no task panics"));
    assert_eq!(taken.filter(|taken| matches!(taken, Taken::Yes { .. })).count(), 10);
    match open().take("bucket", bucket, 2).await.unwrap() {
        Taken::No { retry_after: Some(wait) } => assert!(wait <= 2 * HOUR && wait + 60 * SECOND > 2 * HOUR),
        taken => panic!("an empty bucket answers {taken:?}"),
    }
    assert_eq!(open().take("bucket", bucket, 11).await.unwrap(), Taken::No { retry_after: None });
}

async fn buckets_fill_again(time: Time<'_>, open: &impl Fn() -> SharedKeyValue) {
    let bucket = Bucket { capacity: 1_000, refill: SECOND };
    assert_eq!(open().take("refilled", bucket, 1_000).await.unwrap(), Taken::Yes { left: 0 });
    time.pass(2 * SECOND).await;
    assert!(matches!(open().take("refilled", bucket, 1_000).await.unwrap(), Taken::No { .. }));
    let Taken::Yes { left } = open().take("refilled", bucket, 1).await.unwrap() else {
        panic!("two came back")
    };
    match time {
        Time::Moved(_) => assert_eq!(left, 1),
        Time::Awaited => assert!((1..60).contains(&left), "{left} are left"),
    }
}

async fn locks_have_one_holder_and_growing_tokens(time: Time<'_>, open: &impl Fn() -> SharedKeyValue) {
    let takers = (0..16).map(|_| {
        let store = open();
        tokio::spawn(async move { store.lock("lock", HOUR).await.unwrap() })
    });
    let leases: Vec<_> =
        join_all(takers).await.into_iter().filter_map(|lease| lease.expect("no task panics")).collect();
    let [first] = leases.as_slice() else { panic!("{} hold the lock", leases.len()) };
    assert!(open().unlock("lock", *first).await.unwrap());
    assert!(!open().unlock("lock", *first).await.unwrap(), "it is free already");
    let second = open().lock("lock", SECOND).await.unwrap().expect("a freed lock can be taken");
    time.pass(SECOND).await;
    let third = open().lock("lock", HOUR).await.unwrap().expect("a lease ends by itself");
    assert!(*first < second && second < third, "tokens grow");
    assert!(!open().unlock("lock", second).await.unwrap(), "a lease that ended frees nothing");
    assert!(open().lock("lock", SECOND).await.unwrap().is_none());
    assert!(open().unlock("lock", third).await.unwrap());
}
