//! What runs until the process is told to stop: background tasks, servers, and the order in which they end.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use chrono::TimeDelta;
use souk_kit::clock::Clock;
use souk_kit::event_log::retaining;
use souk_kit::ports::Ports;
use souk_kit::subgraph::{self, Subgraph};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::Identity;
use crate::config::Config;

/// How long background tasks may take to finish what they are at.
const GRACE: Duration = Duration::from_secs(10);

/// The tasks of this process, and the signal that ends them.
pub(crate) struct Running {
    stop: CancellationToken,
    tasks: JoinSet<anyhow::Result<()>>,
}

impl Running {
    /// Begins to listen for SIGINT and SIGTERM.
    pub(crate) fn new() -> anyhow::Result<Self> {
        let stop = CancellationToken::new();
        let signalled = stop.clone();
        let signal = terminated()?;
        tokio::spawn(async move {
            signal.await;
            tracing::info!("stopping: what runs is finished first");
            signalled.cancel();
        });
        Ok(Self { stop, tasks: JoinSet::new() })
    }

    /// Ends with the process.
    pub(crate) fn stop(&self) -> CancellationToken {
        self.stop.clone()
    }

    /// Runs a subgraph's relays, consumers and jobs.
    pub(crate) fn background(&mut self, subgraph: &Arc<Subgraph>) {
        let (subgraph, stop) = (Arc::clone(subgraph), self.stop());
        self.tasks.spawn(async move {
            subgraph.run_background(stop).await;
            Ok(())
        });
    }

    /// Has the event log forget what nobody needs any more.
    pub(crate) fn forget_events(&mut self, config: &Config, ports: &Ports) {
        let days = config.events.retention_days;
        if days > 0 {
            let keep = TimeDelta::days(i64::from(days));
            let (job, stop) = (retaining(Arc::clone(&ports.events), ports.clock.clone(), keep), self.stop());
            self.tasks.spawn(async move {
                job.run(stop).await;
                Ok(())
            });
        }
    }

    /// Serves a subgraph on a port of its own.
    pub(crate) fn serve_subgraph(
        &mut self,
        subgraph: &Arc<Subgraph>,
        listener: TcpListener,
        identity: &Identity,
        clock: &Clock,
        limits: subgraph::Limits,
    ) {
        let router =
            subgraph::router(Arc::clone(subgraph), identity.verifier().clone(), clock.clone(), limits);
        let stop = self.stop();
        self.tasks.spawn(async move {
            let served = axum::serve(listener, router).with_graceful_shutdown(stop.cancelled_owned());
            served.await.context("the subgraph's server ended")
        });
    }

    /// Waits until all tasks have ended, after `main` has.
    pub(crate) async fn until(
        mut self,
        main: impl Future<Output = anyhow::Result<()>>,
    ) -> anyhow::Result<()> {
        let outcome = main.await;
        self.stop.cancel();
        let rest = tokio::time::timeout(GRACE, async {
            while let Some(ended) = self.tasks.join_next().await {
                ended.context("a task panicked")??;
            }
            Ok(())
        });
        match rest.await {
            Ok(ended) => outcome.and(ended),
            Err(_) => outcome.and(Err(anyhow::anyhow!("background tasks did not end within {GRACE:?}"))),
        }
    }
}

/// Binds `address`, and says which address it became.
pub(crate) async fn bind(address: SocketAddr) -> anyhow::Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind(address).await.with_context(|| format!("cannot listen on {address}"))?;
    let bound = listener.local_addr()?;
    Ok((listener, bound))
}

/// The first line on standard output: where this process listens.
#[expect(clippy::print_stdout, reason = "the one line that scripts wait for")]
pub(crate) fn announce(bound: SocketAddr) {
    println!("{bound}");
}

#[cfg(unix)]
fn terminated() -> anyhow::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

#[cfg(not(unix))]
fn terminated() -> anyhow::Result<impl Future<Output = ()>> {
    Ok(async { drop(tokio::signal::ctrl_c().await) })
}
