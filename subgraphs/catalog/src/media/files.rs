//! Where pictures lie: originals as they came, renditions beside them once someone has asked for them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use bytes::Bytes;
use souk_kit::blobs::{Blob, BlobKey, Blobs, Headers};
use souk_kit::fault::Fault;
use souk_kit::id::CompanyId;
use tokio::sync::{Mutex as Turn, OwnedSemaphorePermit, Semaphore};

use super::rendition;
use crate::domain::ids::MediaId;
use crate::domain::media::{Extent, Format};

/// How many pictures are decoded at once: each may take hundreds of megabytes while it is.
const DECODED_AT_ONCE: usize = 2;

/// A year: the longest that caches take in earnest.
pub(super) const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// The files of all pictures. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct MediaFiles {
    blobs: Blobs,
    decoding: Arc<Semaphore>,
    /// Renditions that are being made, by their keys: one at a time makes each.
    turns: Arc<Mutex<HashMap<String, Weak<Turn<()>>>>>,
}

impl MediaFiles {
    pub(crate) fn new(blobs: Blobs) -> Self {
        Self { blobs, decoding: Arc::new(Semaphore::new(DECODED_AT_ONCE)), turns: Arc::default() }
    }

    /// The folder of one picture's files.
    pub(crate) fn folder(company: CompanyId, media: MediaId) -> String {
        format!("media/{company}/{media}")
    }

    /// Runs `work` off the async threads, when decoding one more picture is affordable.
    pub(crate) async fn decoding<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Fault> {
        under(self.permit().await?, work).await
    }

    async fn permit(&self) -> Result<OwnedSemaphorePermit, Fault> {
        Arc::clone(&self.decoding).acquire_owned().await.map_err(Fault::internal)
    }

    /// Keeps an original, and answers the key that it is found under.
    pub(crate) async fn keep(
        &self,
        company: CompanyId,
        media: MediaId,
        format: Format,
        bytes: Bytes,
    ) -> Result<String, Fault> {
        let key = original_key(&Self::folder(company, media), format)?;
        self.blobs.put_with(&key, bytes, &headers(format)).await?;
        Ok(key.to_string())
    }

    /// Deletes an original that came to nothing. When that fails, it stays where nobody looks.
    pub(crate) async fn discard(&self, key: &str) {
        let Ok(key) = key.parse::<BlobKey>() else { return };
        if let Err(fault) = self.blobs.delete(&key).await {
            tracing::warn!(cause = ?fault, %key, "a picture that nothing refers to cannot be deleted");
        }
    }

    /// A file as it lies there.
    pub(super) async fn file(&self, folder: &str, name: &str) -> Result<Option<Blob>, Fault> {
        match format!("{folder}/{name}").parse() {
            Ok(key) => self.blobs.get(&key).await,
            Err(_) => Ok(None),
        }
    }

    /// The rendition of a picture, made when it is not there yet. `None` when there is no such picture.
    pub(super) async fn rendition(
        &self,
        folder: &str,
        extent: Extent,
        format: Format,
    ) -> Result<Option<Blob>, Fault> {
        let name = format!("{}.{}", extent.name(), format.extension());
        if let Some(made) = self.file(folder, &name).await? {
            return Ok(Some(made));
        }
        let key: BlobKey = format!("{folder}/{name}").parse().map_err(Fault::internal)?;
        let turn = self.turn(key.to_string());
        let _turn = turn.lock().await;
        // Whoever had the turn before may have made it.
        if let Some(made) = self.blobs.get(&key).await? {
            return Ok(Some(made));
        }
        // Read only once it may be decoded: those who wait hold nothing.
        let permit = self.permit().await?;
        let Some(bytes) = self.original(folder).await? else { return Ok(None) };
        let rendered = under(permit, move || rendition::render(&bytes, extent.width(), format)).await?;
        let Ok(rendered) = rendered else { return Ok(None) };
        self.blobs.put_with(&key, rendered.into(), &headers(format)).await?;
        self.blobs.get(&key).await
    }

