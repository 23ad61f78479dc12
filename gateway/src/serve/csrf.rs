//! Refuses requests that another site may have made a browser send. A browser asks first (a CORS preflight) unless a
//! request is "simple"; of simple ones only those are let through that show where they come from.

use http::header::{CONTENT_TYPE, HOST, ORIGIN};
use http::{HeaderMap, Method};

use crate::error::{Code, GraphqlError};
use crate::settings::Csrf;

/// Content types that need no preflight (the Fetch standard, "CORS-safelisted request-header").
const SIMPLE: [&str; 3] = ["application/x-www-form-urlencoded", "multipart/form-data", "text/plain"];

/// Refuses what may be forged.
pub(super) fn check(csrf: &Csrf, method: &Method, headers: &HeaderMap) -> Result<(), GraphqlError> {
    let is_asked_first = || csrf.required_headers.iter().any(|name| headers.contains_key(name));
    if !csrf.prevention || !is_simple(method, headers) || is_from_here(headers) || is_asked_first() {
        return Ok(());
    }
    let message = format!(
        "This request might have been forged by another site. Send it with a content type such as \
         `application/json`, or with one of the headers {}.",
        csrf.required_headers.join(", ")
    );
    Err(GraphqlError::new(Code::CsrfPrevention, message))
}

fn is_simple(method: &Method, headers: &HeaderMap) -> bool {
    let Some(content_type) = text(headers.get(CONTENT_TYPE)) else { return true };
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    *method == Method::GET || SIMPLE.iter().any(|simple| essence.eq_ignore_ascii_case(simple))
}

/// Whether the request comes from our own pages, from a person's address bar, or from no browser at all: every
/// browser says where a request comes from in `Sec-Fetch-Site`, and before that in `Origin`.
fn is_from_here(headers: &HeaderMap) -> bool {
    if let Some(site) = text(headers.get("sec-fetch-site")) {
        return site == "same-origin" || site == "none";
    }
    match text(headers.get(ORIGIN)) {
        None => true,
        Some(origin) => {
            let host = origin.split_once("://").map(|(_, host)| host);
            host.is_some() && host == text(headers.get(HOST))
        }
    }
}

fn text(value: Option<&http::HeaderValue>) -> Option<&str> {
    value.and_then(|value| value.to_str().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Method, headers, and whether the request is let through.
    type Case<'a> = (&'a Method, &'a [(&'a str, &'a str)], bool);

    #[test]
    fn simple_requests_of_other_sites_are_refused() {
        let csrf = Csrf { prevention: true, required_headers: vec!["apollo-require-preflight".to_owned()] };
        let cases: &[Case<'_>] = &[
            (
                &Method::POST,
                &[("content-type", "application/json"), ("origin", "https://evil.example")],
                true,
            ),
            (&Method::POST, &[("content-type", "multipart/form-data; boundary=x")], true),
            (
                &Method::POST,
                &[("content-type", "multipart/form-data; boundary=x"), ("origin", "https://evil.example")],
                false,
            ),
            (&Method::POST, &[("content-type", "text/plain"), ("sec-fetch-site", "cross-site")], false),
            (&Method::POST, &[("content-type", "text/plain"), ("sec-fetch-site", "same-site")], false),
            (&Method::POST, &[("sec-fetch-site", "cross-site")], false),
            (&Method::POST, &[("content-type", "Text/Plain; x=application/json"), ("origin", "null")], false),
            (
                &Method::POST,
                &[
                    ("content-type", "multipart/form-data"),
                    ("sec-fetch-site", "cross-site"),
                    ("apollo-require-preflight", "1"),
                ],
                true,
            ),
            (
                &Method::POST,
                &[
                    ("content-type", "multipart/form-data"),
                    ("origin", "http://here:4000"),
                    ("host", "here:4000"),
                ],
                true,
            ),
            (
                &Method::POST,
                &[
                    ("content-type", "multipart/form-data"),
                    ("origin", "http://here:4001"),
                    ("host", "here:4000"),
                ],
                false,
            ),
            (&Method::GET, &[], true),
            (&Method::GET, &[("sec-fetch-site", "cross-site")], false),
            (&Method::GET, &[("sec-fetch-site", "same-origin"), ("origin", "https://evil.example")], true),
        ];
        for (method, headers, admitted) in cases {
            let map: HeaderMap =
                headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
            assert_eq!(check(&csrf, method, &map).is_ok(), *admitted, "{method} {headers:?}");
        }
    }
}
