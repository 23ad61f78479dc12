//! Every request gets an id and a place in a distributed trace (W3C Trace Context), is counted and timed.

use std::time::Instant;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::{HeaderMap, HeaderName, HeaderValue};
use opentelemetry::global;
use opentelemetry::propagation::{Extractor, Injector};
use opentelemetry::trace::TraceContextExt;
use tracing::{Instrument, Span};
use tracing_opentelemetry::OpenTelemetrySpanExt;

use super::client;
use crate::{Gateway, counts};

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
const TRACESTATE: HeaderName = HeaderName::from_static("tracestate");

/// Longest request id that is taken over from a client.
const LONGEST_ID: usize = 128;

/// The client's address as far as it is known, for those who handle the request.
#[derive(Clone, Copy)]
pub(super) struct ClientAddress(pub(super) std::net::IpAddr);

pub(super) async fn request(State(gateway): State<Gateway>, mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let trusted = &gateway.settings().headers.trusted_proxies;
    if let Some(address) = client::address(request.headers(), request.extensions(), trusted) {
        request.extensions_mut().insert(ClientAddress(address));
    }
    let id = identify(request.headers_mut());
    let span = tracing::info_span!(
        "request",
        request.id = id.to_str().unwrap_or_default(),
        trace.id = tracing::field::Empty,
        http.method = %request.method(),
        http.path = request.uri().path(),
    );
    let trace_id =
        export_trace(&span, request.headers_mut()).unwrap_or_else(|| continue_trace(request.headers_mut()));
    span.record("trace.id", trace_id);
    let mut response = next.run(request).instrument(span.clone()).await;
    let (status, elapsed) = (response.status(), started.elapsed());
    metrics::counter!(counts::HTTP_REQUESTS, "status" => status.as_u16().to_string()).increment(1);
    metrics::histogram!(counts::HTTP_SECONDS).record(elapsed.as_secs_f64());
    span.in_scope(|| {
        tracing::debug!(http.status = status.as_u16(), ?elapsed, "answered with {status} in {elapsed:?}");
    });
    response.headers_mut().insert(X_REQUEST_ID, id);
    response
}

/// The request's id: the client's if it is fit to be logged and handed on, otherwise a new one.
fn identify(headers: &mut HeaderMap) -> HeaderValue {
    let is_fit = |id: &&HeaderValue| {
        let bytes = id.as_bytes();
        !bytes.is_empty() && bytes.len() <= LONGEST_ID && bytes.iter().all(u8::is_ascii_graphic)
    };
    if let Some(id) = headers.get(X_REQUEST_ID).filter(is_fit) {
        return id.clone();
    }
    let id = uuid::Uuid::now_v7().to_string();
    let id = HeaderValue::from_str(&id).unwrap_or_else(|_never| HeaderValue::from_static("unknown"));
    headers.insert(X_REQUEST_ID, id.clone());
    id
}

/// Where the host exports traces: makes `span` a child in the client's trace, and the subgraphs' spans children of
/// `span`; answers the trace's id.
fn export_trace(span: &Span, headers: &mut HeaderMap) -> Option<String> {
    let parent = global::get_text_map_propagator(|propagator| propagator.extract(&Received(headers)));
    // Refused where nothing is exported, which the context below shows as well.
    let _ = span.set_parent(parent);
    let context = span.context();
    let own = context.span().span_context().clone();
    if !own.is_valid() {
        return None;
    }
    global::get_text_map_propagator(|propagator| propagator.inject_context(&context, &mut HandedOn(headers)));
    Some(own.trace_id().to_string())
}

struct Received<'a>(&'a HeaderMap);

impl Extractor for Received<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).and_then(|value| value.to_str().ok())
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(HeaderName::as_str).collect()
    }
}

struct HandedOn<'a>(&'a mut HeaderMap);

impl Injector for HandedOn<'_> {
    fn set(&mut self, key: &str, value: String) {
        if let (Ok(name), Ok(value)) = (key.parse::<HeaderName>(), HeaderValue::from_str(&value)) {
            self.0.insert(name, value);
        }
    }
}

/// Where nothing is exported: makes this request a child in the client's trace, or begins a trace; answers its id.
fn continue_trace(headers: &mut HeaderMap) -> String {
    let parent = headers.get(TRACEPARENT).and_then(|value| value.to_str().ok()).and_then(parse);
    let (trace_id, flags) = parent.unwrap_or_else(|| {
        // The state of a trace that we do not continue says nothing.
        headers.remove(TRACESTATE);
        (format!("{:032x}", rand::random_range(1..=u128::MAX)), "00".to_owned())
    });
    let span_id = rand::random_range(1..=u64::MAX);
    if let Ok(value) = HeaderValue::from_str(&format!("00-{trace_id}-{span_id:016x}-{flags}")) {
        headers.insert(TRACEPARENT, value);
    }
    trace_id
}

/// Trace id and flags of a `traceparent` (version 00; of later versions, the part that they share with it).
fn parse(traceparent: &str) -> Option<(String, String)> {
    let mut parts = traceparent.split('-');
    let (version, trace_id, span_id, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let is_hex = |text: &str, length: usize| {
        text.len() == length
            && text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
    };
    let is_null = |text: &str| text.bytes().all(|byte| byte == b'0');
    let is_well_formed =
        is_hex(version, 2) && is_hex(trace_id, 32) && is_hex(span_id, 16) && is_hex(flags, 2);
    let is_valid = is_well_formed && version != "ff" && !is_null(trace_id) && !is_null(span_id);
    let is_complete = version != "00" || parts.next().is_none();
    (is_valid && is_complete).then(|| (trace_id.to_owned(), flags.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    fn continued(parent: &str) -> (String, HeaderMap) {
        let mut headers = HeaderMap::new();
        headers.insert(TRACEPARENT, parent.parse().unwrap());
        headers.insert(TRACESTATE, "vendor=1".parse().unwrap());
        (continue_trace(&mut headers), headers)
    }

    #[test]
    fn a_trace_is_continued_with_a_span_of_our_own() {
        let (trace_id, headers) = continued(PARENT);
        assert_eq!(trace_id, "4bf92f3577b34da6a3ce929d0e0e4736");
        let handed_on = headers.get(TRACEPARENT).unwrap().to_str().unwrap();
        assert!(handed_on.starts_with("00-4bf92f3577b34da6a3ce929d0e0e4736-") && handed_on.ends_with("-01"));
        assert_ne!(handed_on, PARENT);
        assert!(headers.contains_key(TRACESTATE));
    }

    #[test]
    fn a_broken_trace_is_not_continued() {
        for broken in [
            "nonsense",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
        ] {
            let (trace_id, headers) = continued(broken);
            assert_ne!(trace_id, "4bf92f3577b34da6a3ce929d0e0e4736", "{broken}");
            assert!(!headers.contains_key(TRACESTATE), "{broken}");
        }
    }

    #[test]
    fn a_client_may_bring_an_id_that_is_fit_to_be_logged() {
        let id = |given: &str| {
            let mut headers = HeaderMap::from_iter([(X_REQUEST_ID, given.parse().unwrap())]);
            let id = identify(&mut headers);
            assert_eq!(headers.get(X_REQUEST_ID), Some(&id));
            id.to_str().unwrap().to_owned()
        };
        assert_eq!(id("till-7:00042"), "till-7:00042");
        assert_ne!(id("with space"), "with space");
        assert_ne!(id(&"x".repeat(129)), "x".repeat(129));
    }
}
