//! A request as it reaches a subgraph, from the gateway in the same process or from a socket.

use std::sync::Arc;

use async_graphql::{UploadValue, Variables};
use bytes::Bytes;
use http::HeaderMap;

use super::upload::Upload;
use crate::clock::Timestamp;
use crate::context::RequestContext;
use crate::fault::Fault;
use crate::principal::Principal;
use crate::trace::{is_traceparent, tracestate};

/// A GraphQL request to one subgraph.
#[derive(Debug)]
pub struct Request {
    /// The document. The gateway sends the same one over and over: its parse is cached by its text.
    pub query: Arc<str>,
    /// Which operation of it to run, when it has several.
    pub operation_name: Option<String>,
    /// The variables as a JSON object; empty for none.
    pub variables: Bytes,
    /// Files, and where in the variables they belong.
    pub uploads: Vec<Upload>,
    /// Who asks, when, and under which ids.
    pub context: RequestContext,
}

impl Request {
    /// A request without variables and files.
    pub fn new(query: impl Into<Arc<str>>, context: RequestContext) -> Self {
        Self {
            query: query.into(),
            operation_name: None,
            variables: Bytes::new(),
            uploads: Vec::new(),
            context,
        }
    }

    /// The request as the GraphQL library takes it; `BAD_USER_INPUT` when the variables are no JSON object.
    pub(super) fn into_graphql(self) -> Result<async_graphql::Request, Fault> {
        let variables: Variables = if self.variables.is_empty() {
            Variables::default()
        } else {
            serde_json::from_slice(&self.variables)
                .map_err(|_| Fault::bad_input("the variables must be a JSON object"))?
        };
        let mut request =
            async_graphql::Request::new(self.query.as_ref()).variables(variables).data(self.context);
        request.operation_name = self.operation_name;
        for upload in self.uploads {
            let content = upload.content;
            let value =
                UploadValue { filename: upload.file_name, content_type: upload.content_type, content };
            request.set_upload(&upload.path, value);
        }
        Ok(request)
    }
}

impl RequestContext {
    /// A request by `principal` at `now` with the ids and languages that its headers say.
    #[must_use]
    pub fn from_headers(principal: Principal, now: Timestamp, headers: &HeaderMap) -> Self {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let mut context = Self::new(principal, now);
        if let Some(id) = text("x-request-id").filter(|id| (1..=128).contains(&id.len())) {
            id.clone_into(&mut context.correlation);
        }
        context.traceparent = text("traceparent").filter(|text| is_traceparent(text)).map(ToOwned::to_owned);
        context.tracestate = context.traceparent.as_ref().and_then(|_| tracestate(headers));
        context.languages = text("accept-language").map(languages).unwrap_or_default();
        context.user_agent = text("user-agent").map(ToOwned::to_owned);
        context.do_not_track = ["dnt", "sec-gpc"].into_iter().any(|name| text(name) == Some("1"));
        context
    }
}

/// The language tags of an `Accept-Language` header (RFC 9110, section 12.5.4), best first; at most ten.
fn languages(header: &str) -> Vec<String> {
    let mut weighted: Vec<(u16, &str)> = header
        .split(',')
        .filter_map(|range| {
            let mut parts = range.split(';').map(str::trim);
            let tag = parts.next().filter(|tag| !tag.is_empty() && tag.len() <= 35)?;
            let weight = parts.find_map(|part| part.strip_prefix("q=")).map_or(Some(1_000), per_mille)?;
            (weight > 0).then_some((weight, tag))
        })
        .take(10)
        .collect();
    weighted.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
    weighted.into_iter().map(|(_, tag)| tag.to_owned()).collect()
}

/// A quality of up to three digits after the point, in thousandths.
fn per_mille(quality: &str) -> Option<u16> {
    let (whole, fraction) = quality.split_once('.').unwrap_or((quality, ""));
    if fraction.len() > 3 {
        return None;
    }
    let digits: u16 = format!("{fraction:0<3}").parse().ok()?;
    let thousandths = whole.parse::<u16>().ok()?.checked_mul(1_000)?.checked_add(digits)?;
    (thousandths <= 1_000).then_some(thousandths)
}

#[cfg(test)]
mod tests {
    use http::HeaderName;

    use super::*;

    #[test]
    fn the_best_language_comes_first() {
        let cases = [
            ("nl", vec!["nl"]),
            ("en;q=0.5, ar, fr;q=0.75", vec!["ar", "fr", "en"]),
            ("en;q=0, *;q=0.1", vec!["*"]),
            ("en;q=2, fr;q=0.1234, de;q=x, ;q=1", vec![]),
        ];
        for (header, expected) in cases {
            assert_eq!(languages(header), expected, "{header}");
        }
    }

    #[test]
    fn a_trace_state_comes_only_with_its_trace() {
        let read = |headers: &[(&'static str, &str)]| {
            let headers =
                headers.iter().map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap()));
            let context =
                RequestContext::from_headers(Principal::Anonymous, Timestamp::UNIX_EPOCH, &headers.collect());
            (context.traceparent, context.tracestate)
        };
        let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        let (one, other) = (("tracestate", "a=1, b=2"), ("tracestate", "c=3"));
        assert_eq!(
            read(&[("traceparent", parent), one, other]),
            (Some(parent.to_owned()), Some("a=1, b=2,c=3".to_owned()))
        );
        assert_eq!(read(&[one]), (None, None));
        assert_eq!(read(&[("traceparent", "broken"), one]), (None, None));
        assert_eq!(
            read(&[("traceparent", parent), ("tracestate", "broken")]),
            (Some(parent.to_owned()), None)
        );
    }
}
