//! The gateway's settings: every key is required here, because the defaults and their manual stand in
//! `souk.default.toml`, of which this is the `[gateway]` section.

use std::net::IpAddr;
use std::time::Duration;

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use crate::transport::{Bounds, HttpOptions};

/// The `[gateway]` section.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Address to listen on. `127.0.0.1` admits this machine only, `0.0.0.0` everyone.
    pub host: IpAddr,
    /// Port to listen on; 0 takes any free one.
    pub port: u16,
    /// How long a request may take before it is answered with `REQUEST_TIMEOUT`, in milliseconds.
    pub request_timeout_ms: u64,
    /// How long a client may take to send the head of a request, or to begin the next one on the same connection, in
    /// milliseconds; then the connection is closed.
    pub head_timeout_ms: u64,
    /// How long running requests may still take after the signal to stop, in milliseconds.
    pub shutdown_grace_ms: u64,
    /// Largest request body that is not an upload, in bytes. A larger one is answered with 413.
    pub body_limit_bytes: usize,
    /// Compress answers with Brotli or gzip for clients that accept it.
    pub compression: bool,
    /// Serve GraphiQL at `/`.
    pub graphiql: bool,
    /// Answer `__schema` and `__type`.
    pub introspection: bool,
    /// Memory for prepared operations, in bytes (estimated).
    pub operation_cache_bytes: u64,
    /// What an operation may ask for at most.
    pub limits: Limits,
    /// What becomes of fields that the caller may not have.
    pub authorization: Authorization,
    /// File uploads by the GraphQL multipart request specification.
    pub uploads: Uploads,
    /// Which other sites' scripts may call.
    pub cors: Cors,
    /// Protection against requests forged by other sites.
    pub csrf: Csrf,
    /// What of a request's headers reaches subgraphs.
    pub headers: Headers,
    /// How subgraphs are reached.
    pub subgraphs: SubgraphBounds,
}

/// The `[gateway.limits]` section: bounds on one operation, checked before it is planned.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Most lexical tokens in the text of a request's document.
    pub tokens: usize,
    /// Deepest nesting of fields, with fragments expanded.
    pub depth: usize,
    /// Most fields, with fragments expanded wherever they are spread.
    pub fields: usize,
    /// Most objects that an answer may hold, estimated from the sizes of the lists that are asked for.
    pub cost: u64,
    /// How long a list is taken to be whose size neither an argument nor `@listSize` tells.
    pub list_size: u64,
    /// How long validating and planning one operation may take, in milliseconds.
    pub planning_timeout_ms: u64,
    /// How many operations may be planned at the same time; 0 means one per processor.
    pub planning_threads: usize,
}

/// The `[gateway.authorization]` section: `@authenticated`, `@requiresScopes` and `@policy`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Authorization {
    /// Refuse a whole request that asks for a field its caller may not have. Otherwise the field is null, with an error.
    pub reject_unauthorized: bool,
}

/// The `[gateway.uploads]` section.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Uploads {
    /// Accept `multipart/form-data` requests.
    pub enabled: bool,
    /// Most files in one request.
    pub files: usize,
    /// Largest file, in bytes.
    pub file_bytes: usize,
    /// Most requests with files that are taken in and answered at the same time; others wait.
    pub at_once: usize,
}

/// The `[gateway.cors]` section.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Cors {
    /// Origins whose scripts may read answers, such as `https://shop.example`; `*` admits all and
    /// rules out `credentials`. Empty: none but our own.
    pub origins: Vec<String>,
    /// Let browsers send cookies and HTTP authentication along.
    pub credentials: bool,
    /// How long a browser may remember a preflight's answer, in seconds.
    pub max_age_seconds: u64,
}

/// The `[gateway.csrf]` section.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Csrf {
    /// Refuse requests that a browser would send for another site without asking first.
    pub prevention: bool,
    /// Headers of which one must be present where the content type does not show that a preflight took place.
    pub required_headers: Vec<String>,
}

/// The `[gateway.headers]` section.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Headers {
    /// Headers that are handed on to subgraphs; all others stay here.
    pub forward: Vec<String>,
    /// Networks of the proxies in front of us: only from them is `X-Forwarded-For` believed.
    pub trusted_proxies: Vec<IpNet>,
}

/// The `[gateway.subgraphs]` section: bounds on each request to a subgraph.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct SubgraphBounds {
    /// How long an answer may take, in milliseconds.
    pub timeout_ms: u64,
    /// How long opening a connection may take, in milliseconds.
    pub connect_timeout_ms: u64,
    /// How long an idle connection is kept for the next request, in milliseconds.
    pub idle_timeout_ms: u64,
    /// Longest answer that is taken, in bytes after decompression.
    pub response_bytes: usize,
    /// Speak HTTP/2 from the first byte, without TLS (h2c). With TLS, both sides agree by themselves.
    pub h2c: bool,
}

impl Settings {
    /// The longest that a request may take.
    pub(crate) fn request_timeout(&self) -> Duration {
        Duration::from_millis(self.request_timeout_ms)
    }

    /// The longest that the head of a request may take to come.
    pub(crate) fn head_timeout(&self) -> Duration {
        Duration::from_millis(self.head_timeout_ms)
    }

    /// The longest that running requests may take after the signal to stop.
    pub(crate) fn shutdown_grace(&self) -> Duration {
        Duration::from_millis(self.shutdown_grace_ms)
    }
}

impl SubgraphBounds {
    /// What stands between the executor and every subgraph.
    pub fn bounds(&self) -> Bounds {
        Bounds { timeout: Duration::from_millis(self.timeout_ms), max_response_bytes: self.response_bytes }
    }

    /// How a subgraph behind a URL is reached.
    pub fn http_options(&self) -> HttpOptions {
        HttpOptions {
            connect_timeout: Duration::from_millis(self.connect_timeout_ms),
            idle_timeout: Duration::from_millis(self.idle_timeout_ms),
            max_response_bytes: self.response_bytes,
            http2_only: self.h2c,
        }
    }
}

impl Limits {
    /// The longest that preparing one operation may take.
    pub(crate) fn planning_timeout(&self) -> Duration {
        Duration::from_millis(self.planning_timeout_ms)
    }
}
