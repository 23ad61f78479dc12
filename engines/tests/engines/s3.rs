//! `Blobs` on a store of S3's protocol.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures::future::join_all;
use souk_engines::s3::{S3, S3Options};
use souk_kit::blobs::{BlobKey, Blobs, Headers, contract};

const PATIENCE: Duration = Duration::from_secs(30);

fn options(url: &str, bucket: &str) -> S3Options {
    // The one TLS stack; whichever test comes first has chosen.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let (credentials, host) = url.strip_prefix("http://").unwrap().split_once('@').unwrap();
    let (access_key, secret_key) = credentials.split_once(':').unwrap();
    S3Options {
        bucket: bucket.into(),
        prefix: uuid::Uuid::new_v4().to_string(),
        endpoint: format!("http://{host}"),
        region: "us-east-1".into(),
        access_key: access_key.into(),
        secret_key: secret_key.into(),
    }
}

async fn opened(options: S3Options) -> Blobs {
    let s3 = S3::new(options).unwrap();
    let there = souk_engines::wait::until_there("S3", || s3.ready());
    tokio::time::timeout(PATIENCE, there).await.unwrap().unwrap();
    s3.blobs()
}

fn key(text: &str) -> BlobKey {
    text.parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn s3_keeps_the_contract() {
    let Some(url) = souk_stand::s3_url() else { return };
    let options = options(&url, "stand-contract");
    let blobs = opened(options.clone()).await;
    let other = opened(options).await;
    let turn = AtomicBool::new(false);
    contract::blobs(|| if turn.fetch_xor(true, Ordering::Relaxed) { blobs.clone() } else { other.clone() })
        .await;
}

#[tokio::test]
async fn a_bucket_is_made_once_and_keys_stay_below_their_prefix() {
    let Some(url) = souk_stand::s3_url() else { return };
    let mut options = options(&url, &format!("stand-{}", uuid::Uuid::new_v4()));
    let stores = join_all((0..4).map(|_| opened(options.clone()))).await;
    stores[0].put(&key("a/b"), Bytes::from_static(b"1")).await.unwrap();
    assert_eq!(stores[3].read(&key("a/b")).await.unwrap().unwrap(), "1");
    options.prefix = "elsewhere/below".into();
    let elsewhere = opened(options).await;
    assert!(elsewhere.get(&key("a/b")).await.unwrap().is_none());
}

#[tokio::test]
async fn a_signed_address_serves_the_blob_with_its_headers_until_it_ends() {
    let Some(url) = souk_stand::s3_url() else { return };
    let blobs = opened(options(&url, "stand-contract")).await;
    let headers = Headers {
        content_type: Some("image/webp".into()),
        cache_control: Some("public, max-age=31536000, immutable".into()),
    };
    blobs.put_with(&key("front.webp"), Bytes::from_static(b"webp"), &headers).await.unwrap();
    let address = blobs.address(&key("front.webp"), Duration::from_mins(1)).await.unwrap().unwrap();
    let answer = reqwest::get(&address).await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["content-type"], "image/webp");
    assert_eq!(answer.headers()["cache-control"], "public, max-age=31536000, immutable");
    assert_eq!(answer.bytes().await.unwrap(), "webp");

    let unsigned = address.split_once('?').unwrap().0;
    assert_eq!(reqwest::get(unsigned).await.unwrap().status(), 403);
    let other = address.replace("front.webp", "back.webp");
    assert_eq!(reqwest::get(other).await.unwrap().status(), 403, "it is good for one blob");
    let brief = blobs.address(&key("front.webp"), Duration::from_secs(1)).await.unwrap().unwrap();
    tokio::time::sleep(Duration::from_millis(2_500)).await;
    assert_eq!(reqwest::get(brief).await.unwrap().status(), 403, "it ends");
}

#[tokio::test]
async fn wrong_keys_are_no_reason_to_wait() {
    let Some(url) = souk_stand::s3_url() else { return };
    let wrong = S3Options { secret_key: "wrong".into(), ..options(&url, "stand-contract") };
    assert!(!format!("{wrong:?}").contains("wrong"), "secrets are not printed");
    let fault = S3::new(wrong).unwrap().ready().await.unwrap_err();
    assert!(!fault.is_transient(), "{fault:?}");
}

/// Writers of blobs, whole and in parts, while the store is killed: what was acknowledged is there, whole.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_survives_kills() {
    const WRITERS: u32 = 4;
    const KILLS: u32 = 3;
    let Some(mut server) = souk_stand::S3::start().await else { return };
    let blobs = opened(options(&server.url(), "crash")).await;
    let stop = Arc::new(AtomicBool::new(false));
    let writers = (0..WRITERS).map(|writer| {
        let (blobs, stop) = (blobs.clone(), Arc::clone(&stop));
        tokio::spawn(async move {
            let (mut acknowledged, mut n) = (Vec::new(), 0_u32);
            while !stop.load(Ordering::Relaxed) {
                n += 1;
                let (name, bytes) = (key(&format!("{writer}/{n}")), content(writer, n));
                let put = if n % 4 == 0 {
                    let parts = futures::stream::iter([Ok(bytes.clone())]);
                    blobs.put_stream(&name, parts, 1 << 30).await.is_ok()
                } else {
                    blobs.put(&name, bytes).await.is_ok()
                };
                if put {
                    acknowledged.push(n);
                }
            }
            acknowledged
        })
    });
    let writers: Vec<_> = writers.collect();
    for _ in 0..KILLS {
        tokio::time::sleep(Duration::from_millis(500)).await;
        server.kill().await;
        server.restart().await.unwrap();
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    stop.store(true, Ordering::Relaxed);
    let (mut total, mut missing) = (0, 0);
    for (writer, task) in (0..WRITERS).zip(join_all(writers).await) {
        for n in task.unwrap() {
            total += 1;
            let read = blobs.read(&key(&format!("{writer}/{n}"))).await.unwrap();
            if read != Some(content(writer, n)) {
                missing += 1;
                println!("{writer}/{n} has {:?} bytes", read.map(|read| read.len()));
            }
        }
    }
    println!(
        "counted: S3, {KILLS} kills under {WRITERS} writers: {total} acknowledged, {missing} missing or torn"
    );
    assert!(total > 20);
    assert_eq!(missing, 0);
    server.stop().await;
}

/// Some hundred kilobytes that tell which blob they are.
fn content(writer: u32, n: u32) -> Bytes {
    Bytes::from(format!("{writer}/{n};").repeat(20_000 + 1_000 * (n % 7) as usize))
}
