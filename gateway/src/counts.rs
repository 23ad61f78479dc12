//! What the gateway counts, for Prometheus: each name once, with its meaning.

use metrics::{Unit, describe_counter, describe_histogram};

/// HTTP requests by status.
pub(crate) const HTTP_REQUESTS: &str = "souk_gateway_http_requests_total";
/// Time from the request's head to the answer's, in seconds.
pub(crate) const HTTP_SECONDS: &str = "souk_gateway_http_request_seconds";
/// GraphQL requests by outcome: `executed`, `partial` when parts failed, or the code of the refusal.
pub(crate) const OPERATIONS: &str = "souk_gateway_operations_total";
/// Operations found prepared.
pub(crate) const CACHE_HITS: &str = "souk_gateway_operation_cache_hits_total";
/// Operations that had to be prepared, or are being prepared for another request.
pub(crate) const CACHE_MISSES: &str = "souk_gateway_operation_cache_misses_total";
/// Supergraphs loaded, the first included, by outcome: `loaded` or `refused`.
pub(crate) const LOADS: &str = "souk_gateway_supergraph_loads_total";

/// Requests to subgraphs by subgraph and outcome: `answered`, or why no answer came.
pub(crate) const SUBGRAPH_REQUESTS: &str = "souk_gateway_subgraph_requests_total";
/// Time from a request to a subgraph to its whole answer, in seconds, by subgraph.
pub(crate) const SUBGRAPH_SECONDS: &str = "souk_gateway_subgraph_seconds";

/// Tells the recorder, if the host has installed one, what the names mean.
pub(crate) fn describe() {
    describe_counter!(HTTP_REQUESTS, "HTTP requests by status");
    describe_histogram!(HTTP_SECONDS, Unit::Seconds, "Time from the request's head to the answer's");
    describe_counter!(
        OPERATIONS,
        "GraphQL requests by outcome: executed, partial, or the code of the refusal"
    );
    describe_counter!(CACHE_HITS, "Operations found prepared");
    describe_counter!(CACHE_MISSES, "Operations that had to be prepared");
    describe_counter!(LOADS, "Supergraphs loaded, by outcome");
    describe_counter!(
        SUBGRAPH_REQUESTS,
        "Requests to subgraphs by subgraph and outcome: answered, or why no answer came"
    );
    describe_histogram!(
        SUBGRAPH_SECONDS,
        Unit::Seconds,
        "Time from a request to a subgraph to its whole answer, by subgraph"
    );
}
