//! `/graphql`: from an HTTP request to a GraphQL request and back (GraphQL over HTTP, September 2026 edition).
//!
//! Where that edition recommends statuses that clients in the field do not know yet, the established ones stand: 400
//! rather than 422 for what cannot be run, 200 rather than 294 for an answer with errors.

use std::any::Any;

use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use bytes::Bytes;
use http::header::{ACCEPT, ALLOW, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, VARY, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue, Method, StatusCode, request};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use mime::Mime;

use super::accept::{self, MediaType};
use super::authenticate::Verification;
use super::csrf;
use super::multipart::{self, Incoming, TransferFault};
use super::parameters::{Parameters, malformed};
use super::trace::ClientAddress;
use crate::error::{Code, GraphqlError};
use crate::request::{Answer, Request};
use crate::{Claims, Gateway, counts};

const METHODS: HeaderValue = HeaderValue::from_static("GET, HEAD, POST");

/// Answers a GraphQL request.
pub(super) async fn graphql(State(gateway): State<Gateway>, request: axum::extract::Request) -> Response {
    let (head, body) = request.into_parts();
    if is_visit(&gateway, &head) {
        return Redirect::to("/").into_response();
    }
    let Some(media_type) = accept::negotiate(&head.headers) else {
        let message = "Answers come as `application/graphql-response+json` or `application/json`.";
        return respond(MediaType::Json, GraphqlError::new(Code::NotAcceptable, message).into());
    };
    let answered =
        tokio::time::timeout(gateway.settings().request_timeout(), answer(&gateway, head, body)).await;
    let answer = answered.unwrap_or_else(|_elapsed| {
        GraphqlError::new(Code::RequestTimeout, "The request took too long.").into()
    });
    respond(media_type, answer)
}

