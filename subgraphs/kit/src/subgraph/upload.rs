//! Files that come with a request: on disk from the moment they arrive, so that memory stays flat however large they
//! are. Resolvers read them as streams.

use std::fs::File;
use std::io::{self, Read};

use async_graphql::{Context, UploadValue};
use bytes::Bytes;
use futures::{Stream, StreamExt};
use tokio::io::{AsyncSeekExt, AsyncWriteExt};

/// A file that came with a request.
#[derive(Debug)]
pub struct Upload {
    /// Where in the variables it belongs, such as `variables.input.files.0`.
    pub path: String,
    /// Its name at the sender; not to be trusted.
    pub file_name: String,
    /// Its type as the sender says; not to be trusted.
    pub content_type: Option<String>,
    /// Its bytes, in a file without a name; see [`spool`].
    pub content: File,
}

/// Why a file did not arrive.
#[derive(Debug, thiserror::Error)]
pub enum SpoolError<E> {
    /// What brought it broke off.
    #[error("the file did not arrive whole")]
    Source(E),
    /// The disk refused it.
    #[error("the file cannot be put aside")]
    Disk(#[from] io::Error),
}

/// Writes `content` to a file without a name as it arrives: the system frees it with the last handle, also when the
/// process is killed. Whoever brings the stream bounds its length.
pub async fn spool<E>(
    mut content: impl Stream<Item = Result<Bytes, E>> + Unpin,
) -> Result<File, SpoolError<E>> {
    let made = tokio::task::spawn_blocking(tempfile::tempfile).await.map_err(io::Error::other)?;
    let mut file = tokio::fs::File::from_std(made?);
    while let Some(part) = content.next().await {
        file.write_all(&part.map_err(SpoolError::Source)?).await?;
    }
    file.flush().await?;
    file.rewind().await?;
    Ok(file.into_std().await)
}

/// Reads an upload from its beginning, however many others read it at the same time. It blocks.
#[derive(Debug)]
pub struct UploadReader {
    file: File,
    at: u64,
}

impl UploadReader {
    /// A reader of the file that the argument `upload` stands for.
    pub fn open(ctx: &Context<'_>, upload: &async_graphql::Upload) -> io::Result<Self> {
        Ok(upload.value(ctx)?.into())
    }
}

impl From<UploadValue> for UploadReader {
    fn from(value: UploadValue) -> Self {
        Self { file: value.content, at: 0 }
    }
}

impl Read for UploadReader {
    /// Reads at a place of its own: handles of one upload share the system's.
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        #[cfg(unix)]
        let read = std::os::unix::fs::FileExt::read_at(&self.file, buffer, self.at)?;
        #[cfg(windows)]
        let read = std::os::windows::fs::FileExt::seek_read(&self.file, buffer, self.at)?;
        self.at = self.at.saturating_add(u64::try_from(read).unwrap_or(u64::MAX));
        Ok(read)
    }
}
