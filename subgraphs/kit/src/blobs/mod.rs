//! The port `Blobs`: bytes too large for a database, such as media, invoices and exports, in a folder or, on a
//! real deployment, in S3. What a blob is (its content type, whose it is) the domain keeps beside its key; S3 gets told,
//! too, as it may serve blobs itself by signed addresses.

pub mod contract;
mod key;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::stream::{BoxStream, Stream, StreamExt, TryStreamExt};
use http::Method;
use object_store::local::LocalFileSystem;
use object_store::path::Path as StoredPath;
use object_store::prefix::PrefixStore;
use object_store::signer::Signer;
use object_store::{
    Attribute, Attributes, ObjectStore, ObjectStoreExt, PutMultipartOptions, PutOptions, PutPayload,
    WriteMultipart,
};

use crate::clock::Timestamp;
use crate::fault::Fault;
pub use key::{BlobKey, InvalidBlobKey};

/// How many parts of one upload may be under way to the store at once.
const PARTS_UNDER_WAY: usize = 4;
const AWAY: &str = "the store of files does not answer";

/// Where blobs are. Cheap to clone; clones share the store.
#[derive(Debug, Clone)]
pub struct Blobs {
    store: Arc<dyn ObjectStore>,
    /// Where the store serves blobs itself, and keeps the headers to do so.
    served: Option<Served>,
}

#[derive(Debug, Clone)]
struct Served {
    signer: Arc<dyn Signer>,
    prefix: StoredPath,
}

/// The HTTP headers that a blob is served with by a store that serves it itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Headers {
    /// `Content-Type`, such as `image/webp`.
    pub content_type: Option<String>,
    /// `Cache-Control`, such as `public, max-age=31536000, immutable`.
    pub cache_control: Option<String>,
}

/// A blob that was found.
pub struct Blob {
    /// In bytes.
    pub size: u64,
    /// When it was written.
    pub modified: Timestamp,
    /// Changes whenever the bytes do; fit for HTTP's `ETag` without its quotes.
    pub etag: Option<String>,
    /// What it was put with; nothing where the store keeps no headers.
    pub headers: Headers,
    /// The bytes, as they come.
    pub content: BoxStream<'static, Result<Bytes, Fault>>,
}

/// Why a stream was not stored.
#[derive(Debug)]
pub enum PutError {
    /// It is longer than was allowed, in bytes. Nothing was stored.
    TooLong(u64),
    /// The stream or the store broke. Nothing was stored.
    Fault(Fault),
}

impl From<Fault> for PutError {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl Blobs {
    /// Blobs in `folder`, which is made when missing. Several processes may share it.
    ///
    /// # Errors
    /// `INTERNAL` when the folder cannot be made.
    pub fn folder(folder: &Path) -> Result<Self, Fault> {
        std::fs::create_dir_all(folder).map_err(Fault::internal)?;
        let store = LocalFileSystem::new_with_prefix(folder).map_err(Fault::internal)?;
        Ok(Self { store: Arc::new(store.with_automatic_cleanup(true).with_fsync(true)), served: None })
    }

    /// Blobs in `store`, below `prefix` (which may be empty), by keys that a deployment may share with others.
    pub fn signed<S: ObjectStore + Signer>(store: S, prefix: &str) -> Self {
        let (store, prefix) = (Arc::new(store), StoredPath::from(prefix));
        Self {
            store: Arc::new(PrefixStore::new(Arc::clone(&store), prefix.clone())),
            served: Some(Served { signer: store, prefix }),
        }
    }

    /// Stores `bytes` under `key`, whole or not at all; what was there before is replaced.
    pub async fn put(&self, key: &BlobKey, bytes: Bytes) -> Result<(), Fault> {
        self.put_with(key, bytes, &Headers::default()).await
    }

    /// The same, saying what the blob is served with.
    pub async fn put_with(&self, key: &BlobKey, bytes: Bytes, headers: &Headers) -> Result<(), Fault> {
        let options = PutOptions::from(self.attributes(headers));
        self.store.put_opts(key.path(), PutPayload::from_bytes(bytes), options).await.map_err(away)?;
        Ok(())
    }

    /// Stores a stream of at most `limit` bytes under `key`, whole or not at all, and answers its length.
    pub async fn put_stream(
        &self,
        key: &BlobKey,
        content: impl Stream<Item = Result<Bytes, Fault>> + Unpin,
        limit: u64,
    ) -> Result<u64, PutError> {
        self.put_stream_with(key, content, limit, &Headers::default()).await
    }

