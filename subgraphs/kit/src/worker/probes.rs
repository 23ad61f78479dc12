//! A worker's probes: whether it runs, and whether it has what it needs.

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::Worker;

/// GET `/health` and `/ready`; the latter answers 503 with the names of all that is missing, and 200
/// with the names of the engines that it goes on without.
pub fn router(worker: Worker) -> Router {
    Router::new().route("/health", get(StatusCode::OK)).route("/ready", get(ready)).with_state(worker)
}

async fn ready(State(worker): State<Worker>) -> Response {
    let (missing, without) = tokio::join!(worker.missing(), worker.goes_without());
    if !missing.is_empty() {
        return (StatusCode::SERVICE_UNAVAILABLE, missing.join("\n")).into_response();
    }
    let named: Vec<_> = without.iter().map(|what| format!("without {what}")).collect();
    (StatusCode::OK, named.join("\n")).into_response()
}
