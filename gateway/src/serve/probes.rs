//! What operators and other services ask: is it alive, is it ready, what has it counted, which keys does it sign with.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use serde::Serialize;

use crate::Gateway;

#[derive(Serialize)]
struct Health {
    status: &'static str,
}

/// The process answers.
pub(super) async fn health() -> impl IntoResponse {
    ([(CACHE_CONTROL, "no-store")], Json(Health { status: "ok" }))
}

#[derive(Serialize)]
struct Readiness {
    ready: bool,
    /// What must still come about, by name.
    missing: Vec<String>,
    /// What is not there, either, and is gone on without.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    without: Vec<String>,
}

/// Requests may be sent here; otherwise 503 and what is missing.
pub(super) async fn ready(State(gateway): State<Gateway>) -> Response {
    let mut missing: Vec<String> = gateway.hooks().needed.iter().filter_map(|missing| missing()).collect();
    let without = gateway.hooks().helpful.iter().filter_map(|missing| missing()).collect();
    if gateway.is_stopping() {
        missing.push("the server is stopping".to_owned());
    }
    let readiness = Readiness { ready: missing.is_empty(), missing, without };
    let status = if readiness.ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, [(CACHE_CONTROL, "no-store")], Json(readiness)).into_response()
}

/// Prometheus' text format.
pub(super) async fn metrics(State(gateway): State<Gateway>) -> impl IntoResponse {
    let text = gateway.hooks().metrics.as_ref().map(|render| render()).unwrap_or_default();
    ([(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text)
}

/// The public keys of the tokens that are accepted here (RFC 7517).
pub(super) async fn jwks(State(gateway): State<Gateway>) -> impl IntoResponse {
    let document = gateway.hooks().jwks.as_ref().map(|document| document()).unwrap_or_default();
    ([(CONTENT_TYPE, "application/jwk-set+json"), (CACHE_CONTROL, "public, max-age=300")], document)
}
