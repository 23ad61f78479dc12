//! The GraphQL multipart request specification.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::routing::post;
use futures::stream::{self, BoxStream, StreamExt};
use insta::assert_snapshot;
use sha2::{Digest, Sha256};
use souk_gateway::transport::{InProcess, Subgraph, SubgraphRequest};
use souk_gateway::{Authenticate, Claims, Gateway, GraphqlError};

use super::bed::{Reply, SDL, builder, gateway, send, settings, supergraph};

/// A form of `operations`, `map` and files: name of the part, file name, content.
fn form(operations: &str, map: &str, files: &[(&str, &str, &str)]) -> String {
    let part = |head: String, content: &str| {
        format!("--B\r\ncontent-disposition: form-data; name={head}\r\n\r\n{content}\r\n")
    };
    let mut text = part("\"operations\"".to_owned(), operations) + &part("\"map\"".to_owned(), map);
    for (name, file_name, content) in files {
        text += &part(format!("\"{name}\"; filename=\"{file_name}\"\r\ncontent-type: image/png"), content);
    }
    text + "--B--\r\n"
}

async fn upload(body: String) -> Reply {
    let headers = [
        ("content-type", "multipart/form-data; boundary=B"),
        ("accept", "application/graphql-response+json"),
    ];
    send(&gateway(), "POST", "/graphql", &headers, Body::from(body)).await
}

const ONE: &str = r#"{"query":"mutation($f: Upload!) { upload(file: $f) }","variables":{"f":null}}"#;
const MANY: &str = r#"{"query":"mutation($d: Draft!) { publish(draft: $d) }","variables":{"d":{"title":"t","files":[null,null],"cover":null}}}"#;
const MANY_MAP: &str =
    r#"{"0":["variables.d.files.0"],"1":["variables.d.files.1"],"c":["variables.d.cover"]}"#;

