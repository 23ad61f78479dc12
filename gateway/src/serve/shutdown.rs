//! Serving until told to stop, then finishing what runs, but not for ever.

use std::io;
use std::net::SocketAddr;

use axum::serve::ListenerExt;
use futures::future::BoxFuture;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::Gateway;

/// Serves until `stop` resolves and what was running then is done, or the time for that has passed.
pub(crate) async fn serve(
    gateway: &Gateway,
    listener: TcpListener,
    stop: BoxFuture<'static, ()>,
) -> io::Result<()> {
    let (told, has_been_told) = oneshot::channel();
    let stopping = gateway.clone();
    let signal = async move {
        stop.await;
        stopping.begin_stop();
        // Nobody listens when the server has ended by itself.
        let _ = told.send(());
    };
    let app = gateway.router().into_make_service_with_connect_info::<SocketAddr>();
    // Answers are written whole: waiting for more to send would only delay them.
    let listener = listener.tap_io(|stream| {
        if let Err(cause) = stream.set_nodelay(true) {
            tracing::debug!(%cause, "TCP_NODELAY could not be set: {cause}");
        }
    });
    let grace = gateway.settings().shutdown_grace();
    let out_of_patience = async {
        match has_been_told.await {
            Ok(()) => tokio::time::sleep(grace).await,
            Err(_gone) => std::future::pending().await,
        }
    };
    tokio::select! {
        served = axum::serve(listener, app).with_graceful_shutdown(signal) => served,
        () = out_of_patience => {
            tracing::warn!("requests still ran {} ms after the signal to stop and were dropped", grace.as_millis());
            Ok(())
        }
    }
}
