//! A large file from a client, through the gateway, to a subgraph in this process and to one on a port of its own.

use std::convert::Infallible;
use std::io::Read;
use std::sync::atomic::{AtomicU64, Ordering};

use async_graphql::{Context, EmptySubscription, Object, Schema, Upload};
use sha2::{Digest, Sha256};
use souk_gateway::Gateway;
use souk_gateway::compose::SubgraphSource;
use souk_kit::auth::{Jwks, SigningKey, Verifier};
use souk_kit::fault::Fault;
use souk_kit::subgraph::{Limits, UploadReader, router};
use souk_kit::testing::Stage;
use tokio::net::TcpListener;

use super::*;
use crate::config::Config;
use crate::platform::supergraph;

const CHUNK: usize = 64 << 10;
const CHUNKS: usize = 1_024;
/// What the process may grow by while a file of 64 MiB goes through it.
const GROWTH: u64 = 32 << 20;

struct Query;
struct Mutation;

#[Object]
impl Query {
    async fn nothing(&self) -> Option<bool> {
        None
    }
}

#[Object]
impl Mutation {
    /// Length and SHA-256 of a file.
    async fn digest(&self, ctx: &Context<'_>, file: Upload) -> Result<String, Fault> {
        let mut reader = UploadReader::open(ctx, &file).map_err(Fault::internal)?;
        let reading = tokio::task::spawn_blocking(move || {
            let (mut digest, mut length, mut buffer) = (Sha256::new(), 0, vec![0; CHUNK]);
            loop {
                match reader.read(&mut buffer)? {
                    0 => return Ok(format!("{length} {:x}", digest.finalize())),
                    read => {
                        digest.update(&buffer[..read]);
                        length += read;
                    }
                }
            }
        });
        reading.await.map_err(Fault::internal)?.map_err(|error: std::io::Error| Fault::internal(error))
    }
}

fn chunk(number: usize) -> Bytes {
    vec![u8::try_from(number % 251).unwrap(); CHUNK].into()
}

/// The memory of this process, where the system tells: the second field of `statm`, in pages of 4 KiB.
fn resident() -> u64 {
    let text = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    text.split(' ').nth(1).and_then(|pages| pages.parse::<u64>().ok()).unwrap_or_default() * 4096
}

async fn listen() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/graphql", listener.local_addr().unwrap());
    (listener, url)
}

/// Sends a file of 64 MiB, and answers how much the process grew meanwhile.
async fn upload_large(at: &str) -> u64 {
    let before = resident();
    let peak = Arc::new(AtomicU64::new(before));
    let operations =
        json!({ "query": "mutation($file: Upload!) { digest(file: $file) }", "variables": { "file": null } });
    let head = format!(
        "--B\r\ncontent-disposition: form-data; name=operations\r\n\r\n{operations}\r\n\
         --B\r\ncontent-disposition: form-data; name=map\r\n\r\n{{\"0\":[\"variables.file\"]}}\r\n\
         --B\r\ncontent-disposition: form-data; name=\"0\"; filename=\"a.bin\"\r\n\r\n"
    );
    let seen = Arc::clone(&peak);
    let chunks = (0..CHUNKS).map(move |number| {
        seen.fetch_max(resident(), Ordering::Relaxed);
        chunk(number)
    });
    let parts = std::iter::once(Bytes::from(head)).chain(chunks);
    let parts = parts.chain(std::iter::once(Bytes::from_static(b"\r\n--B--\r\n")));
    let body = reqwest::Body::wrap_stream(futures::stream::iter(parts.map(Ok::<_, Infallible>)));
    let sent = reqwest::Client::builder().no_proxy().build().unwrap().post(at);
    let sent = sent.header("content-type", "multipart/form-data; boundary=B");
    let sent = sent.header("apollo-require-preflight", "true").body(body);
    let reply: serde_json::Value = sent.send().await.unwrap().json().await.unwrap();
    let mut expected = Sha256::new();
    (0..CHUNKS).for_each(|number| expected.update(chunk(number)));
    let expected = format!("{} {:x}", CHUNK * CHUNKS, expected.finalize());
    assert_eq!(reply, json!({ "data": { "digest": expected } }));
    peak.load(Ordering::Relaxed).max(resident()) - before
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_large_file_reaches_its_resolver_over_both_transports_and_is_never_held_in_memory() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let stage = Stage::new().await.unwrap();
    let schema = Schema::build(Query, Mutation, EmptySubscription).enable_federation().finish();
    let subgraph = Arc::new(Subgraph::new("files", schema, &stage.ports));
    let mut settings = Config::load(None, &[]).unwrap().gateway;
    settings.uploads.file_bytes = CHUNK * CHUNKS;
    (settings.request_timeout_ms, settings.subgraphs.timeout_ms) = (120_000, 120_000);
    let limits = Limits { file: CHUNK * CHUNKS, ..Limits::default() };
    let key = SigningKey::load_or_make(&stage.ports.folder.join("key.pem")).unwrap();
    let verifier = Verifier::new(Jwks::given(&key.public()), "souk", "souk", stage.clock().clone());
    let (listener, url) = listen().await;
    let own_port = router(Arc::clone(&subgraph), verifier, stage.clock().clone(), limits);
    let serving = tokio::spawn(async move { axum::serve(listener, own_port).await.unwrap() });
    for elsewhere in [None, Some(url)] {
        let source =
            SubgraphSource { name: "files".into(), url: elsewhere.clone(), sdl: subgraph.sdl().into() };
        let sdl = supergraph::compose(&[source]).unwrap().sdl;
        let mut gateway = Gateway::builder(settings.clone()).supergraph(sdl);
        if elsewhere.is_none() {
            gateway = gateway.subgraph("files", transport(Arc::clone(&subgraph), stage.clock().clone()));
        }
        let (gateway, (listener, at)) = (gateway.build().unwrap(), listen().await);
        let asked =
            tokio::spawn(async move { gateway.serve(listener, std::future::pending()).await.unwrap() });
        let grown = upload_large(&at).await;
        assert!(grown < GROWTH, "{elsewhere:?}: the process grew by {grown} bytes");
        asked.abort();
    }
    serving.abort();
}
