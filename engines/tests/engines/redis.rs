//! `KeyValue` on Redis.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures::future::join_all;
use souk_engines::redis::Redis;
use souk_kit::fault::Code;
use souk_kit::key_value::contract::{self, Time};
use souk_kit::key_value::{Bucket, KeyValue, SharedKeyValue, Taken};
use souk_stand::Door;

const PATIENCE: Duration = Duration::from_secs(30);

/// A prefix that no other test has.
fn prefix() -> String {
    format!("stand:{}:", uuid::Uuid::new_v4())
}

#[tokio::test(flavor = "multi_thread")]
async fn redis_keeps_the_contract() {
    let Some(url) = souk_stand::redis_url() else { return };
    let prefix = prefix();
    let replicas: Vec<SharedKeyValue> =
        (0..4).map(|_| Arc::new(Redis::new(&url, &prefix).unwrap()) as SharedKeyValue).collect();
    // Handles of several replicas, in turn.
    let turn = AtomicU64::new(0);
    let open = || {
        let turn = turn.fetch_add(1, Ordering::Relaxed);
        Arc::clone(&replicas[usize::try_from(turn % 4).unwrap()])
    };
    contract::key_value(Time::Awaited, open).await;
}

#[tokio::test]
async fn two_prefixes_are_two_stores() {
    let Some(url) = souk_stand::redis_url() else { return };
    let (one, other) = (Redis::new(&url, &prefix()).unwrap(), Redis::new(&url, &prefix()).unwrap());
    one.put("a", Bytes::from_static(b"1"), Some(Duration::from_mins(1))).await.unwrap();
    assert_eq!(other.get("a").await.unwrap(), None);
    assert!(!other.delete("a").await.unwrap());
    assert_eq!(one.get("a").await.unwrap().unwrap(), "1");
}

#[tokio::test]
async fn a_wrong_password_is_no_reason_to_wait() {
    let Some(server) = souk_stand::Redis::start().await else { return };
    let wrong = Redis::new(&server.url().replace("only-for-tests", "wrong"), "").unwrap();
    for _ in 0..2 {
        let fault = wrong.ready().await.unwrap_err();
        assert!(!fault.is_transient(), "{fault:?}");
    }
    assert!(!format!("{wrong:?}").contains("wrong"), "passwords are not printed");
    server.stop().await;
}

#[tokio::test]
async fn a_connection_that_went_silent_is_made_anew() {
    let Some(server) = souk_stand::Redis::start().await else { return };
    let way = Door::before(server.url().trim_end_matches('/')).await.unwrap();
    let redis = Redis::new(way.url(), "").unwrap();
    redis.put("a", Bytes::from_static(b"1"), None).await.unwrap();
    way.lose();
    let begun = Instant::now();
    assert_eq!(redis.get("a").await.unwrap_err().code(), Code::Unavailable);
    while redis.get("a").await.ok().flatten().is_none() {
        assert!(begun.elapsed() < PATIENCE, "it waits for an answer on the silent one");
    }
    server.stop().await;
}

#[tokio::test]
async fn one_that_is_away_is_told_quickly_and_found_again() {
    let Some(mut server) = souk_stand::Redis::start().await else { return };
    let redis = Redis::new(&server.url(), "").unwrap();
    redis.put("session", Bytes::from_static(b"1"), None).await.unwrap();
    server.kill().await;
    let start = Instant::now();
    for _ in 0..5 {
        let fault = redis.get("session").await.unwrap_err();
        assert_eq!(fault.code(), Code::Unavailable);
        assert!(fault.is_transient());
    }
    assert!(start.elapsed() < PATIENCE, "nobody waits for what is not there");
    server.restart().await.unwrap();
    souk_engines::wait::until_there("Redis", || redis.ready()).await.unwrap();
    assert_eq!(redis.get("session").await.unwrap().unwrap(), "1");
    let bucket = Bucket { capacity: 1, refill: Duration::from_hours(1) };
    assert_eq!(
        redis.take("bucket", bucket, 1).await.unwrap(),
        Taken::Yes { left: 0 },
        "scripts are there again"
    );

    server.freeze();
    let start = Instant::now();
    assert_eq!(redis.get("session").await.unwrap_err().code(), Code::Unavailable);
    assert!(start.elapsed() < PATIENCE, "one that hangs is given up");
    server.thaw();
    souk_engines::wait::until_there("Redis", || redis.ready()).await.unwrap();
    assert_eq!(redis.get("session").await.unwrap().unwrap(), "1");
    server.stop().await;
}

