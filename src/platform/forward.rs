//! Hands requests for files on to the subgraph that has them, where it runs in another process: clients know the
//! gateway alone.

use std::time::Duration;

use anyhow::Context;
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::{HeaderName, StatusCode, header};
use reqwest::{Client, Url};

/// How long the head of an answer may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// What of a request the subgraph gets to see.
const ASKED: [HeaderName; 5] =
    [header::ACCEPT, header::IF_NONE_MATCH, header::IF_MODIFIED_SINCE, header::IF_RANGE, header::RANGE];

/// What of an answer the client gets to see.
const TOLD: [HeaderName; 9] = [
    header::ACCEPT_RANGES,
    header::CACHE_CONTROL,
    header::CONTENT_LENGTH,
    header::CONTENT_RANGE,
    header::CONTENT_SECURITY_POLICY,
    header::CONTENT_TYPE,
    header::ETAG,
    header::LAST_MODIFIED,
    header::X_CONTENT_TYPE_OPTIONS,
];

#[derive(Clone)]
struct Target {
    client: Client,
    origin: Url,
}

/// Routes for GET and HEAD below each of `prefixes`, answered by the process whose GraphQL endpoint is at `url`.
pub(crate) fn routes(prefixes: &[&str], url: &str) -> anyhow::Result<Router> {
    let origin = Url::parse(url).with_context(|| format!("`{url}` is no URL"))?;
    let redirects = reqwest::redirect::Policy::none();
    let client = Client::builder().redirect(redirects).no_proxy().build()?;
    let target = Target { client, origin };
    let paths = prefixes.iter().map(|prefix| format!("{prefix}/{{*path}}"));
    Ok(paths.fold(Router::new(), |routes, path| routes.route(&path, get(forward))).with_state(target))
}

async fn forward(State(target): State<Target>, request: Request) -> Response {
    let mut url = target.origin;
    url.set_path(request.uri().path());
    url.set_query(request.uri().query());
    let mut asked = target.client.request(request.method().clone(), url);
    for name in ASKED {
        for value in request.headers().get_all(&name) {
            asked = asked.header(&name, value);
        }
    }
    match tokio::time::timeout(PATIENCE, asked.send()).await {
        Ok(Ok(answer)) => answered(answer),
        Ok(Err(error)) => {
            tracing::warn!(cause = %error, "a file cannot be had from its subgraph: {error}");
            StatusCode::BAD_GATEWAY.into_response()
        }
        Err(_) => StatusCode::GATEWAY_TIMEOUT.into_response(),
    }
}

fn answered(answer: reqwest::Response) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = answer.status();
    for name in TOLD {
        for value in answer.headers().get_all(&name) {
            response.headers_mut().append(&name, value.clone());
        }
    }
    *response.body_mut() = Body::from_stream(answer.bytes_stream());
    response
}