#[tokio::test]
async fn files_reach_the_variables_that_the_map_names() {
    let reply = upload(form(ONE, r#"{"0":["variables.f"]}"#, &[("0", "a.png", "12345")])).await;
    assert_snapshot!(reply.text, @r#"{"data":{"upload":"f variables.f a.png image/png 5"}}"#);
    let files = [("c", "cover.png", "1"), ("0", "a.png", "12"), ("1", "b.png", "")];
    assert_snapshot!(upload(form(MANY, MANY_MAP, &files)).await.text, @r#"{"data":{"publish":"d variables.d.files.0 a.png image/png 2; d variables.d.files.1 b.png image/png 0; d variables.d.cover cover.png image/png 1"}}"#);
    let large = "x".repeat(150_000);
    let reply = upload(form(ONE, r#"{"0":["variables.f"]}"#, &[("0", "a.png", &large)])).await;
    assert_snapshot!(reply.text, @r#"{"data":{"upload":"f variables.f a.png image/png 150000"}}"#);
}

#[tokio::test]
async fn broken_forms_are_refused_with_a_reason() {
    let file = ("0", "a.png", "1");
    let told = async |body: String| {
        let reply = upload(body).await;
        format!("{} {}", reply.status.as_u16(), reply.text)
    };
    assert_snapshot!(told(form(ONE, r#"{"0":["variables.f"]}"#, &[])).await, @r#"400 {"errors":[{"message":"`map` names the file \"0\", which is missing.","extensions":{"code":"BAD_REQUEST"}}]}"#);
    assert_snapshot!(told(form(ONE, r#"{"0":["variables.other"]}"#, &[file])).await, @r#"400 {"errors":[{"message":"`map` names \"variables.other\", where `operations` has no null.","extensions":{"code":"BAD_REQUEST"}}]}"#);
    assert_snapshot!(told(form(ONE, r#"{"0":["f"]}"#, &[file])).await, @r#"400 {"errors":[{"message":"`map` names \"f\", where `operations` has no null.","extensions":{"code":"BAD_REQUEST"}}]}"#);
    assert_snapshot!(told(form(ONE, r#"{"0":["variables.f","variables.f"]}"#, &[file])).await, @r#"400 {"errors":[{"message":"`map` must name exactly one place for the file \"0\".","extensions":{"code":"BAD_REQUEST"}}]}"#);
    assert_snapshot!(told(form(ONE, r#"{"0":"variables.f"}"#, &[file])).await, @r#"400 {"errors":[{"message":"`map` must be a JSON object of lists of strings.","extensions":{"code":"BAD_REQUEST"}}]}"#);
    assert_snapshot!(told(form(ONE, "{}", &[])).await, @r#"400 {"errors":[{"message":"Variable \"$f\" of non-null type \"Upload!\" must not be null.","locations":[{"line":1,"column":10}],"extensions":{"code":"BAD_USER_INPUT"}}]}"#);
    assert_snapshot!(told(form(&format!("[{ONE}]"), r#"{"0":["0.variables.f"]}"#, &[file])).await, @r#"400 {"errors":[{"message":"Several operations in one request are not supported: send one request each.","extensions":{"code":"BAD_REQUEST"}}]}"#);
    assert_snapshot!(told("--B--\r\n".to_owned()).await, @r#"400 {"errors":[{"message":"The form must begin with `operations` and `map`; `operations` is not where it should be.","extensions":{"code":"BAD_REQUEST"}}]}"#);
    assert_snapshot!(told("nonsense".to_owned()).await, @r#"400 {"errors":[{"message":"The form is broken or incomplete.","extensions":{"code":"BAD_REQUEST"}}]}"#);
    let text_for_a_file = r#"{"query":"mutation($n: String!) { rename(name: $n) }","variables":{"n":null}}"#;
    assert_snapshot!(told(form(text_for_a_file, r#"{"0":["variables.n"]}"#, &[file])).await, @r##"400 {"errors":[{"message":"Variable \"$n\" got invalid value {\"#file\":0}; String cannot represent a non string value: {\"#file\":0}","locations":[{"line":1,"column":10}],"extensions":{"code":"BAD_USER_INPUT"}}]}"##);
}

#[tokio::test]
async fn files_are_bounded_in_size_and_number() {
    let large = "x".repeat(250_000);
    let reply = upload(form(ONE, r#"{"0":["variables.f"]}"#, &[("0", "a.png", &large)])).await;
    assert_eq!(
        (reply.status.as_u16(), reply.code().as_str()),
        (413, "PAYLOAD_TOO_LARGE"),
        "the last file is read while it arrives"
    );
    let files = [("0", "a.png", large.as_str()), ("1", "b.png", ""), ("c", "c.png", "")];
    let reply = upload(form(MANY, MANY_MAP, &files)).await;
    assert_eq!(
        (reply.status.as_u16(), reply.code().as_str()),
        (413, "PAYLOAD_TOO_LARGE"),
        "the others are put aside"
    );
    let reply = upload(form(ONE, r#"{"0":["a"],"1":["b"],"2":["c"],"3":["d"]}"#, &[])).await;
    assert_eq!((reply.status.as_u16(), reply.code().as_str()), (413, "PAYLOAD_TOO_LARGE"));
}

#[tokio::test]
async fn uploads_can_be_switched_off() {
    let mut settings = settings();
    settings.uploads.enabled = false;
    let gateway = builder(settings).build().unwrap();
    let headers = [("content-type", "multipart/form-data; boundary=B")];
    let body = form(ONE, r#"{"0":["variables.f"]}"#, &[("0", "a.png", "1")]);
    assert_eq!(send(&gateway, "POST", "/graphql", &headers, body).await.status, 415);
}

/// Knows one token.
struct Tokens;

#[async_trait::async_trait]
impl Authenticate for Tokens {
    async fn authenticate(&self, headers: &http::HeaderMap) -> Result<http::Extensions, GraphqlError> {
        let mut extensions = http::Extensions::new();
        if headers.contains_key("authorization") {
            extensions.insert(Claims { is_authenticated: true, ..Claims::default() });
        }
        Ok(extensions)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slow_visitors_keep_nobody_out_who_says_who_they_are() {
    const HEADERS: [(&str, &str); 3] = [
        ("content-type", "multipart/form-data; boundary=B"),
        ("apollo-require-preflight", "true"),
        ("authorization", "Bearer good"),
    ];
    let mut settings = settings();
    settings.uploads.at_once = 4;
    let gateway = builder(settings).authenticate(Tokens).build().unwrap();
    let whole = form(ONE, r#"{"0":["variables.f"]}"#, &[("0", "a.png", "123")]);
    // As many as there are places, and more: none of their files ever ends.
    let slow: Vec<_> = (0..8)
        .map(|_| {
            let (gateway, begun) = (gateway.clone(), whole.replace("123\r\n--B--\r\n", "1"));
            let begun = stream::once(async { Ok::<_, std::io::Error>(begun) });
            let body = Body::from_stream(begun.chain(stream::pending()));
            tokio::spawn(async move { send(&gateway, "POST", "/graphql", &HEADERS[..2], body).await.status })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(200)).await;
    let patience = Duration::from_secs(5);
    let known = send(&gateway, "POST", "/graphql", &HEADERS, Body::from(whole.clone()));
    let known = tokio::time::timeout(patience, known).await.expect("there is a place");
    assert_snapshot!(known.text, @r#"{"data":{"upload":"f variables.f a.png image/png 3"}}"#);
    let visitor = send(&gateway, "POST", "/graphql", &HEADERS[..2], Body::from(whole));
    let visitor = tokio::time::timeout(Duration::from_millis(200), visitor).await;
    assert!(visitor.is_err(), "visitors wait for each other");
    slow.into_iter().for_each(|task| task.abort());
}

/// A file of 64 MiB that is made while it is sent, and how much of it was taken.
const CHUNK: usize = 64 << 10;
const CHUNKS: usize = 1_024;
/// The most that may be on its way: what sockets and channels hold, far less than the file.
const ON_THE_WAY: usize = 8 << 20;

fn chunk(number: usize) -> Bytes {
    vec![u8::try_from(number % 251).unwrap(); CHUNK].into()
}

fn large_form(taken: &Arc<AtomicUsize>) -> Body {
    let head = form(ONE, r#"{"0":["variables.f"]}"#, &[]).replace("--B--\r\n", "")
        + "--B\r\ncontent-disposition: form-data; name=\"0\"; filename=\"a.bin\"\r\n\r\n";
    let taken = Arc::clone(taken);
    let chunks = (0..CHUNKS).map(move |number| {
        taken.fetch_add(CHUNK, Ordering::SeqCst);
        chunk(number)
    });
    let parts = std::iter::once(Bytes::from(head)).chain(chunks);
    let parts = parts.chain(std::iter::once(Bytes::from_static(b"\r\n--B--\r\n")));
    Body::from_stream(stream::iter(parts.map(Ok::<_, std::io::Error>)))
}

/// Reads a file, as slowly as it takes to see that no one hurries ahead; answers with its digest.
async fn digest<E>(mut file: BoxStream<'static, Result<Bytes, E>>, taken: &AtomicUsize) -> Bytes {
    let (mut digest, mut read) = (Sha256::new(), 0);
    while let Some(Ok(bytes)) = file.next().await {
        assert!(bytes.len() <= ON_THE_WAY, "{} bytes come at once", bytes.len());
        digest.update(&bytes);
        read += bytes.len();
        if read % (CHUNK * 64) < bytes.len() {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        let ahead = taken.load(Ordering::SeqCst).saturating_sub(read);
        assert!(ahead <= ON_THE_WAY, "{ahead} bytes are held after {read}");
    }
    serde_json::json!({ "data": { "upload": format!("{read} {:x}", digest.finalize()) } }).to_string().into()
}

async fn upload_large(subgraph: Option<Arc<dyn Subgraph>>, url: Option<String>, taken: &Arc<AtomicUsize>) {
    let mut settings = settings();
    settings.uploads.file_bytes = CHUNK * CHUNKS;
    (settings.request_timeout_ms, settings.subgraphs.timeout_ms) = (60_000, 60_000);
    let sdl = supergraph(SDL).replace(r#"url: """#, &format!("url: {:?}", url.unwrap_or_default()));
    let mut gateway = Gateway::builder(settings).supergraph(sdl);
    if let Some(subgraph) = subgraph {
        gateway = gateway.subgraph("echo", subgraph);
    }
    let headers = [
        ("content-type", "multipart/form-data; boundary=B"),
        ("accept", "application/graphql-response+json"),
        ("apollo-require-preflight", "true"),
    ];
    let reply = send(&gateway.build().unwrap(), "POST", "/graphql", &headers, large_form(taken)).await;
    let mut expected = Sha256::new();
    (0..CHUNKS).for_each(|number| expected.update(chunk(number)));
    let expected = format!("{} {:x}", CHUNK * CHUNKS, expected.finalize());
    assert_eq!(reply.json(), serde_json::json!({ "data": { "upload": expected } }));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_large_file_flows_through_to_a_subgraph_in_this_process() {
    let taken = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&taken);
    let subgraph = InProcess::new(move |request: SubgraphRequest| {
        let seen = Arc::clone(&seen);
        async move { digest(request.uploads[0].content.take().unwrap(), &seen).await }
    });
    upload_large(Some(Arc::new(subgraph)), None, &taken).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_large_file_flows_through_to_a_subgraph_behind_a_socket() {
    let taken = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&taken);
    let answer = move |request: Request| {
        let seen = Arc::clone(&seen);
        async move {
            let kind = request.headers()["content-type"].to_str().unwrap().to_owned();
            let boundary = multer::parse_boundary(kind).unwrap();
            let pieces = request.into_body().into_data_stream().then(async |piece| {
                tokio::task::yield_now().await;
                piece
            });
            let mut parts = multer::Multipart::new(pieces, boundary);
            while let Some(part) = parts.next_field().await.unwrap() {
                if part.name() == Some("0") {
                    return ([("content-type", "application/json")], digest(part.boxed(), &seen).await);
                }
            }
            panic!("the form has no file");
        }
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/graphql", listener.local_addr().unwrap());
    let routes = Router::new().route("/graphql", post(answer));
    let server = tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
    upload_large(None, Some(url), &taken).await;
    server.abort();
}
