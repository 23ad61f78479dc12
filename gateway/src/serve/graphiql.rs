//! GraphiQL at `/`: its files are in the binary, compressed, so that it works without any other server.

use std::io::Read;

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use brotli_decompressor::Decompressor;
use http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG,
    IF_NONE_MATCH, VARY,
};
use http::{HeaderMap, HeaderName, StatusCode};
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

impl Asset {
    /// Changes with the contents: the end of a compressed file hangs on everything before it.
    fn version(&self) -> String {
        let last: Vec<String> = self.brotli.iter().rev().take(16).map(|byte| format!("{byte:02x}")).collect();
        format!("\"{}-{}\"", self.brotli.len(), last.concat())
    }
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

/// The bundle. The names of its files do not change when their contents do: browsers ask each time, and get nothing
/// anew that has not changed.
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
    let version = asset.version();
    let header =
        |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if header(IF_NONE_MATCH).contains(&version) {
        return (StatusCode::NOT_MODIFIED, [(ETAG, version)]).into_response();
    }
    let caching =
        [(CACHE_CONTROL, "no-cache"), (CONTENT_TYPE, asset.content_type), (VARY, "accept-encoding")];
    if takes_brotli(header(ACCEPT_ENCODING)) {
        return (caching, [(ETAG, version)], [(CONTENT_ENCODING, "br")], asset.brotli).into_response();
    }
    let mut plain = Vec::new();
    match Decompressor::new(asset.brotli, BUFFER).read_to_end(&mut plain) {
        Ok(_) => (caching, [(ETAG, version)], plain).into_response(),
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
