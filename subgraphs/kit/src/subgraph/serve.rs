//! A subgraph on a port of its own: GraphQL, health and its extra routes. Here the access token is verified from
//! the headers, because no network is trusted.

use std::sync::Arc;

use async_graphql::http::{MultipartOptions, receive_body};
use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use bytes::Bytes;
use futures::TryStreamExt;

use super::Subgraph;
use super::execute::refusal;
use crate::auth::Verifier;
use crate::clock::Clock;
use crate::context::RequestContext;
use crate::fault::Fault;

/// How much a request may bring.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Bytes of one file.
    pub file: usize,
    /// Files of one request.
    pub files: usize,
    /// Bytes of a request without files.
    pub body: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { file: 20 * 1024 * 1024, files: 10, body: 2 * 1024 * 1024 }
    }
}

struct Served {
    subgraph: Arc<Subgraph>,
    verifier: Verifier,
    clock: Clock,
    limits: Limits,
}

/// The routes of `subgraph` on a port of its own: POST `/graphql` (with `_service` and `_entities`), `/health`,
/// `/ready`, and what the domain adds.
pub fn router(subgraph: Arc<Subgraph>, verifier: Verifier, clock: Clock, limits: Limits) -> Router {
    let extra = subgraph.extra_routes();
    let served = Arc::new(Served { subgraph, verifier, clock, limits });
    Router::new()
        .route("/graphql", post(graphql))
        .route("/health", get(StatusCode::OK))
        .route("/ready", get(ready))
        .with_state(served)
        .merge(extra)
}

async fn ready(State(served): State<Arc<Served>>) -> Response {
    match served.subgraph.ready().await {
        Ok(()) => StatusCode::OK.into_response(),
        Err(what) => (StatusCode::SERVICE_UNAVAILABLE, what).into_response(),
    }
}

async fn graphql(State(served): State<Arc<Served>>, headers: HeaderMap, body: Body) -> Response {
    let principal = match served.verifier.caller(&headers).await {
        Ok(principal) => principal,
        Err(fault) => return answer(StatusCode::UNAUTHORIZED, refusal(fault)),
    };
    let context = RequestContext::from_headers(principal, served.clock.now(), &headers);
    match read(&served.limits, &headers, body).await {
        Ok(request) => answer(StatusCode::OK, served.subgraph.execute_read(request, context).await),
        Err(fault) => answer(StatusCode::BAD_REQUEST, refusal(fault)),
    }
}

/// Reads a JSON body, or one of the GraphQL multipart request specification
/// (<https://github.com/jaydenseric/graphql-multipart-request-spec>).
async fn read(limits: &Limits, headers: &HeaderMap, body: Body) -> Result<async_graphql::Request, Fault> {
    let content_type = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .ok_or_else(|| Fault::bad_input("the request has no content type"))?;
    let multipart = content_type.to_ascii_lowercase().starts_with("multipart/");
    let longest = if multipart {
        limits.body.saturating_add(limits.file.saturating_mul(limits.files))
    } else {
        limits.body
    };
    let options = MultipartOptions::default().max_file_size(limits.file).max_num_files(limits.files);
    let limited = http_body_util::Limited::new(body, longest);
    let bytes = Body::new(limited).into_data_stream().map_err(std::io::Error::other);
    let reader = Box::pin(bytes).into_async_read();
    receive_body(Some(content_type), reader, options)
        .await
        .map_err(|error| Fault::bad_input(format!("the request cannot be read: {error}")))
}

fn answer(status: StatusCode, body: Bytes) -> Response {
    let json = HeaderValue::from_static("application/json; charset=utf-8");
    (status, [(header::CONTENT_TYPE, json)], body).into_response()
}
