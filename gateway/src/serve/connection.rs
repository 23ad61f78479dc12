//! One connection: its requests in HTTP/1 or HTTP/2, whose heads must come in time, so that nobody holds connections by sending nothing.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use axum::extract::{ConnectInfo, Request};
use axum::{Extension, Router};
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::Watcher;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpStream;
use tower::{Layer, ServiceExt};

/// What an HTTP/2 connection begins with (RFC 9113, section 3.4).
const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// How often to look whether the rest of the preface has come.
const LOOK: Duration = Duration::from_millis(10);

/// Serves `stream` until the client leaves, or `watcher` says to stop and what runs is done.
pub(super) async fn serve(
    stream: TcpStream,
    client: SocketAddr,
    routes: Router,
    head_timeout: Duration,
    watcher: Watcher,
) {
    // Answers are written whole: waiting for more to send would only delay them.
    if let Err(cause) = stream.set_nodelay(true) {
        tracing::debug!(%cause, "TCP_NODELAY could not be set: {cause}");
    }
    match tokio::time::timeout(head_timeout, begin(&stream)).await {
        Ok(Ok(())) => {}
        Ok(Err(_)) | Err(_) => return,
    }
    let mut builder = Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(head_timeout);
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(head_timeout)
        .keep_alive_timeout(head_timeout);
    let routes = Extension(ConnectInfo(client)).layer(routes);
    let routes = TowerToHyperService::new(routes.map_request(|request: Request<Incoming>| request));
    let connection = builder.serve_connection_with_upgrades(TokioIo::new(stream), routes);
    if let Err(cause) = watcher.watch(connection.into_owned()).await {
        tracing::debug!(cause, "a connection broke off: {cause}");
    }
}

/// Waits until the client has sent enough to tell which HTTP it speaks: what reads it then waits for ever.
async fn begin(stream: &TcpStream) -> io::Result<()> {
    let mut head = [0; PREFACE.len()];
    loop {
        let length = stream.peek(&mut head).await?;
        let begun = head.get(..length).unwrap_or_default();
        if length == 0 || length == PREFACE.len() || !PREFACE.starts_with(begun) {
            return Ok(());
        }
        tokio::time::sleep(LOOK).await;
    }
}
