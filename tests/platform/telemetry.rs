//! What operators see of the platform: traces at a collector, log lines, metrics.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use prost::Message;
use serde_json::{Value, json};

use crate::souk::{Souk, demo, http, line, site};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

/// A span as the collector got it.
#[derive(Debug, Clone)]
struct Span {
    service: String,
    name: String,
    trace: String,
    id: String,
    parent: String,
}

/// A collector of traces on loopback, for as long as the test runs.
#[derive(Clone, Default)]
struct Collector {
    spans: Arc<Mutex<Vec<Span>>>,
}

impl Collector {
    async fn start(&self) -> String {
        let collector = self.clone();
        let collect = async move |headers: HeaderMap, body: Bytes| collector.collect(&headers, body);
        site(Router::new().route("/v1/traces", post(collect))).await
    }

    fn collect(&self, headers: &HeaderMap, body: Bytes) -> StatusCode {
        if headers.get("x-tenant").is_none_or(|value| value != "souk-test") {
            return StatusCode::UNAUTHORIZED;
        }
        let Ok(request) = ExportTraceServiceRequest::decode(body) else { return StatusCode::BAD_REQUEST };
        for resource in request.resource_spans {
            let attributes = resource.resource.unwrap_or_default().attributes;
            let service = attributes.iter().find(|attribute| attribute.key == "service.name");
            let service = format!("{:?}", service.and_then(|attribute| attribute.value.as_ref()));
            for span in resource.scope_spans.into_iter().flat_map(|scope| scope.spans) {
                self.spans.lock().unwrap().push(Span {
                    service: service.clone(),
                    name: span.name,
                    trace: hex::encode(&span.trace_id),
                    id: hex::encode(&span.span_id),
                    parent: hex::encode(&span.parent_span_id),
                });
            }
        }
        StatusCode::OK
    }

    /// The spans of [`TRACE`] with this name from this service.
    fn found(&self, service: &str, name: &str) -> Vec<Span> {
        let is_wanted = |span: &&Span| {
            span.trace == TRACE && span.name == name && span.service.contains(&format!("\"{service}\""))
        };
        self.spans.lock().unwrap().iter().filter(is_wanted).cloned().collect()
    }
}

fn settings(collector: &str) -> Vec<(&'static str, String)> {
    vec![
        ("SOUK_TELEMETRY__OTLP_ENDPOINT", collector.to_owned()),
        ("SOUK_TELEMETRY__OTLP_HEADERS", "x-tenant=souk-test".to_owned()),
    ]
}

