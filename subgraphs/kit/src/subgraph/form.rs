//! Requests with files, by the GraphQL multipart request specification
//! (<https://github.com/jaydenseric/graphql-multipart-request-spec>). Only files that the form's `map` names are kept:
//! anything else would let a caller fill the disk, or use up the process's handles.

use std::collections::HashMap;

use async_graphql::{Request, UploadValue};
use axum::body::Body;
use bytes::Bytes;
use futures::{StreamExt, stream};
use multer::{Constraints, Multipart, SizeLimit};

use super::serve::Limits;
use super::upload::{SpoolError, spool};
use crate::fault::Fault;

/// Reads the form of `body`; each file is on disk when this returns.
pub(super) async fn read(limits: &Limits, boundary: String, body: Body) -> Result<Request, Fault> {
    // The parser takes all that is ready before it hands anything on: without a rest after each piece, the file of a
    // fast client would be held whole. No rest before the first: the parser takes an early end for a broken form.
    let pieces = stream::unfold((body.into_data_stream(), false), async |(mut body, rests)| {
        if rests {
            tokio::task::yield_now().await;
        }
        body.next().await.map(|piece| (piece, (body, true)))
    });
    let mut parts = Multipart::with_constraints(pieces, boundary, constraints(limits));
    let operations = part(&mut parts, "operations").await?;
    let mut request: Request = serde_json::from_slice(&operations)
        .map_err(|error| Fault::bad_input(format!("`operations` is no GraphQL request: {error}")))?;
    let mut wanted = places(limits, &part(&mut parts, "map").await?)?;
    while !wanted.is_empty() {
        let Some(field) = parts.next_field().await.map_err(|error| unreadable(&error))? else {
            return Err(Fault::bad_input("`map` names a file that is missing"));
        };
        let Some(path) = field.name().and_then(|name| wanted.remove(name)) else { continue };
        let filename = field.file_name().unwrap_or_default().to_owned();
        let content_type = field.content_type().map(ToString::to_string);
        let content = spool(field).await.map_err(|error| match error {
            SpoolError::Source(error) => unreadable(&error),
            SpoolError::Disk(error) => Fault::internal(error),
        })?;
        request.set_upload(&path, UploadValue { filename, content_type, content });
    }
    Ok(request)
}

fn constraints(limits: &Limits) -> Constraints {
    let bytes = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
    let (body, file) = (bytes(limits.body), bytes(limits.file));
    let all = file.saturating_mul(bytes(limits.files)).saturating_add(body.saturating_mul(2));
    let sizes = SizeLimit::new()
        .whole_stream(all)
        .per_field(file)
        .for_field("operations", body)
        .for_field("map", body);
    Constraints::new().size_limit(sizes)
}

/// The next part, which must be called `name`.
async fn part(parts: &mut Multipart<'static>, name: &str) -> Result<Bytes, Fault> {
    let field = parts
        .next_field()
        .await
        .map_err(|error| unreadable(&error))?
        .filter(|field| field.name() == Some(name));
    let field = field.ok_or_else(|| {
        Fault::bad_input(format!("the form begins with `operations` and `map`; `{name}` is missing there"))
    })?;
    field.bytes().await.map_err(|error| unreadable(&error))
}

/// Names of parts with the place of each in the variables.
fn places(limits: &Limits, map: &[u8]) -> Result<HashMap<String, String>, Fault> {
    let map: HashMap<String, [String; 1]> = serde_json::from_slice(map)
        .map_err(|_| Fault::bad_input("`map` must be a JSON object that names one place for each file"))?;
    if map.len() > limits.files {
        return Err(Fault::bad_input(format!("at most {} files are taken in one request", limits.files)));
    }
    Ok(map.into_iter().map(|(name, [path])| (name, path)).collect())
}

fn unreadable(error: &multer::Error) -> Fault {
    Fault::bad_input(format!("the form cannot be read: {error}"))
}
