//! Reloading under load, stopping while requests run, and asking without sockets.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use serde_json::json;
use souk_gateway::compose::{SubgraphSource, compose};
use souk_gateway::transport::{InProcess, Subgraph};
use souk_gateway::{Gateway, Request};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

use super::bed::{SDL, builder, echo, gateway, settings, supergraph};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reloading_drops_no_request() {
    let gateway = gateway();
    let (stop, answered) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let clients: Vec<_> = (0..4)
        .map(|client| {
            let (gateway, stop, answered) = (gateway.clone(), Arc::clone(&stop), Arc::clone(&answered));
            tokio::spawn(async move {
                while !stop.load(Ordering::Relaxed) {
                    let ms = client * 3;
                    let answer = gateway.execute(Request::new(format!("{{ hello slow(ms: {ms}) }}"))).await;
                    let expected = format!(r#"{{"data":{{"hello":"Hello you","slow":"after {ms} ms"}}}}"#);
                    assert_eq!(std::str::from_utf8(&answer.body).unwrap(), expected);
                    answered.fetch_add(1, Ordering::Relaxed);
                }
            })
        })
        .collect();
    for round in 0..10 {
        let sdl = format!("{SDL} extend type Query {{ round{round}: String }}");
        let subgraph: Arc<dyn Subgraph> = Arc::new(echo(&sdl));
        let loaded = gateway.clone();
        tokio::task::spawn_blocking(move || {
            loaded.reload(&supergraph(&sdl), [("echo".to_owned(), subgraph)])
        })
        .await
        .unwrap()
        .unwrap();
        let answer = gateway.execute(Request::new(format!("{{ round{round} }}"))).await;
        assert_eq!(
            std::str::from_utf8(&answer.body).unwrap(),
            format!(r#"{{"data":{{"round{round}":"known"}}}}"#)
        );
    }
    stop.store(true, Ordering::Relaxed);
    for client in clients {
        client.await.unwrap();
    }
    assert!(answered.load(Ordering::Relaxed) > 10);
}

#[tokio::test]
async fn a_supergraph_that_cannot_be_served_changes_nothing() {
    let gateway = gateway();
    for broken in ["", "nonsense {", "type Query", "type Query { a: Missing }", "type Product { id: ID }"] {
        assert!(gateway.reload(broken, []).is_err(), "{broken}");
    }
    let answer = gateway.execute(Request::new("{ hello }")).await;
    assert_eq!(std::str::from_utf8(&answer.body).unwrap(), r#"{"data":{"hello":"Hello you"}}"#);
}

#[tokio::test]
async fn a_field_on_the_move_is_taken_from_both_subgraphs() {
    let link =
        r#"extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@override"])"#;
    let source = |name: &str, directive: &str| SubgraphSource {
        name: name.to_owned(),
        url: None,
        sdl: format!("{link} type Query {{ place: String {directive} {name}: Int }}"),
    };
    let moved = r#"@override(from: "before", label: "percent(50)")"#;
    let (composed, report) = compose(&[source("before", ""), source("after", moved)]);
    let supergraph = composed.unwrap_or_else(|| panic!("{report:?}")).sdl;
    let answering = |name: &str| {
        let body = Bytes::from(format!(r#"{{"data":{{"place":"{name}"}}}}"#));
        Arc::new(InProcess::new(move |_| std::future::ready(body.clone())))
    };
    let gateway = Gateway::builder(settings())
        .supergraph(supergraph)
        .subgraph("before", answering("before"))
        .subgraph("after", answering("after"))
        .build()
        .unwrap();
    let mut places = BTreeMap::new();
    for _ in 0..200 {
        let answer = gateway.execute(Request::new("{ place }")).await;
        *places.entry(String::from_utf8_lossy(&answer.body).into_owned()).or_insert(0) += 1;
    }
    let sides: Vec<&str> = places.keys().map(String::as_str).collect();
    assert_eq!(sides, [r#"{"data":{"place":"after"}}"#, r#"{"data":{"place":"before"}}"#]);
    assert!(places.values().all(|count| *count > 50), "{places:?}");
}

#[tokio::test]
async fn a_supergraph_file_is_followed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("supergraph.graphql");
    let gateway = gateway();
    let follower = tokio::spawn({
        let (gateway, path) = (gateway.clone(), path.clone());
        async move { gateway.follow(&path).await }
    });
    // The last one is there although the one before could not be served.
    for (sdl, field) in [
        (Some("extend type Query { first: String }"), "first"),
        (None, "first"),
        (Some("extend type Query { second: String }"), "second"),
    ] {
        let text = sdl.map_or("nonsense".to_owned(), |extension| supergraph(&format!("{SDL} {extension}")));
        std::fs::write(&path, text).unwrap();
        let knows =
            async || gateway.execute(Request::new(r#"{ __type(name: "Query") { fields { name } } }"#)).await;
        let arrived = async {
            while !String::from_utf8_lossy(&knows().await.body).contains(&format!("\"{field}\"")) {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(10), arrived).await.unwrap();
    }
    follower.abort();
}

async fn ask(stream: &mut TcpStream, query: &str) {
    let body = json!({ "query": query }).to_string();
    let head = format!(
        "POST /graphql HTTP/1.1\r\nhost: here\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
}

async fn rest(mut stream: TcpStream) -> String {
    let mut text = String::new();
    // A connection that is cut ends in an error; what came before counts.
    let _ = stream.read_to_string(&mut text).await;
    text
}

async fn served(
    gateway: &Gateway,
) -> (std::net::SocketAddr, oneshot::Sender<()>, tokio::task::JoinHandle<std::io::Result<()>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let gateway = gateway.clone();
    let server = tokio::spawn(async move {
        gateway
            .serve(listener, async {
                let _ = stopped.await;
            })
            .await
    });
    (address, stop, server)
}

#[tokio::test]
async fn stopping_finishes_what_runs() {
    let gateway = gateway();
    let (address, stop, server) = served(&gateway).await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    ask(&mut stream, "{ slow(ms: 300) }").await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    stop.send(()).unwrap();
    let answer = rest(stream).await;
    assert!(
        answer.starts_with("HTTP/1.1 200 OK") && answer.ends_with(r#"{"data":{"slow":"after 300 ms"}}"#),
        "{answer}"
    );
    server.await.unwrap().unwrap();
    assert!(TcpStream::connect(address).await.is_err());
    let ready = super::bed::send(&gateway, "GET", "/ready", &[], "").await;
    assert_eq!(
        (ready.status.as_u16(), ready.text.as_str()),
        (503, r#"{"ready":false,"missing":["the server is stopping"]}"#)
    );
}

#[tokio::test]
async fn stopping_does_not_wait_for_ever() {
    let mut settings = settings();
    settings.shutdown_grace_ms = 100;
    settings.request_timeout_ms = 60_000;
    let (address, stop, server) = served(&builder(settings).build().unwrap()).await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    ask(&mut stream, "{ slow(ms: 4000) }").await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    stop.send(()).unwrap();
    tokio::time::timeout(Duration::from_secs(3), server)
        .await
        .expect("it stops before the request ends")
        .unwrap()
        .unwrap();
}

#[tokio::test]
async fn a_proxy_that_we_trust_tells_the_client() {
    let (address, stop, server) = served(&gateway()).await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    let uri = "/graphql?query=%7Bheader(name:%22x-forwarded-for%22)%7D";
    let request = format!(
        "GET {uri} HTTP/1.1\r\nhost: here\r\nx-forwarded-for: 6.6.6.6, 198.51.100.1\r\nconnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let answer = rest(stream).await;
    assert!(answer.ends_with(r#"{"data":{"header":"198.51.100.1"}}"#), "{answer}");
    stop.send(()).unwrap();
    server.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_client_that_does_not_finish_the_head_of_a_request_is_let_go() {
    let mut settings = settings();
    settings.head_timeout_ms = 200;
    let gateway = builder(settings).build().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let serving = tokio::spawn(async move { gateway.serve(listener, std::future::pending()).await });
    for begun in ["", "PRI * HT", "POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-le"] {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(begun.as_bytes()).await.unwrap();
        let mut reply = Vec::new();
        let ended = tokio::time::timeout(Duration::from_secs(5), stream.read_to_end(&mut reply)).await;
        assert!(ended.is_ok(), "{begun:?} holds a connection");
    }
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(b"GET /health HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.unwrap();
    let mut reply = String::new();
    stream.read_to_string(&mut reply).await.unwrap();
    assert!(reply.starts_with("HTTP/1.1 200"), "{reply}");
    serving.abort();
}
