//! A subgraph on a port of its own: GraphQL, health and its extra routes. Here the access token is verified from
//! the headers, because no network is trusted.

use std::sync::Arc;
use std::time::Duration;

use async_graphql::http::{MultipartOptions, receive_body};
use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use bytes::Bytes;
use futures::TryStreamExt;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::Subgraph;
use super::execute::refusal;
use super::form;
use crate::auth::Verifier;
use crate::clock::Clock;
use crate::context::RequestContext;
use crate::fault::{Code, Fault};
use crate::principal::Principal;
use crate::worker;

/// How long the files of one request may take to arrive.
const LONGEST_UPLOAD: Duration = Duration::from_mins(5);

/// How much a request may bring.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Bytes of one file.
    pub file: usize,
    /// Files of one request.
    pub files: usize,
    /// Bytes of a request without files.
    pub body: usize,
    /// Requests with files that are taken in and answered at the same time; others wait. Each puts its files on disk.
    /// A quarter of them at most are visitors', one at least: who does not say who it is may be slow for as long as it
    /// likes, and must not keep the others out.
    pub uploads: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { file: 20 * 1024 * 1024, files: 10, body: 2 * 1024 * 1024, uploads: 8 }
    }
}

struct Served {
    subgraph: Arc<Subgraph>,
    verifier: Verifier,
    clock: Clock,
    limits: Limits,
    uploads: Places,
}

/// The places for requests with files.
struct Places {
    all: Arc<Semaphore>,
    visitors: Arc<Semaphore>,
}

/// Held until the request is answered.
struct Place {
    _visitor: Option<OwnedSemaphorePermit>,
    _any: OwnedSemaphorePermit,
}

impl Places {
    fn new(count: usize) -> Self {
        let places = |count: usize| Arc::new(Semaphore::new(count.clamp(1, Semaphore::MAX_PERMITS)));
        Self { all: places(count), visitors: places(count / 4) }
    }

    async fn take(&self, caller: &Principal) -> Result<Place, Fault> {
        let free = |places: &Arc<Semaphore>| Arc::clone(places).acquire_owned();
        // A visitor waits for the others first, so as not to wait in one of everybody's places.
        let visitor = match caller {
            Principal::Anonymous => Some(free(&self.visitors).await.map_err(Fault::internal)?),
            Principal::User(_) | Principal::ApiKey(_) | Principal::Service(_) => None,
        };
        Ok(Place { _visitor: visitor, _any: free(&self.all).await.map_err(Fault::internal)? })
    }
}

/// The routes of `subgraph` on a port of its own: POST `/graphql` (with `_service` and `_entities`), `/health`,
/// `/ready`, and what the domain adds.
pub fn router(subgraph: Arc<Subgraph>, verifier: Verifier, clock: Clock, limits: Limits) -> Router {
    let (extra, probes) = (subgraph.extra_routes(), worker::router(subgraph.worker().clone()));
    let uploads = Places::new(limits.uploads);
    let served = Arc::new(Served { subgraph, verifier, clock, limits, uploads });
    Router::new().route("/graphql", post(graphql)).with_state(served).merge(probes).merge(extra)
}

async fn graphql(State(served): State<Arc<Served>>, headers: HeaderMap, body: Body) -> Response {
    let principal = match served.verifier.caller(&headers).await {
        Ok(principal) => principal,
        Err(fault) if fault.code() == Code::Unavailable => {
            return answer(StatusCode::SERVICE_UNAVAILABLE, refusal(fault));
        }
        Err(fault) => return answer(StatusCode::UNAUTHORIZED, refusal(fault)),
    };
    let context = RequestContext::from_headers(principal, served.clock.now(), &headers);
    match read(&served, &context.principal, &headers, body).await {
        Ok((request, _place)) => answer(StatusCode::OK, served.subgraph.execute_read(request, context).await),
        Err(fault) => answer(StatusCode::BAD_REQUEST, refusal(fault)),
    }
}

/// Reads a JSON body, or a form with files, together with its place among those that bring files.
async fn read(
    served: &Served,
    caller: &Principal,
    headers: &HeaderMap,
    body: Body,
) -> Result<(async_graphql::Request, Option<Place>), Fault> {
    let content_type = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .ok_or_else(|| Fault::bad_input("the request has no content type"))?;
    let limits = &served.limits;
    if !content_type.to_ascii_lowercase().starts_with("multipart/") {
        let limited = Body::new(http_body_util::Limited::new(body, limits.body));
        let bytes = limited.into_data_stream().map_err(std::io::Error::other);
        let reader = Box::pin(bytes).into_async_read();
        let request = receive_body(Some(content_type), reader, MultipartOptions::default()).await;
        let request =
            request.map_err(|error| Fault::bad_input(format!("the request cannot be read: {error}")))?;
        return Ok((request, None));
    }
    let boundary = multer::parse_boundary(content_type)
        .map_err(|error| Fault::bad_input(format!("the form cannot be read: {error}")))?;
    let place = served.uploads.take(caller).await?;
    let read = tokio::time::timeout(LONGEST_UPLOAD, form::read(limits, boundary, body)).await;
    let request = read.map_err(|_elapsed| Fault::bad_input("the files took too long to arrive"))??;
    Ok((request, Some(place)))
}

fn answer(status: StatusCode, body: Bytes) -> Response {
    let json = HeaderValue::from_static("application/json; charset=utf-8");
    (status, [(header::CONTENT_TYPE, json)], body).into_response()
}
