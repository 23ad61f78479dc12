//! What every implementation of [`Blobs`] must do. Each engine's tests call [`blobs`].
#![expect(clippy::expect_used, clippy::indexing_slicing, clippy::unwrap_used, reason = "a test suite")]

use std::collections::BTreeSet;
use std::time::Duration;

use bytes::Bytes;
use futures::stream::{self, StreamExt, TryStreamExt};

use super::{BlobKey, Blobs, Headers, PutError};
use crate::fault::Fault;

fn key(text: &str) -> BlobKey {
    text.parse().expect("the contract's own keys are valid")
}

fn parts(parts: Vec<Result<Bytes, Fault>>) -> impl stream::Stream<Item = Result<Bytes, Fault>> + Unpin {
    stream::iter(parts)
}

/// Checks the contract on the store that `open` opens; each call opens the same store once more.
///
/// # Panics
/// When the store breaks the contract.
pub async fn blobs(open: impl Fn() -> Blobs) {
    let store = open();
    let front = key("contract/front.webp");

    assert!(store.get(&front).await.unwrap().is_none(), "nothing is there before it is put");
    store.delete(&front).await.expect("deleting nothing is no error");

    store.put(&front, Bytes::from_static(b"first")).await.unwrap();
    assert_eq!(open().read(&front).await.unwrap().unwrap(), "first", "another handle reads what was put");
    let first = store.get(&front).await.unwrap().unwrap();
    store.put(&front, Bytes::from_static(b"second!")).await.unwrap();
    let second = store.get(&front).await.unwrap().unwrap();
    assert_eq!(second.size, 7);
    assert_ne!(first.etag, second.etag, "the tag changes with the bytes");
    let read: Vec<Bytes> = second.content.try_collect().await.unwrap();
    assert_eq!(read.concat(), b"second!");

    let long = key("contract/long.bin");
    let chunk = Bytes::from(vec![1; 3 << 20]);
    let whole = parts(vec![Ok(chunk.clone()), Ok(chunk.clone()), Ok(chunk.clone())]);
    assert_eq!(store.put_stream(&long, whole, 9 << 20).await.unwrap(), 9 << 20);
    assert_eq!(store.read(&long).await.unwrap().unwrap().len(), 9 << 20);

    let too_long =
        store.put_stream(&key("contract/a.bin"), parts(vec![Ok(chunk.clone()), Ok(chunk)]), 4 << 20).await;
    assert!(matches!(too_long, Err(PutError::TooLong(limit)) if limit == 4 << 20));
    let broken = parts(vec![Ok(Bytes::from_static(b"x")), Err(Fault::bad_input("the client went away"))]);
    assert!(matches!(store.put_stream(&key("contract/a.bin"), broken, 10).await, Err(PutError::Fault(_))));
    assert!(store.get(&key("contract/a.bin")).await.unwrap().is_none(), "nothing of a failed put is seen");

    headers_are_kept_where_the_store_serves(&open).await;
    of_many_writers_one_wins_whole(&open).await;
    what_a_writer_left_half_written_is_not_seen(&open).await;

    let listed: BTreeSet<_> = store.list(&key("contract")).try_collect().await.unwrap();
    let expected = [&front, &long, &key("contract/raced.bin")].into_iter().cloned().collect();
    assert_eq!(listed, expected);
    for each in &listed {
        store.delete(each).await.unwrap();
        assert!(store.get(each).await.unwrap().is_none());
    }
}