    /// The same, saying what the blob is served with.
    pub async fn put_stream_with(
        &self,
        key: &BlobKey,
        mut content: impl Stream<Item = Result<Bytes, Fault>> + Unpin,
        limit: u64,
        headers: &Headers,
    ) -> Result<u64, PutError> {
        let options = PutMultipartOptions::from(self.attributes(headers));
        let upload = self.store.put_multipart_opts(key.path(), options).await.map_err(away)?;
        let mut upload = WriteMultipart::new(upload);
        let mut length = 0;
        let stopped = loop {
            match content.next().await {
                None => break None,
                Some(Err(fault)) => break Some(PutError::Fault(fault)),
                Some(Ok(bytes)) => {
                    length += bytes.len() as u64;
                    if length > limit {
                        break Some(PutError::TooLong(limit));
                    }
                    if let Err(error) = upload.wait_for_capacity(PARTS_UNDER_WAY).await {
                        break Some(PutError::Fault(away(error)));
                    }
                    upload.put(bytes);
                }
            }
        };
        match stopped {
            None => {
                upload.finish().await.map_err(away)?;
                if self.served.is_some() {
                    // A completion that is asked for again, as its answer was lost, may be answered by a store that was
                    // killed meanwhile as if it had happened.
                    self.store.head(key.path()).await.map_err(away)?;
                }
                Ok(length)
            }
            Some(reason) => {
                upload.abort().await.map_err(away)?;
                Err(reason)
            }
        }
    }

    /// The blob under `key`, if there is one.
    pub async fn get(&self, key: &BlobKey) -> Result<Option<Blob>, Fault> {
        let found = match self.store.get(key.path()).await {
            Err(object_store::Error::NotFound { .. }) => return Ok(None),
            found => found.map_err(away)?,
        };
        let header = |name: Attribute| found.attributes.get(&name).map(|value| value.as_ref().to_owned());
        let headers = Headers {
            content_type: header(Attribute::ContentType),
            cache_control: header(Attribute::CacheControl),
        };
        Ok(Some(Blob {
            size: found.meta.size,
            modified: found.meta.last_modified,
            etag: found.meta.e_tag.as_ref().map(|tag| tag.trim_matches('"').to_owned()),
            headers,
            content: found.into_stream().map_err(away).boxed(),
        }))
    }

    /// The bytes under `key`, if there are any. For blobs that are known to be small enough.
    pub async fn read(&self, key: &BlobKey) -> Result<Option<Bytes>, Fault> {
        match self.store.get(key.path()).await {
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            found => Ok(Some(found.map_err(away)?.bytes().await.map_err(away)?)),
        }
    }

    /// Deletes what is under `key`; that there is nothing is no error.
    pub async fn delete(&self, key: &BlobKey) -> Result<(), Fault> {
        match self.store.delete(key.path()).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(away(error)),
        }
    }

    /// The keys below `prefix`, in no order: for sweeps that look for what nothing refers to any more.
    pub fn list(&self, prefix: &BlobKey) -> BoxStream<'static, Result<BlobKey, Fault>> {
        let listed = self.store.list(Some(prefix.path()));
        listed.map_ok(|meta| BlobKey::stored(meta.location)).map_err(away).boxed()
    }

    /// An address by which whoever has it gets the blob from the store itself, for `valid` (S3: a week at most). It is
    /// made without asking whether there is such a blob. `None` where the store serves nobody: a folder.
    pub async fn address(&self, key: &BlobKey, valid: Duration) -> Result<Option<String>, Fault> {
        let Some(served) = &self.served else { return Ok(None) };
        let path: StoredPath = served.prefix.parts().chain(key.path().parts()).collect();
        let signed = served.signer.signed_url(Method::GET, &path, valid).await.map_err(away)?;
        Ok(Some(signed.into()))
    }

    /// What of the headers this store keeps.
    fn attributes(&self, headers: &Headers) -> Attributes {
        let mut attributes = Attributes::new();
        if self.served.is_some() {
            let pairs = [
                (Attribute::ContentType, &headers.content_type),
                (Attribute::CacheControl, &headers.cache_control),
            ];
            for (name, value) in pairs {
                if let Some(value) = value {
                    attributes.insert(name, value.clone().into());
                }
            }
        }
        attributes
    }
}

fn away(error: object_store::Error) -> Fault {
    Fault::unavailable(AWAY, error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_folder_keeps_the_contract() {
        let folder = tempfile::tempdir().unwrap();
        contract::blobs(|| Blobs::folder(folder.path()).unwrap()).await;
    }

    #[tokio::test]
    async fn nothing_of_a_refused_upload_stays_in_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = Blobs::folder(folder.path()).unwrap();
        let long = futures::stream::iter((0..20).map(|_| Ok(Bytes::from(vec![7; 1 << 20]))));
        let refused = blobs.put_stream(&"a/b".parse().unwrap(), long, 8 << 20).await;
        assert!(matches!(refused, Err(PutError::TooLong(_))));
        let left = walk(folder.path());
        assert!(left.is_empty(), "{left:?}");
    }

    fn walk(folder: &Path) -> Vec<std::path::PathBuf> {
        let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        entries.flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] }).collect()
    }
}
