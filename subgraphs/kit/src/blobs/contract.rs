//! What every implementation of [`Blobs`] must do. Each engine's tests call [`blobs`].
#![expect(clippy::expect_used, clippy::indexing_slicing, clippy::unwrap_used, reason = "a test suite")]

use std::collections::BTreeSet;

use bytes::Bytes;
use futures::stream::{self, TryStreamExt};

use super::{BlobKey, Blobs, PutError};
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

    let writers = (0..16_u8).map(|n| {
        let store = open();
        async move { store.put(&key("contract/raced.bin"), Bytes::from(vec![n; 100_000])).await }
    });
    futures::future::try_join_all(writers).await.unwrap();
    let raced = store.read(&key("contract/raced.bin")).await.unwrap().unwrap();
    assert!(raced.len() == 100_000 && raced.iter().all(|byte| *byte == raced[0]), "one writer wins whole");

    let listed: BTreeSet<_> = store.list(&key("contract")).try_collect().await.unwrap();
    let expected = [&front, &long, &key("contract/raced.bin")].into_iter().cloned().collect();
    assert_eq!(listed, expected);
    for each in &listed {
        store.delete(each).await.unwrap();
        assert!(store.get(each).await.unwrap().is_none());
    }
}
