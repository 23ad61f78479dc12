//! Serving until told to stop, then finishing what runs, but not for ever.

use std::io;
use std::time::Duration;

use futures::future::BoxFuture;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use super::connection;
use crate::Gateway;

/// How long to wait before accepting again where the system has no room for another connection.
const BREATH: Duration = Duration::from_millis(100);

/// Serves until `stop` resolves and what was running then is done, or the time for that has passed.
pub(crate) async fn serve(
    gateway: &Gateway,
    listener: TcpListener,
    mut stop: BoxFuture<'static, ()>,
) -> io::Result<()> {
    let (routes, head_timeout) = (gateway.router(), gateway.settings().head_timeout());
    let graceful = GracefulShutdown::new();
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, client)) => {
                    let watcher = graceful.watcher();
                    connections.spawn(connection::serve(stream, client, routes.clone(), head_timeout, watcher));
                }
                Err(cause) => {
                    tracing::warn!(%cause, "a connection could not be accepted: {cause}");
                    tokio::time::sleep(BREATH).await;
                }
            },
            Some(_ended) = connections.join_next() => {}
            () = &mut stop => break,
        }
    }
    gateway.begin_stop();
    drop(listener);
    let grace = gateway.settings().shutdown_grace();
    if tokio::time::timeout(grace, graceful.shutdown()).await.is_err() {
        tracing::warn!(
            "requests still ran {} ms after the signal to stop and were dropped",
            grace.as_millis()
        );
    }
    Ok(())
}
