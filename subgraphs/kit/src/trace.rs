//! The trace that a request or an event came with (W3C Trace Context), and spans that continue it.

use std::collections::HashMap;

use http::HeaderMap;
use opentelemetry::global;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;

/// The longest `tracestate` that is carried on, in bytes: what everyone must be able to carry. Also how many members it
/// may have, and how long a key and a value may be.
const LONGEST_STATE: usize = 512;
const MEMBERS: usize = 32;
const LONGEST_PART: usize = 256;

/// `span` as a child in the trace of `traceparent`; where traces are not exported, `span` as it is.
pub(crate) fn continued(span: Span, traceparent: Option<&str>, tracestate: Option<&str>) -> Span {
    if let Some(traceparent) = traceparent {
        let mut carrier = HashMap::from([("traceparent".to_owned(), traceparent.to_owned())]);
        carrier.extend(tracestate.map(|state| ("tracestate".to_owned(), state.to_owned())));
        let parent = global::get_text_map_propagator(|propagator| propagator.extract(&carrier));
        // Refused where nothing is exported.
        let _ = span.set_parent(parent);
    }
    span
}

/// Version, trace id, parent id and flags in hexadecimal: <https://www.w3.org/TR/trace-context/>.
pub(crate) fn is_traceparent(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let lengths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
    lengths.starts_with(&[2, 32, 16, 2])
        && parts.iter().all(|part| part.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')))
}

/// What `headers` say that tracing systems keep beside a trace, on however many lines. None when it is not well formed, or
/// too long: a trace goes on without it.
pub(crate) fn tracestate(headers: &HeaderMap) -> Option<String> {
    let lines: Result<Vec<&str>, _> =
        headers.get_all("tracestate").iter().map(http::HeaderValue::to_str).collect();
    Some(lines.ok()?.join(",")).filter(|text| is_tracestate(text))
}

/// Members `KEY=VALUE` with commas between them: <https://www.w3.org/TR/trace-context/#tracestate-header>.
fn is_tracestate(text: &str) -> bool {
    // A list may have empty members.
    let members =
        || text.split(',').map(|member| member.trim_matches([' ', '\t'])).filter(|one| !one.is_empty());
    text.len() <= LONGEST_STATE && (1..=MEMBERS).contains(&members().count()) && members().all(is_member)
}

fn is_member(member: &str) -> bool {
    let Some((key, value)) = member.split_once('=') else { return false };
    let is_fit = |part: &str| (1..=LONGEST_PART).contains(&part.len());
    is_fit(key)
        && key.starts_with(|first: char| first.is_ascii_lowercase() || first.is_ascii_digit())
        && key
            .bytes()
            .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-' | b'*' | b'/' | b'@'))
        && is_fit(value)
        && value.bytes().all(|byte| matches!(byte, b' '..=b'~') && byte != b'=')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_well_formed_trace_contexts_are_carried_on() {
        assert!(is_traceparent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"));
        for bad in ["", "00", "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01", "a-b-c-d"] {
            assert!(!is_traceparent(bad), "{bad}");
        }
    }

    #[test]
    fn so_are_only_well_formed_trace_states() {
        let many = |count: usize| vec!["a=1"; count].join(",");
        let long = |length: usize| format!("a={}", "1".repeat(length));
        for good in ["rojo=00f067aa0ba902b7", "a=1 ,\tb@c=x y!~, ,1/*-_=2", &many(32), &long(256)] {
            assert!(is_tracestate(good), "{good}");
        }
        for bad in
            ["", " , ", "a", "=1", "a=", "A=1", "_a=1", "a=1=2", "a=é", "a=\u{7f}", &many(33), &long(257)]
        {
            assert!(!is_tracestate(bad), "{bad}");
        }
        let two = |length: usize| format!("{},b={}", long(256), "2".repeat(length));
        assert!(is_tracestate(&two(251)) && !is_tracestate(&two(252)), "512 bytes at most");
    }
}