/// Writers that count up while Redis is killed: what was acknowledged is there, and each goes on where it was.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_survives_kills() {
    const WRITERS: u64 = 8;
    const KILLS: u32 = 3;
    let Some(mut server) = souk_stand::Redis::start().await else { return };
    let stop = Arc::new(AtomicBool::new(false));
    let writers = (0..WRITERS).map(|writer| {
        let (redis, stop) = (Redis::new(&server.url(), "crash:").unwrap(), Arc::clone(&stop));
        tokio::spawn(async move {
            let (mut acknowledged, mut unanswered) = (0_u64, 0_u64);
            while !stop.load(Ordering::Relaxed) {
                match redis.add(&format!("{writer}"), 1, None).await {
                    Ok(count) => {
                        acknowledged += 1;
                        let count = u64::try_from(count).unwrap();
                        // A step without an answer may have been taken.
                        assert!(count >= acknowledged && count <= acknowledged + unanswered);
                    }
                    Err(fault) => {
                        assert!(fault.is_transient(), "{fault:?}");
                        unanswered += 1;
                        tokio::time::sleep(Duration::from_millis(20)).await;
                    }
                }
            }
            (acknowledged, unanswered)
        })
    });
    let writers: Vec<_> = writers.collect();
    for _ in 0..KILLS {
        tokio::time::sleep(Duration::from_millis(500)).await;
        server.kill().await;
        server.restart().await.unwrap();
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    stop.store(true, Ordering::Relaxed);
    let (mut acknowledged, mut missing) = (0, 0);
    let redis = Redis::new(&server.url(), "crash:").unwrap();
    for (writer, task) in join_all(writers).await.into_iter().enumerate() {
        let (steps, unanswered) = task.unwrap();
        let count = u64::try_from(redis.add(&format!("{writer}"), 0, None).await.unwrap()).unwrap();
        assert!(count <= steps + unanswered, "none was taken twice");
        missing += steps.saturating_sub(count);
        acknowledged += steps;
    }
    println!(
        "counted: Redis, {KILLS} kills under {WRITERS} writers: {acknowledged} acknowledged, {missing} missing"
    );
    assert!(acknowledged > 100);
    assert_eq!(missing, 0);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_keeps_the_contract_and_moves_keys_among_its_nodes() {
    let Some(mut cluster) = souk_stand::RedisCluster::start().await else { return };
    let urls = cluster.urls();
    let open = |urls: &[String]| {
        Redis::cluster(&urls.iter().map(String::as_str).collect::<Vec<_>>(), &prefix()).unwrap()
    };
    let replica: SharedKeyValue = Arc::new(open(&urls));
    contract::key_value(Time::Awaited, || Arc::clone(&replica)).await;

    // One node tells of the others.
    let redis = Redis::cluster(&[&urls[0]], "").unwrap();
    let bucket = Bucket { capacity: 1, refill: Duration::from_hours(1) };
    for n in 0..30 {
        redis.put(&format!("key-{n}"), Bytes::from(format!("{n}")), None).await.unwrap();
        assert_eq!(redis.take(&format!("bucket-{n}"), bucket, 1).await.unwrap(), Taken::Yes { left: 0 });
    }
    for key in ["moved", "moved-too"] {
        cluster.move_slot_of(key).await.unwrap();
        assert_eq!(redis.add(key, 1, None).await.unwrap(), 1, "it is found where it went");
        assert_eq!(redis.get(key).await.unwrap().unwrap(), "1");
    }

    let wrong: Vec<_> = urls.iter().map(|url| url.replace("only-for-tests", "wrong")).collect();
    let fault = open(&wrong).ready().await.unwrap_err();
    assert!(!fault.is_transient(), "{fault:?}");
    assert!(!format!("{fault:?}").contains("wrong@"), "{fault:?}");

    // With one node away the others do not answer for its keys, and it is found again.
    cluster.nodes[1].kill().await;
    let mut unavailable = 0;
    for n in 0..10 {
        let start = Instant::now();
        if let Err(fault) = redis.get(&format!("key-{n}")).await {
            assert_eq!(fault.code(), Code::Unavailable, "{fault:?}");
            assert!(fault.is_transient());
            unavailable += 1;
        }
        assert!(start.elapsed() < PATIENCE, "nobody waits for what is not there");
    }
    assert!(unavailable > 0, "a third of the keys is away");
    let later = open(&urls[1..2]);
    assert_eq!(later.get("a").await.unwrap_err().code(), Code::Unavailable, "one that is not there yet");
    cluster.nodes[1].restart().await.unwrap();
    let start = Instant::now();
    for n in 0..30 {
        let value = loop {
            match redis.get(&format!("key-{n}")).await {
                Ok(value) => break value,
                Err(fault) => assert!(fault.is_transient() && start.elapsed() < PATIENCE, "{fault:?}"),
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        };
        assert_eq!(value.unwrap(), format!("{n}"));
    }
    souk_engines::wait::until_there("Redis", || later.ready()).await.unwrap();
    println!(
        "counted: Redis Cluster of 3 nodes, one killed: {unavailable} of 10 keys away, all 30 there again"
    );
    cluster.stop().await;
}
