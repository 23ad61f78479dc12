//! A subgraph behind a URL: GraphQL over HTTP on pooled connections, files as a multipart request.
use std::time::Duration;

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderValue, header};
use reqwest::{
    Body, Client, RequestBuilder, Url,
    multipart::{Form, Part},
};

use super::{Subgraph, SubgraphRequest, SubgraphResponse, TransportError, Upload};

/// How to reach a subgraph over HTTP.
#[derive(Debug, Clone)]
pub struct HttpOptions {
    /// How long a connection may take to open.
    pub connect_timeout: Duration,
    /// How long an idle connection is kept for the next request.
    pub idle_timeout: Duration,
    /// The longest answer that is read, in bytes after decompression.
    pub max_response_bytes: usize,
    /// Speak HTTP/2 from the first byte, without TLS (h2c). With TLS, the two sides agree by themselves.
    pub http2_only: bool,
}

impl Default for HttpOptions {
    /// 2 s to connect, 90 s idle, 64 MiB, HTTP/1.1 or what TLS agrees on.
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(2),
            idle_timeout: Duration::from_secs(90),
            max_response_bytes: 64 << 20,
            http2_only: false,
        }
    }
}

/// Why a subgraph's URL or options cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HttpSetupError {
    /// The URL is not one, or not `http:` or `https:`.
    #[error("`{0}` is not an HTTP URL")]
    Url(String),
    /// The client cannot be set up.
    #[error("no HTTP client: {0}")]
    Client(String),
}

/// A subgraph behind a URL.
#[derive(Debug, Clone)]
pub struct Http {
    client: Client,
    url: Url,
    max_response_bytes: usize,
}

impl Http {
    /// The subgraph at `url`. It has a pool of connections of its own.
    pub fn new(url: &str, options: &HttpOptions) -> Result<Self, HttpSetupError> {
        let parsed = Url::parse(url).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
        let parsed = parsed.ok_or_else(|| HttpSetupError::Url(url.to_owned()))?;
        // Whoever runs the process may have chosen; without a choice the client would panic.
        if rustls::crypto::CryptoProvider::get_default().is_none() {
            let _ = rustls::crypto::ring::default_provider().install_default();
        }
        // Where requests go is said by the configuration, not by the environment.
        let builder = Client::builder()
            .no_proxy()
            .connect_timeout(options.connect_timeout)
            .pool_idle_timeout(options.idle_timeout)
            .tcp_nodelay(true)
            .redirect(reqwest::redirect::Policy::none());
        let builder = if options.http2_only { builder.http2_prior_knowledge() } else { builder };
        let client = builder.build().map_err(|error| HttpSetupError::Client(error.to_string()))?;
        Ok(Self { client, url: parsed, max_response_bytes: options.max_response_bytes })
    }

    fn post(&self, request: SubgraphRequest) -> RequestBuilder {
        let body = operation_json(&request);
        let mut headers = request.headers;
        let accept = HeaderValue::from_static("application/graphql-response+json, application/json;q=0.9");
        headers.insert(header::ACCEPT, accept);
        let post = self.client.post(self.url.clone());
        if request.uploads.is_empty() {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
            return post.headers(headers).body(body);
        }
        // Servers that guard against forged requests take multipart bodies only with a header that forms cannot send.
        headers.insert("apollo-require-preflight", HeaderValue::from_static("true"));
        headers.remove(header::CONTENT_TYPE);
        post.headers(headers).multipart(form(body, request.uploads))
    }

    async fn read(&self, mut response: reqwest::Response) -> Result<Bytes, TransportError> {
        let announced =
            response.content_length().and_then(|length| usize::try_from(length).ok()).unwrap_or(0);
        let too_large = || TransportError::TooLarge(self.max_response_bytes);
        if announced > self.max_response_bytes {
            return Err(too_large());
        }
        let mut body = BytesMut::new();
        while let Some(chunk) = response.chunk().await.map_err(|_| TransportError::Unreachable)? {
            if body.len() + chunk.len() > self.max_response_bytes {
                return Err(too_large());
            }
            if body.is_empty() {
                body.reserve(announced.max(chunk.len()));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body.freeze())
    }
}

#[async_trait]
impl Subgraph for Http {
    async fn execute(&self, request: SubgraphRequest) -> Result<SubgraphResponse, TransportError> {
        let response = self.post(request).send().await.map_err(|_| TransportError::Unreachable)?;
        let (status, headers) = (response.status(), response.headers().clone());
        // A GraphQL response may come with any status; anything else only says that the subgraph is not itself.
        if !status.is_success() && !is_json(&headers) {
            return Err(TransportError::Status(status.as_u16()));
        }
        let body = self.read(response).await?;
        Ok(SubgraphResponse { body, headers })
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    kind.eq_ignore_ascii_case("application/json")
        || kind.eq_ignore_ascii_case("application/graphql-response+json")
}

fn operation_json(request: &SubgraphRequest) -> Vec<u8> {
    let mut json = Vec::with_capacity(request.query.len() + request.variables.len() + 64);
    json.extend_from_slice(b"{\"query\":");
    // Writing a string to a vector does not fail.
    let _ = serde_json::to_writer(&mut json, &*request.query);
    if request.variables.len() > 2 {
        json.extend_from_slice(b",\"variables\":");
        json.extend_from_slice(&request.variables);
    }
    json.push(b'}');
    json
}

/// The multipart form of the GraphQL multipart request specification: operation, map, then the files as they come.
fn form(operation: Vec<u8>, uploads: Vec<Upload>) -> Form {
    let map: serde_json::Map<String, serde_json::Value> = uploads
        .iter()
        .enumerate()
        .map(|(at, upload)| (at.to_string(), vec![upload.path.clone()].into()))
        .collect();
    let json = |bytes: Vec<u8>| Part::bytes(bytes);
    let map = serde_json::to_vec(&map).unwrap_or_default();
    let mut form = Form::new().part("operations", json(operation)).part("map", json(map));
    for (at, upload) in uploads.into_iter().enumerate() {
        let Some(content) = upload.content.take() else { continue };
        form =
            form.part(at.to_string(), file_part(content, upload.file_name, upload.content_type.as_deref()));
    }
    form
}

fn file_part(content: super::upload::ContentStream, name: Option<String>, kind: Option<&str>) -> Part {
    let part = Part::stream(Body::wrap_stream(content)).file_name(name.unwrap_or_else(|| "file".to_owned()));
    let mut headers = HeaderMap::new();
    if let Some(kind) = kind.and_then(|kind| HeaderValue::from_str(kind).ok()) {
        headers.insert(header::CONTENT_TYPE, kind);
    }
    part.headers(headers)
}

#[cfg(test)]
mod tests;
