//! Which media type answers a request (GraphQL over HTTP, "Accept"; RFC 9110, section 12.5.1).

use http::HeaderMap;
use http::header::ACCEPT;

/// The media types that we can answer in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MediaType {
    /// `application/graphql-response+json`, whose status says how the request went.
    GraphqlResponse,
    /// `application/json`, for clients from before the former: well-formed requests are answered with 200.
    Json,
}

impl MediaType {
    /// The value of `Content-Type`.
    pub(super) fn content_type(self) -> &'static str {
        match self {
            Self::GraphqlResponse => "application/graphql-response+json; charset=utf-8",
            Self::Json => "application/json; charset=utf-8",
        }
    }

    fn subtype(self) -> &'static str {
        match self {
            Self::GraphqlResponse => "graphql-response+json",
            Self::Json => "json",
        }
    }
}

/// How well a range of `Accept` likes a media type.
#[derive(Clone, Copy)]
struct Liking {
    /// How exactly the range names the type: only the most exact range counts.
    exactness: u8,
    /// 0 to 1000.
    quality: u16,
    /// Its place in the header; the earlier wins among equals.
    place: usize,
}

/// The media type that the client likes best, or `None` if it accepts neither.
///
/// Without the header the specification asks for `application/graphql-response+json`; a client that accepts anything
/// (`*/*`, the default of most) may be too old to know that type and gets `application/json`.
pub(super) fn negotiate(headers: &HeaderMap) -> Option<MediaType> {
    let lines: Vec<&str> = headers.get_all(ACCEPT).iter().filter_map(|line| line.to_str().ok()).collect();
    if lines.is_empty() {
        return Some(MediaType::GraphqlResponse);
    }
    let header = lines.join(",");
    let json = liking(&header, MediaType::Json);
    let response = liking(&header, MediaType::GraphqlResponse);
    match (json, response) {
        (None, None) => None,
        (Some(_), None) => Some(MediaType::Json),
        (None, Some(_)) => Some(MediaType::GraphqlResponse),
        (Some(json), Some(response)) => {
            let rank = |liking: Liking| (liking.quality, std::cmp::Reverse(liking.place));
            Some(if rank(response) > rank(json) { MediaType::GraphqlResponse } else { MediaType::Json })
        }
    }
}

fn liking(header: &str, media_type: MediaType) -> Option<Liking> {
    let ranges = header.split(',').enumerate().filter_map(|(place, range)| {
        let mut parts = range.split(';').map(str::trim);
        let exactness = exactness(parts.next()?, media_type)?;
        let quality = parts.try_fold(1000, |quality, parameter| match parameter.split_once('=') {
            Some((name, value)) if name.trim().eq_ignore_ascii_case("q") => thousandths(value.trim()),
            // We write UTF-8 and nothing else.
            Some((name, value)) if name.trim().eq_ignore_ascii_case("charset") => {
                value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8").then_some(quality)
            }
            _ => Some(quality),
        })?;
        Some(Liking { exactness, quality, place })
    });
    let exact = ranges.max_by_key(|liking| (liking.exactness, std::cmp::Reverse(liking.place)))?;
    (exact.quality > 0).then_some(exact)
}

fn exactness(range: &str, media_type: MediaType) -> Option<u8> {
    let (main, sub) = range.split_once('/')?;
    if main == "*" && sub == "*" {
        return Some(0);
    }
    if !main.eq_ignore_ascii_case("application") {
        return None;
    }
    match sub {
        "*" => Some(1),
        sub => sub.eq_ignore_ascii_case(media_type.subtype()).then_some(2),
    }
}

/// A quality of 0 to 1 with at most three decimals, in thousandths.
fn thousandths(text: &str) -> Option<u16> {
    let quality: f32 = text.parse().ok()?;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "within 0 to 1000, see the filter"
    )]
    let thousandths = |quality: f32| (quality * 1000.0) as u16;
    Some(quality).filter(|quality| (0.0..=1.0).contains(quality)).map(thousandths)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_liked_type_wins() {
        let cases = [
            ("application/json", Some(MediaType::Json)),
            ("application/graphql-response+json", Some(MediaType::GraphqlResponse)),
            ("application/graphql-response+json, application/json;q=0.9", Some(MediaType::GraphqlResponse)),
            ("application/json;q=0.9, application/graphql-response+json", Some(MediaType::GraphqlResponse)),
            ("application/json, application/graphql-response+json", Some(MediaType::Json)),
            ("application/graphql-response+json, application/json", Some(MediaType::GraphqlResponse)),
            ("APPLICATION/JSON; charset=UTF-8", Some(MediaType::Json)),
            (
                "application/graphql-response+json; charset=utf-8, application/json; charset=utf-8",
                Some(MediaType::GraphqlResponse),
            ),
            ("application/json; charset=utf-16", None),
            ("*/*", Some(MediaType::Json)),
            ("application/*", Some(MediaType::Json)),
            ("*/*;q=0.1, application/graphql-response+json", Some(MediaType::GraphqlResponse)),
            ("application/json;q=0, */*", Some(MediaType::GraphqlResponse)),
            ("application/json;q=0, application/graphql-response+json;q=0", None),
            ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", Some(MediaType::Json)),
            ("text/html", None),
            ("text/event-stream", None),
            ("application/json;q=2", None),
            ("nonsense", None),
        ];
        for (accept, expected) in cases {
            let headers = HeaderMap::from_iter([(ACCEPT, accept.parse().unwrap())]);
            assert_eq!(negotiate(&headers), expected, "{accept}");
        }
        assert_eq!(negotiate(&HeaderMap::new()), Some(MediaType::GraphqlResponse));
    }
}
