//! GraphiQL at `/`: its files are in the binary, compressed, so that it works without any other server.

use std::io::Read;

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use brotli_decompressor::Decompressor;
use http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, VARY,
};
use http::{HeaderMap, StatusCode};
use serde::Serialize;

use crate::Gateway;

/// An operation that GraphiQL opens in a tab.
#[derive(Clone, Debug, Serialize)]
pub struct Example {
    /// The document; a comment in its first line says what it shows.
    pub query: String,
    /// Variables as JSON, or empty.
    pub variables: String,
}

/// A file of the bundle that `graphiql/build` makes, compressed with Brotli.
struct Asset {
    name: &'static str,
    content_type: &'static str,
    brotli: &'static [u8],
}

const SCRIPT: &str = "text/javascript; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";
const TEXT: &str = "text/plain; charset=utf-8";

macro_rules! asset {
    ($name:literal, $content_type:expr) => {
        Asset {
            name: $name,
            content_type: $content_type,
            brotli: include_bytes!(concat!("../../graphiql/dist/", $name, ".br")),
        }
    };
}

/// The bundle. The names of its files do not change when their contents do, hence the short caching below.
static ASSETS: [Asset; 6] = [
    asset!("graphiql.js", SCRIPT),
    asset!("graphiql.css", STYLE),
    asset!("editor.worker.js", SCRIPT),
    asset!("graphql.worker.js", SCRIPT),
    asset!("json.worker.js", SCRIPT),
    asset!("LICENSES.txt", TEXT),
];

const PAGE: &str = include_str!("../../graphiql/index.html");

/// Everything from here, nothing from elsewhere. The editor sets styles on elements and puts fonts into its style sheet.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self' data:; \
    img-src 'self' data:; connect-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Bytes that the decompressor reads at a time.
const BUFFER: usize = 4096;

pub(super) fn routes() -> Router<Gateway> {
    Router::new()
        .route("/", get(page))
        .route("/graphiql/examples.json", get(examples))
        .route("/graphiql/{name}", get(asset))
}

async fn page() -> impl IntoResponse {
    let headers = [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        (CONTENT_SECURITY_POLICY, POLICY),
        (CACHE_CONTROL, "no-cache"),
    ];
    (headers, PAGE)
}

async fn examples(State(gateway): State<Gateway>) -> impl IntoResponse {
    ([(CACHE_CONTROL, "no-cache")], Json(gateway.hooks().examples.clone()))
}

async fn asset(Path(name): Path<String>, headers: HeaderMap) -> Response {
    let Some(asset) = ASSETS.iter().find(|asset| asset.name == name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let version = concat!("\"", env!("CARGO_PKG_VERSION"), "\"");
    let caching =
        [(CONTENT_TYPE, asset.content_type), (CACHE_CONTROL, "public, max-age=3600"), (ETAG, version)];
    let takes_brotli =
        headers.get(ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).is_some_and(takes_brotli);
    if takes_brotli {
        return (caching, [(CONTENT_ENCODING, "br"), (VARY, "accept-encoding")], asset.brotli)
            .into_response();
    }
    let mut plain = Vec::new();
    match Decompressor::new(asset.brotli, BUFFER).read_to_end(&mut plain) {
        Ok(_) => (caching, [(VARY, "accept-encoding")], plain).into_response(),
        Err(cause) => {
            tracing::error!(%cause, "the file {name} in the binary is broken: {cause}");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

fn takes_brotli(accept_encoding: &str) -> bool {
    accept_encoding.split(',').any(|coding| {
        let (name, parameters) = coding.split_once(';').unwrap_or((coding, ""));
        let is_refused =
            parameters.trim().strip_prefix("q=").and_then(|q| q.parse::<f32>().ok()) == Some(0.0);
        name.trim().eq_ignore_ascii_case("br") && !is_refused
    })
}