/// A store that gives addresses keeps the headers that it serves with, however a blob was put.
async fn headers_are_kept_where_the_store_serves(open: &impl Fn() -> Blobs) {
    let (whole, streamed) = (key("contract/served/whole.webp"), key("contract/served/streamed.webp"));
    let headers = Headers {
        content_type: Some("image/webp".into()),
        cache_control: Some("public, max-age=60, immutable".into()),
    };
    open().put_with(&whole, Bytes::from_static(b"webp"), &headers).await.unwrap();
    let content = parts(vec![Ok(Bytes::from_static(b"we")), Ok(Bytes::from_static(b"bp"))]);
    open().put_stream_with(&streamed, content, 10, &headers).await.unwrap();
    for key in [whole, streamed] {
        let serves = open().address(&key, Duration::from_mins(1)).await.unwrap().is_some();
        let blob = open().get(&key).await.unwrap().unwrap();
        assert_eq!(blob.headers, if serves { headers.clone() } else { Headers::default() });
        let read: Vec<Bytes> = blob.content.try_collect().await.unwrap();
        assert_eq!(read.concat(), b"webp");
        open().delete(&key).await.unwrap();
    }
}

/// Writers of one key, some at once and some in parts, while others read: whoever reads gets one writer's bytes.
async fn of_many_writers_one_wins_whole(open: &impl Fn() -> Blobs) {
    const SIZE: usize = 100_000;
    let raced = key("contract/raced.bin");
    open().put(&raced, Bytes::from(vec![0; SIZE])).await.unwrap();
    let writers = (1..=16_u8).map(|n| {
        let (store, raced) = (open(), raced.clone());
        tokio::spawn(async move {
            let bytes = Bytes::from(vec![n; SIZE]);
            if n % 2 == 0 {
                return store.put(&raced, bytes).await.unwrap();
            }
            let halves = parts(vec![Ok(bytes.slice(..SIZE / 2)), Ok(bytes.slice(SIZE / 2..))]);
            let length = store.put_stream(&raced, halves, 1 << 20).await;
            assert_eq!(length.expect("the stream is short enough"), SIZE as u64);
        })
    });
    let readers = (0..8).map(|_| {
        let (store, raced) = (open(), raced.clone());
        tokio::spawn(async move {
            for _ in 0..20 {
                let read = store.read(&raced).await.unwrap().expect("a blob that is replaced is never gone");
                assert!(
                    read.len() == SIZE && read.iter().all(|byte| *byte == read[0]),
                    "one writer's, whole"
                );
            }
        })
    });
    let tasks: Vec<_> = writers.chain(readers).collect();
    futures::future::join_all(tasks).await.into_iter().for_each(|task| task.expect("no task panics"));
    assert_ne!(open().read(&raced).await.unwrap().unwrap()[0], 0, "a writer wins");
}

/// A writer that stops in the middle, as one whose process is killed does: its task is dropped, not told.
async fn what_a_writer_left_half_written_is_not_seen(open: &impl Fn() -> Blobs) {
    let (new, old) = (key("contract/half/new.bin"), key("contract/half/old.bin"));
    open().put(&old, Bytes::from_static(b"before")).await.unwrap();
    for key in [&new, &old] {
        let (store, key, begun) = (open(), key.clone(), std::sync::Arc::new(tokio::sync::Notify::new()));
        let told = std::sync::Arc::clone(&begun);
        let content =
            stream::iter((0..3).map(|_| Ok(Bytes::from(vec![7; 6 << 20])))).chain(stream::once(async move {
                told.notify_one();
                std::future::pending::<Result<Bytes, Fault>>().await
            }));
        let writer =
            tokio::spawn(
                async move { store.put_stream(&key, Box::pin(content), 1 << 30).await.map_err(|_| ()) },
            );
        tokio::time::timeout(Duration::from_secs(30), begun.notified())
            .await
            .expect("the writer gets this far");
        writer.abort();
        assert!(writer.await.expect_err("it was stopped").is_cancelled());
    }
    assert!(open().get(&new).await.unwrap().is_none(), "half a blob is none");
    assert_eq!(open().read(&old).await.unwrap().unwrap(), "before", "and replaces none");
    let listed: BTreeSet<_> = open().list(&key("contract/half")).try_collect().await.unwrap();
    assert_eq!(listed, [old.clone()].into());
    open().put(&new, Bytes::from_static(b"after")).await.expect("the next writer is not held up");
    for each in [new, old] {
        open().delete(&each).await.unwrap();
    }
}