/// Asks for a product and its company within [`TRACE`]; the request has an id of its own.
async fn ask_within_trace(gateway: &Souk) {
    let body = json!({ "query": "{ products(first: 1) { nodes { name company { name } } } }" });
    let request = http().post(gateway.url("/graphql")).json(&body);
    let request = request.header("traceparent", format!("00-{TRACE}-00f067aa0ba902b7-01"));
    let answer = request.header("x-request-id", "till-7").send().await.unwrap();
    assert_eq!(answer.headers()["x-request-id"], "till-7");
    let answer: Value = answer.json().await.unwrap();
    assert!(answer["data"]["products"]["nodes"][0]["company"]["name"].is_string(), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_is_one_trace_through_gateway_and_subgraphs_wherever_they_run() {
    let collector = Collector::default();
    let url = collector.start().await;
    let (_folder, data) = demo();
    let together = Souk::start(&data, &["serve"], &settings(&url));
    ask_within_trace(&together).await;
    assert_eq!(together.terminate(), Some(0));
    let request = collector.found("souk", "request").remove(0);
    assert_eq!(request.parent, "00f067aa0ba902b7");
    let subgraphs = collector.found("souk", "subgraph");
    assert!(subgraphs.len() >= 2, "{subgraphs:?}");
    assert!(subgraphs.iter().all(|span| span.parent == request.id), "{subgraphs:?} in {request:?}");

    let mut settings = settings(&url);
    let merchants = Souk::start(&data, &["subgraph", "merchants"], &settings);
    settings.push(("SOUK_MERCHANTS__URL", merchants.url("/graphql")));
    let catalog = Souk::start(&data, &["subgraph", "catalog"], &settings);
    settings.push(("SOUK_CATALOG__URL", catalog.url("/graphql")));
    let analytics = Souk::start(&data, &["subgraph", "analytics"], &settings);
    settings.push(("SOUK_ANALYTICS__URL", analytics.url("/graphql")));
    let search = Souk::start(&data, &["subgraph", "search"], &settings);
    settings.push(("SOUK_SEARCH__URL", search.url("/graphql")));
    let gateway = Souk::start(&data, &["gateway"], &settings);
    ask_within_trace(&gateway).await;
    for process in [gateway, search, analytics, catalog, merchants] {
        assert_eq!(process.terminate(), Some(0));
    }
    let request = collector.found("souk-gateway", "request").remove(0);
    for service in ["souk-catalog", "souk-merchants"] {
        let subgraph = collector.found(service, "subgraph");
        assert!(!subgraph.is_empty(), "{service} told nothing");
        assert!(subgraph.iter().all(|span| span.parent == request.id), "{subgraph:?} in {request:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mutation_and_what_its_event_causes_are_one_trace() {
    let collector = Collector::default();
    let url = collector.start().await;
    let (_folder, data) = demo();
    let souk = Souk::start(&data, &["serve"], &settings(&url));
    let operator = line(&data, &["token", "--role", "super-admin"]);
    let create = "mutation { companyCreate(input: { name: \"Traced\", slug: \"traced\", settings: { currency: \"EUR\" } }) {
        company { id } userErrors { code } } }";
    let request = http().post(souk.url("/graphql")).bearer_auth(operator);
    let request = request.header("traceparent", format!("00-{TRACE}-00f067aa0ba902b7-01"));
    let answer: Value = request.json(&json!({ "query": create })).send().await.unwrap().json().await.unwrap();
    assert!(answer["data"]["companyCreate"]["company"]["id"].is_string(), "{answer}");
    // The catalogue keeps a copy of companies from their events; a product needs it.
    souk.ask(None, "{ products(first: 1) { nodes { id } } }", json!({})).await;
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
    while collector.found("souk", "consumer").is_empty() && std::time::Instant::now() < deadline {
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    assert_eq!(souk.terminate(), Some(0));
    let request = collector.found("souk", "request").remove(0);
    let consumers = collector.found("souk", "consumer");
    assert!(!consumers.is_empty(), "no consumer continued the trace");
    assert!(consumers.iter().all(|span| span.parent == request.id), "{consumers:?} in {request:?}");
}

#[tokio::test]
async fn logs_that_go_to_no_terminal_are_json_with_the_request_in_them() {
    let (_folder, data) = demo();
    let log = data.parent().unwrap().join("log");
    let level = ("SOUK_TELEMETRY__LOG", "info,souk_gateway=debug".to_owned());
    let souk = Souk::start_logging(&data, &["serve"], &[level], &log);
    ask_within_trace(&souk).await;
    assert_eq!(souk.terminate(), Some(0));
    let text = std::fs::read_to_string(&log).unwrap();
    let lines: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("no JSON: {line}")))
        .collect();
    let answered = lines.iter().find(|line| {
        line["message"].as_str().is_some_and(|message| message.starts_with("answered with 200"))
            && line["span"]["request.id"] == "till-7"
    });
    let answered = answered.unwrap_or_else(|| panic!("{text}"));
    assert_eq!(answered["span"]["trace.id"], TRACE);
    assert!(answered["timestamp"].as_str().unwrap().ends_with('Z'), "times are UTC: {answered}");
}

#[tokio::test]
async fn metrics_count_requests_and_put_durations_into_buckets() {
    let (_folder, data) = demo();
    let souk = Souk::start(&data, &["serve"], &[]);
    ask_within_trace(&souk).await;
    let expected = [
        "souk_subgraph_request_seconds_bucket{subgraph=\"catalog\",le=\"0.1\"}",
        "souk_subgraph_request_seconds_count{subgraph=\"merchants\"}",
        "souk_consumer_lag_events{consumer=",
        "souk_outbox_lag_seconds{",
        "status=\"200\"",
    ];
    // A consumer measures its lag once it has taken its first events.
    for _attempt in 0..100 {
        let metrics = souk.get("/metrics").await;
        assert!(metrics.headers()["content-type"].to_str().unwrap().starts_with("text/plain"));
        let text = metrics.text().await.unwrap();
        if expected.iter().all(|line| text.contains(line)) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("{expected:?} are not in {}", souk.get("/metrics").await.text().await.unwrap());
}