    /// What whoever makes the file with a key holds while doing so.
    fn turn(&self, key: String) -> Arc<Turn<()>> {
        let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        turns.retain(|_, turn| turn.strong_count() > 0);
        if let Some(turn) = turns.get(&key).and_then(Weak::upgrade) {
            return turn;
        }
        let turn = Arc::new(Turn::new(()));
        turns.insert(key, Arc::downgrade(&turn));
        turn
    }

    async fn original(&self, folder: &str) -> Result<Option<Bytes>, Fault> {
        for format in Format::ALL {
            let Ok(key) = original_key(folder, format) else { return Ok(None) };
            if let Some(bytes) = self.blobs.read(&key).await? {
                return Ok(Some(bytes));
            }
        }
        Ok(None)
    }
}

/// What a picture is served with: its address never stands for other bytes.
fn headers(format: Format) -> Headers {
    Headers { content_type: Some(format.media_type().into()), cache_control: Some(FOR_EVER.into()) }
}

/// Runs `work` off the async threads; the permit is given back when it ends, also when nobody waits for it.
async fn under<T: Send + 'static>(
    permit: OwnedSemaphorePermit,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Fault> {
    let done = tokio::task::spawn_blocking(move || {
        let _permit = permit;
        work()
    });
    done.await.map_err(Fault::internal)
}

fn original_key(folder: &str, format: Format) -> Result<BlobKey, Fault> {
    format!("{folder}/original.{}", format.extension()).parse().map_err(Fault::internal)
}

#[cfg(test)]
mod tests {
    use souk_kit::clock::Timestamp;

    use super::super::original::tests::picture;
    use super::*;

    fn files(folder: &tempfile::TempDir) -> (MediaFiles, CompanyId, MediaId) {
        let files = MediaFiles::new(Blobs::folder(folder.path()).unwrap());
        (files, CompanyId::new(Timestamp::UNIX_EPOCH), MediaId::new(Timestamp::UNIX_EPOCH))
    }

    #[tokio::test]
    async fn those_who_ask_for_one_rendition_at_once_get_what_the_first_made() {
        let store = tempfile::tempdir().unwrap();
        let (files, company, media) = files(&store);
        let bytes = picture(Format::Png, 500, 250);
        files.keep(company, media, Format::Png, bytes.into()).await.unwrap();
        let folder = MediaFiles::folder(company, media);
        let asking = (0..16).map(|_| async {
            let made = files.rendition(&folder, Extent::AtMost(128), Format::Webp).await.unwrap().unwrap();
            made.modified
        });
        let modified = futures::future::join_all(asking).await;
        assert!(modified.windows(2).all(|two| two[0] == two[1]), "written once: {modified:?}");
        assert!(files.turn(String::new()).try_lock().is_ok());
        assert_eq!(files.turns.lock().unwrap().len(), 1, "turns that nobody waits for are forgotten");
    }

    #[tokio::test]
    async fn who_waits_for_a_permit_has_read_no_original() {
        let store = tempfile::tempdir().unwrap();
        let (files, company, media) = files(&store);
        let all = files.decoding.clone().acquire_many_owned(u32::try_from(DECODED_AT_ONCE).unwrap()).await;
        let folder = MediaFiles::folder(company, media);
        let mut asking = std::pin::pin!(files.rendition(&folder, Extent::Full, Format::Webp));
        let soon = std::time::Duration::from_millis(50);
        assert!(tokio::time::timeout(soon, asking.as_mut()).await.is_err());
        // It came after the asking began, and is found all the same.
        let bytes = picture(Format::Png, 30, 20);
        files.keep(company, media, Format::Png, bytes.into()).await.unwrap();
        drop(all);
        assert!(asking.await.unwrap().is_some());
    }
}
