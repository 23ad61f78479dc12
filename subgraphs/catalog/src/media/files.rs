//! Where pictures lie: originals as they came, renditions beside them once someone has asked for them.

use std::sync::Arc;

use bytes::Bytes;
use souk_kit::blobs::{Blob, BlobKey, Blobs};
use souk_kit::fault::Fault;
use souk_kit::id::CompanyId;
use tokio::sync::Semaphore;

use super::{original, rendition};
use crate::domain::ids::MediaId;
use crate::domain::media::{Format, WIDTHS};

/// How many pictures are decoded at once: each may take hundreds of megabytes while it is.
const DECODED_AT_ONCE: usize = 2;

/// The files of all pictures. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct MediaFiles {
    blobs: Blobs,
    decoding: Arc<Semaphore>,
}

impl MediaFiles {
    pub(crate) fn new(blobs: Blobs) -> Self {
        Self { blobs, decoding: Arc::new(Semaphore::new(DECODED_AT_ONCE)) }
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
        let permit = Arc::clone(&self.decoding).acquire_owned().await.map_err(Fault::internal)?;
        let done = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            work()
        });
        done.await.map_err(Fault::internal)
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
        self.blobs.put(&key, bytes).await?;
        Ok(key.to_string())
    }

    /// A file as it lies there.
    pub(super) async fn file(&self, folder: &str, name: &str) -> Result<Option<Blob>, Fault> {
        match format!("{folder}/{name}").parse() {
            Ok(key) => self.blobs.get(&key).await,
            Err(_) => Ok(None),
        }
    }

    /// The rendition of a picture, made when it is not there yet. `None` when there is no such picture or
    /// renditions of this width are not made: those of [`WIDTHS`] and of the original's own width are.
    pub(super) async fn rendition(
        &self,
        folder: &str,
        width: u32,
        format: Format,
    ) -> Result<Option<Blob>, Fault> {
        let name = format!("{width}.{}", format.extension());
        if let Some(made) = self.file(folder, &name).await? {
            return Ok(Some(made));
        }
        let Some(bytes) = self.original(folder).await? else { return Ok(None) };
        // Otherwise whoever asks for every width there is would fill the store.
        if !WIDTHS.contains(&width) && original::width(&bytes) != Some(width) {
            return Ok(None);
        }
        let rendered = self.decoding(move || rendition::render(&bytes, width, format)).await?;
        let Ok(rendered) = rendered else { return Ok(None) };
        let key = format!("{folder}/{name}").parse().map_err(Fault::internal)?;
        self.blobs.put(&key, rendered.into()).await?;
        self.blobs.get(&key).await
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

fn original_key(folder: &str, format: Format) -> Result<BlobKey, Fault> {
    format!("{folder}/original.{}", format.extension()).parse().map_err(Fault::internal)
}
