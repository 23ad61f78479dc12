//! Spans that continue the trace which a request or an event came with (W3C Trace Context).

use std::collections::HashMap;

use opentelemetry::global;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;

/// `span` as a child in the trace of `traceparent`; where traces are not exported, `span` as it is.
pub(crate) fn continued(span: Span, traceparent: Option<&str>) -> Span {
    if let Some(traceparent) = traceparent {
        let carrier = HashMap::from([("traceparent".to_owned(), traceparent.to_owned())]);
        let parent = global::get_text_map_propagator(|propagator| propagator.extract(&carrier));
        // Refused where nothing is exported.
        let _ = span.set_parent(parent);
    }
    span
}
