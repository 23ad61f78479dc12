//! Uploads by the GraphQL multipart request specification
//! (<https://github.com/jaydenseric/graphql-multipart-request-spec>).
//!
//! A part's name and type are known only when it arrives, and subgraphs need them before they read: so the last file
//! goes on to its subgraph while it is still arriving, and those before it wait on disk.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use axum::body::Body;
use bytes::Bytes;
use futures::stream::BoxStream;
use futures::{Stream, StreamExt, TryStreamExt};
use multer::{Constraints, Field, Multipart, SizeLimit};
use tokio::io::{AsyncSeekExt, AsyncWriteExt};
use tokio_util::io::ReaderStream;

use super::parameters::{Parameters, malformed};
use crate::error::{Code, GraphqlError};
use crate::gateway::UploadPlace;
use crate::request::File;
use crate::settings::Settings;
use crate::transport::{Upload, UploadContent};

/// A request with what came along.
pub(super) struct Incoming {
    pub(super) parameters: Parameters,
    pub(super) files: Vec<File>,
    /// Where a fault of the file that is still arriving will show up.
    pub(super) fault: Option<TransferFault>,
    /// The place that a request with files holds until it is answered.
    pub(super) place: Option<UploadPlace>,
}

impl Incoming {
    pub(super) fn without_files(parameters: Parameters) -> Self {
        Self { parameters, files: Vec::new(), fault: None, place: None }
    }
}

/// What went wrong with a file while a subgraph read it.
#[derive(Clone, Default)]
pub(super) struct TransferFault(Arc<Mutex<Option<GraphqlError>>>);

impl TransferFault {
    pub(super) fn take(self) -> Option<GraphqlError> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn set(&self, error: GraphqlError) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
    }
}

/// Reads the parts up to the last file, whose bytes follow as they are asked for.
pub(super) async fn read(
    settings: &Settings,
    boundary: String,
    body: Body,
    place: UploadPlace,
) -> Result<Incoming, GraphqlError> {
    let pieces = Piecewise { below: body.into_data_stream(), rests: false };
    let mut parts = Multipart::with_constraints(pieces, boundary, constraints(settings));
    let operations = part(&mut parts, "operations").await?;
    let parameters = Parameters::from_json(&operations)?;
    let wanted = map(&part(&mut parts, "map").await?, settings)?;
    let mut found: Vec<Option<File>> = wanted.iter().map(|_| None).collect();
    let mut fault = None;
    let mut left = wanted.len();
    while left > 0 {
        let Some(field) = parts.next_field().await.map_err(|cause| told(&cause))? else {
            let missing = wanted.iter().zip(&found).find(|(_, found)| found.is_none());
            let name = missing.map_or("", |((name, _), _)| name.as_str());
            return Err(malformed(format!("`map` names the file \"{name}\", which is missing.")));
        };
        let index = wanted.iter().position(|(name, _)| Some(name.as_str()) == field.name());
        let Some((slot, (_, path))) = index.and_then(|index| found.get_mut(index).zip(wanted.get(index)))
        else {
            continue;
        };
        if slot.is_some() {
            return Err(malformed("Two files have the same name in the form."));
        }
        left -= 1;
        let (file_name, content_type) =
            (field.file_name().map(str::to_owned), field.content_type().map(ToString::to_string));
        let content = if left == 0 {
            passed_on(field, fault.insert(TransferFault::default()).clone())
        } else {
            kept(field).await?
        };
        let upload = Upload {
            variable: String::new(),
            path: String::new(),
            file_name,
            content_type,
            content: UploadContent::new(content),
        };
        *slot = Some(File { path: path.clone(), upload });
    }
    Ok(Incoming { parameters, files: found.into_iter().flatten().collect(), fault, place: Some(place) })
}

/// A stream that is never ready twice in a row. The parser takes all that is ready before it hands anything on: without
/// rests, the file of a fast client would be held whole.
struct Piecewise<S> {
    below: S,
    rests: bool,
}

impl<S: Stream + Unpin> Stream for Piecewise<S> {
    type Item = S::Item;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<S::Item>> {
        if std::mem::take(&mut self.rests) {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        let polled = self.below.poll_next_unpin(context);
        self.rests = matches!(polled, Poll::Ready(Some(_)));
        polled
    }
}

fn constraints(settings: &Settings) -> Constraints {
    let limit = |bytes: usize| u64::try_from(bytes).unwrap_or(u64::MAX);
    let body = limit(settings.body_limit_bytes);
    let file = limit(settings.uploads.file_bytes);
    let all = file.saturating_mul(limit(settings.uploads.files)).saturating_add(body.saturating_mul(2));
    let sizes = SizeLimit::new()
        .whole_stream(all)
        .per_field(file)
        .for_field("operations", body)
        .for_field("map", body);
    Constraints::new().size_limit(sizes)
}

/// The next part, which must be called `name`.
async fn part(parts: &mut Multipart<'static>, name: &str) -> Result<Bytes, GraphqlError> {
    let field = parts.next_field().await.map_err(|cause| told(&cause))?;
    let field = field.filter(|field| field.name() == Some(name));
    let field = field.ok_or_else(|| {
        malformed(format!(
            "The form must begin with `operations` and `map`; `{name}` is not where it should be."
        ))
    })?;
    field.bytes().await.map_err(|cause| told(&cause))
}

/// Names of parts with the place of each in the variables.
fn map(text: &[u8], settings: &Settings) -> Result<Vec<(String, String)>, GraphqlError> {
    let parsed: Result<indexmap::IndexMap<String, Vec<String>>, _> = serde_json::from_slice(text);
    let map = parsed.map_err(|_fault| malformed("`map` must be a JSON object of lists of strings."))?;
    if map.len() > settings.uploads.files {
        let message = format!("At most {} files are taken in one request.", settings.uploads.files);
        return Err(GraphqlError::new(Code::PayloadTooLarge, message));
    }
    let one_place = |(name, paths): (String, Vec<String>)| match <[String; 1]>::try_from(paths) {
        Ok([path]) => Ok((name, path)),
        Err(_) => Err(malformed(format!("`map` must name exactly one place for the file \"{name}\"."))),
    };
    map.into_iter().map(one_place).collect()
}

type Content = BoxStream<'static, io::Result<Bytes>>;

fn passed_on(field: Field<'static>, fault: TransferFault) -> Content {
    let note = move |cause: multer::Error| {
        fault.set(told(&cause));
        io::Error::other(cause)
    };
    field.map_err(note).boxed()
}

/// Puts a file aside until it is read.
async fn kept(mut field: Field<'static>) -> Result<Content, GraphqlError> {
    let disk = |cause: io::Error| {
        tracing::error!(%cause, "a file could not be put aside: {cause}");
        GraphqlError::internal()
    };
    let mut file = tokio::fs::File::from_std(tempfile::tempfile().map_err(disk)?);
    while let Some(chunk) = field.chunk().await.map_err(|cause| told(&cause))? {
        file.write_all(&chunk).await.map_err(disk)?;
    }
    file.flush().await.map_err(disk)?;
    file.rewind().await.map_err(disk)?;
    Ok(ReaderStream::new(file).boxed())
}

fn told(cause: &multer::Error) -> GraphqlError {
    match cause {
        multer::Error::FieldSizeExceeded { .. } | multer::Error::StreamSizeExceeded { .. } => {
            GraphqlError::new(Code::PayloadTooLarge, "A part of the form is larger than allowed.")
        }
        _ => malformed("The form is broken or incomplete."),
    }
}
