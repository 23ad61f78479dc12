//! Headers that make browsers careful with our answers.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use http::header::{REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS};
use http::{HeaderName, HeaderValue};

const HEADERS: [(HeaderName, HeaderValue); 3] = [
    // No guessing that JSON might be a script.
    (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    // No other site shows us in a frame to have its visitors click there.
    (X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    // Operations in our URLs are nobody else's business.
    (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
];

pub(super) async fn headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    for (name, value) in HEADERS {
        response.headers_mut().entry(name).or_insert(value);
    }
    response
}
