//! The HTTP transport against a real server on the loopback.
use std::sync::Arc;

use axum::{
    Router,
    body::Body as ServerBody,
    extract::{Multipart, Request},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::post,
};
use futures::StreamExt as _;
use http_body_util::BodyExt as _;
use tokio::net::TcpListener;

use super::*;
use crate::transport::{UploadContent, tests::request};

/// Serves `router` until it is dropped; its URL.
async fn serve(router: Router) -> (String, tokio::task::AbortHandle) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/graphql", listener.local_addr().unwrap());
    let server = tokio::task::spawn(async move { axum::serve(listener, router).await.unwrap() });
    (url, server.abort_handle())
}

fn answering(answer: impl Fn() -> Response + Clone + Send + Sync + 'static) -> Router {
    Router::new().route("/graphql", post(move || async move { answer() }))
}

async fn ask(router: Router, options: &HttpOptions) -> Result<SubgraphResponse, TransportError> {
    let (url, server) = serve(router).await;
    let response = Http::new(&url, options).unwrap().execute(request("{ a }")).await;
    server.abort();
    response
}

#[tokio::test]
async fn a_request_carries_query_variables_and_headers_over_both_protocols() {
    async fn echo(request: Request) -> Response {
        let (parts, body) = request.into_parts();
        let about = {
            let header =
                |name| parts.headers.get(name).map(|v| v.to_str().unwrap().to_owned()).unwrap_or_default();
            format!("{:?} {} {}", parts.version, header("authorization"), header("content-type"))
        };
        let body = body.collect().await.unwrap().to_bytes();
        let body = String::from_utf8(body.to_vec()).unwrap();
        let seen = serde_json::json!({ "about": about, "body": body }).to_string();
        ([("content-type", "application/json")], seen).into_response()
    }
    for http2_only in [false, true] {
        let (url, server) = serve(Router::new().route("/graphql", post(echo))).await;
        let options = HttpOptions { http2_only, ..HttpOptions::default() };
        let mut request = request("query($id: ID) { \"a\" }");
        request.variables = Bytes::from_static(b"{\"id\":1}");
        request.headers.insert("authorization", HeaderValue::from_static("Bearer x"));
        let response = Http::new(&url, &options).unwrap().execute(request).await.unwrap();
        server.abort();
        let version = if http2_only { "HTTP/2.0" } else { "HTTP/1.1" };
        let seen: serde_json::Value = serde_json::from_slice(&response.body).unwrap();
        assert_eq!(seen["about"], format!("{version} Bearer x application/json"));
        assert_eq!(seen["body"], r#"{"query":"query($id: ID) { \"a\" }","variables":{"id":1}}"#);
    }
}

#[tokio::test]
async fn a_graphql_response_counts_whatever_its_status_and_nothing_else_does() {
    let json = [("content-type", "application/graphql-response+json; charset=utf-8")];
    let refused = answering(move || (StatusCode::BAD_REQUEST, json, r#"{"errors":[]}"#).into_response());
    assert_eq!(ask(refused, &HttpOptions::default()).await.unwrap().body, r#"{"errors":[]}"#);
    let broken = answering(|| (StatusCode::BAD_GATEWAY, "<html>").into_response());
    assert_eq!(ask(broken, &HttpOptions::default()).await.unwrap_err(), TransportError::Status(502));
}

#[tokio::test]
async fn an_answer_that_is_too_long_is_not_read_to_its_end() {
    let endless = answering(|| {
        let chunks =
            futures::stream::repeat_with(|| Ok::<_, std::io::Error>(Bytes::from_static(&[b' '; 1024])));
        Response::new(ServerBody::from_stream(chunks))
    });
    let options = HttpOptions { max_response_bytes: 10_000, ..HttpOptions::default() };
    assert_eq!(ask(endless, &options).await.unwrap_err(), TransportError::TooLarge(10_000));
}

#[tokio::test]
async fn a_dead_subgraph_is_unreachable() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/graphql", listener.local_addr().unwrap());
    drop(listener);
    let subgraph = Http::new(&url, &HttpOptions::default()).unwrap();
    assert_eq!(subgraph.execute(request("{ a }")).await.unwrap_err(), TransportError::Unreachable);
}

#[test]
fn only_http_urls_are_taken() {
    for url in ["", "graphql", "ftp://host/x", "http//host"] {
        assert_eq!(Http::new(url, &HttpOptions::default()).unwrap_err(), HttpSetupError::Url(url.to_owned()));
    }
}

#[tokio::test]
async fn files_are_streamed_as_a_multipart_request() {
    let take = |mut form: Multipart| async move {
        let mut seen = Vec::new();
        while let Some(field) = form.next_field().await.unwrap() {
            let about = (field.name().map(str::to_owned), field.file_name().map(str::to_owned));
            let kind = field.content_type().map(str::to_owned);
            seen.push(serde_json::json!([about.0, about.1, kind, field.text().await.unwrap()]));
        }
        serde_json::to_string(&seen).unwrap()
    };
    let (url, server) = serve(Router::new().route("/graphql", post(take))).await;
    let chunks = ["ab", "cd"].map(|chunk| Ok(Bytes::from_static(chunk.as_bytes())));
    let upload = Upload {
        variable: "file".into(),
        path: "variables.file".into(),
        file_name: Some("a.txt".into()),
        content_type: Some("text/plain".into()),
        content: UploadContent::new(futures::stream::iter(chunks).boxed()),
    };
    let mut request = request("mutation($file: Upload) { a }");
    request.variables = Bytes::from_static(b"{\"file\":null}");
    request.uploads = vec![upload];
    let subgraph: Arc<dyn Subgraph> = Arc::new(Http::new(&url, &HttpOptions::default()).unwrap());
    let response = subgraph.execute(request).await.unwrap();
    server.abort();
    let seen: serde_json::Value = serde_json::from_slice(&response.body).unwrap();
    let operation = r#"{"query":"mutation($file: Upload) { a }","variables":{"file":null}}"#;
    assert_eq!(
        seen,
        serde_json::json!([
            ["operations", null, null, operation],
            ["map", null, null, r#"{"0":["variables.file"]}"#],
            ["0", "a.txt", "text/plain", "abcd"],
        ])
    );
}