/// A person who typed our address: shown GraphiQL rather than an error.
fn is_visit(gateway: &Gateway, head: &request::Parts) -> bool {
    let accept = head.headers.get(ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    gateway.settings().graphiql
        && head.method == Method::GET
        && head.uri.query().is_none()
        && accept.contains("text/html")
}

async fn answer(gateway: &Gateway, mut head: request::Parts, body: Body) -> Answer {
    // Nothing is read for those who may not ask.
    let extensions = match admit(gateway, &head).await {
        Ok(extensions) => extensions,
        Err(error) => return error.into(),
    };
    let Incoming { parameters, files, fault, place: _place } =
        match read(gateway, &head, &extensions, body).await {
            Ok(incoming) => incoming,
            Err(error) => return error.into(),
        };
    let client = head.extensions.remove::<ClientAddress>().map(|ClientAddress(address)| address);
    let answer = gateway.run(Request {
        query: parameters.query,
        operation_name: parameters.operation_name,
        variables: parameters.variables,
        headers: gateway.policy().forwarding.select(&head.headers, client),
        extensions,
        files,
        is_safe: head.method != Method::POST,
    });
    let answer = answer.await;
    // A file that breaks off shows up as a failed subgraph; the client should learn the reason.
    fault.and_then(TransferFault::take).map_or(answer, Answer::from)
}

/// What the host says of the caller; an error for requests that are not answered whatever they ask.
async fn admit(gateway: &Gateway, head: &request::Parts) -> Result<http::Extensions, GraphqlError> {
    if ![Method::GET, Method::HEAD, Method::POST].contains(&head.method) {
        return Err(GraphqlError::new(Code::MethodNotAllowed, "Send GraphQL requests with GET or POST."));
    }
    csrf::check(&gateway.settings().csrf, &head.method, &head.headers)?;
    match &gateway.hooks().authenticate {
        Some(host) if verifies(gateway) => host.authenticate(&head.headers).await,
        _ => Ok(http::Extensions::new()),
    }
}

/// Whether the host is asked who calls.
fn verifies(gateway: &Gateway) -> bool {
    let host = gateway.hooks().authenticate.as_ref();
    host.is_some_and(|host| host.verification() == Verification::Always || gateway.requires_claims())
}

async fn read(
    gateway: &Gateway,
    head: &request::Parts,
    known: &http::Extensions,
    body: Body,
) -> Result<Incoming, GraphqlError> {
    if head.method == Method::POST {
        return read_body(gateway, &head.headers, known, body).await;
    }
    Parameters::from_query_string(head.uri.query().unwrap_or_default()).map(Incoming::without_files)
}

async fn read_body(
    gateway: &Gateway,
    headers: &HeaderMap,
    known: &http::Extensions,
    body: Body,
) -> Result<Incoming, GraphqlError> {
    let unsupported = |message: &str| GraphqlError::new(Code::UnsupportedMediaType, message);
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let content_type: Mime = content_type
        .and_then(|value| value.parse().ok())
        .ok_or_else(|| unsupported("The body needs a valid `Content-Type`, such as `application/json`."))?;
    if headers.get(CONTENT_ENCODING).is_some_and(|encoding| encoding != "identity") {
        return Err(unsupported("Compressed bodies are not supported."));
    }
    let uploads = &gateway.settings().uploads;
    match content_type.essence_str() {
        "application/json"
            if content_type.get_param(mime::CHARSET).is_none_or(|charset| charset == mime::UTF_8) =>
        {
            let body = collect(body, gateway.settings().body_limit_bytes).await?;
            Parameters::from_json(&body).map(Incoming::without_files)
        }
        "application/json" => Err(unsupported("The body must be UTF-8.")),
        "multipart/form-data" if uploads.enabled => {
            let boundary =
                content_type.get_param(mime::BOUNDARY).map(|boundary| boundary.as_str().to_owned());
            let boundary = boundary.ok_or_else(|| malformed("`multipart/form-data` needs a `boundary`."))?;
            let place = if is_visitor(gateway, known) {
                gateway.visitors_upload_place().await?
            } else {
                gateway.upload_place().await?
            };
            multipart::read(gateway.settings(), boundary, body, place).await
        }
        _ => Err(unsupported("The body must be `application/json`, or `multipart/form-data` with files.")),
    }
}

/// Whether the host looked who calls and found nobody. Where it does not look, everybody is alike.
fn is_visitor(gateway: &Gateway, known: &http::Extensions) -> bool {
    verifies(gateway) && !known.get::<Claims>().is_some_and(|claims| claims.is_authenticated)
}

async fn collect(body: Body, limit: usize) -> Result<Bytes, GraphqlError> {
    let collected = Limited::new(body, limit).collect().await;
    collected.map(http_body_util::Collected::to_bytes).map_err(|cause| {
        if cause.is::<LengthLimitError>() {
            GraphqlError::new(Code::PayloadTooLarge, format!("The body is longer than {limit} bytes."))
        } else {
            malformed("The body broke off.")
        }
    })
}

fn respond(media_type: MediaType, answer: Answer) -> Response {
    let status = match media_type {
        MediaType::GraphqlResponse => answer.status(),
        MediaType::Json => answer.legacy_status(),
    };
    metrics::counter!(counts::OPERATIONS, "outcome" => answer.outcome()).increment(1);
    let mut response = (status, answer.body).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type.content_type()));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.append(VARY, HeaderValue::from_static("accept"));
    if status == StatusCode::METHOD_NOT_ALLOWED {
        headers.insert(ALLOW, METHODS);
    }
    if status == StatusCode::UNAUTHORIZED {
        headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    response
}

/// The answer when handling a request panicked: a fault of ours that must not take the connection down.
#[expect(clippy::needless_pass_by_value, reason = "the layer hands it over")]
pub(super) fn panicked(cause: Box<dyn Any + Send>) -> Response {
    let text =
        cause.downcast_ref::<String>().map(String::as_str).or_else(|| cause.downcast_ref::<&str>().copied());
    let cause = text.unwrap_or("unknown");
    tracing::error!(cause, "handling a request panicked: {cause}");
    respond(MediaType::Json, GraphqlError::internal().into())
}
