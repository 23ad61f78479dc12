//! A file on its way from the client to the one subgraph that takes its variable: a stream that is read once, never held whole.
use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use bytes::Bytes;
use futures::stream::BoxStream;

/// A file that a variable carries, per the GraphQL multipart request specification.
#[derive(Debug, Clone)]
pub struct Upload {
    /// The variable that carries it, without `$`.
    pub variable: String,
    /// Where it stands, as in the request's `map`: `variables.files.0`.
    pub path: String,
    /// The client's name for the file.
    pub file_name: Option<String>,
    /// The client's word on what it holds; never to be trusted.
    pub content_type: Option<String>,
    /// The bytes.
    pub content: UploadContent,
}

pub(super) type ContentStream = BoxStream<'static, std::io::Result<Bytes>>;

/// The bytes of an upload. Clones share one stream: the first to take it reads it.
#[derive(Clone)]
pub struct UploadContent(Arc<Mutex<Option<ContentStream>>>);

impl UploadContent {
    /// Content that `stream` will bring.
    pub fn new(stream: ContentStream) -> Self {
        Self(Arc::new(Mutex::new(Some(stream))))
    }

    /// The stream, unless someone took it before.
    pub fn take(&self) -> Option<ContentStream> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl fmt::Debug for UploadContent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UploadContent")
    }
}
