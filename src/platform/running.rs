//! What runs until the process is told to stop: background tasks, servers, and the order in which they end.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use souk_kit::clock::Clock;
use souk_kit::event_log::retaining;
use souk_kit::ports::Ports;
use souk_kit::subgraph::{self, Subgraph};
use souk_kit::worker::{self, Worker};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::Identity;
use crate::config::Config;
use crate::telemetry;

/// How long servers, then background tasks, then the last relay may take to finish what they are at.
const GRACE: Duration = Duration::from_secs(10);

/// The tasks of this process and the signal that ends them: first no more requests are taken, then what requests
/// caused is brought to its end.
pub(crate) struct Running {
    /// No more requests.
    stop: CancellationToken,
    /// No more work beside requests.
    rest: CancellationToken,
    servers: JoinSet<anyhow::Result<()>>,
    background: JoinSet<anyhow::Result<()>>,
    workers: Vec<Worker>,
}

impl Running {
    /// Begins to listen for SIGINT and SIGTERM; the second one ends the process at once.
    pub(crate) fn new() -> anyhow::Result<Self> {
        let stop = CancellationToken::new();
        let signalled = stop.clone();
        let mut signals = Signals::listen()?;
        tokio::spawn(async move {
            signals.next().await;
            tracing::info!("stopping: what runs is finished first");
            signalled.cancel();
            signals.next().await;
            tracing::warn!("stopped at once, with what was running unfinished");
            std::process::exit(1);
        });
        Ok(Self {
            stop,
            rest: CancellationToken::new(),
            servers: JoinSet::new(),
            background: JoinSet::new(),
            workers: Vec::new(),
        })
    }

    /// Cancelled when the process is told to stop.
    pub(crate) fn stop(&self) -> CancellationToken {
        self.stop.clone()
    }

    /// Runs a worker's relays, consumers and jobs.
    pub(crate) fn background(&mut self, worker: &Worker) {
        self.workers.push(worker.clone());
        let (worker, rest) = (worker.clone(), self.rest.clone());
        self.background.spawn(async move {
            worker.run(rest).await;
            Ok(())
        });
    }

    /// Has the event log forget what nobody needs any more.
    pub(crate) fn forget_events(&mut self, config: &Config, ports: &Ports) {
        if let Some(keep) = config.events.retention() {
            let job = retaining(Arc::clone(&ports.events), ports.clock.clone(), keep);
            let rest = self.rest.clone();
            self.background.spawn(async move {
                job.run(rest).await;
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
            subgraph::router(Arc::clone(subgraph), identity.verifier().clone(), clock.clone(), limits)
                .merge(metrics_route());
        let stop = self.stop();
        self.servers.spawn(async move {
            let served = axum::serve(listener, router).with_graceful_shutdown(stop.cancelled_owned());
            served.await.context("the subgraph's server ended")
        });
    }

    /// Serves a worker's probes and metrics.
    pub(crate) fn serve_worker(&mut self, worker: &Worker, listener: TcpListener) {
        let (router, stop) = (worker::router(worker.clone()).merge(metrics_route()), self.stop());
        self.servers.spawn(async move {
            let served = axum::serve(listener, router).with_graceful_shutdown(stop.cancelled_owned());
            served.await.context("the worker's server ended")
        });
    }

    /// Does `main`, which ends when the process is told to stop, and then waits for everything else to end.
    pub(crate) async fn until(
        mut self,
        main: impl Future<Output = anyhow::Result<()>>,
    ) -> anyhow::Result<()> {
        let outcome = main.await;
        self.stop.cancel();
        let served = ended(&mut self.servers, "requests to subgraphs").await;
        self.rest.cancel();
        let rested = ended(&mut self.background, "background tasks").await;
        self.relay().await;
        outcome.and(served).and(rested)
    }

    /// Hands on the events of the last requests. Those that stay behind go at the next start.
    async fn relay(&self) {
        for worker in &self.workers {
            match tokio::time::timeout(GRACE, worker.relay_pending()).await {
                Ok(Ok(_relayed)) => {}
                Ok(Err(fault)) => tracing::warn!(
                    worker = worker.name(), cause = ?fault,
                    "events of {} wait for the next start", worker.name(),
                ),
                Err(_) => tracing::warn!(
                    worker = worker.name(),
                    "events of {} wait for the next start: the event log is slow",
                    worker.name(),
                ),
            }
        }
    }
}

/// `/metrics` of a process without a gateway, which has its own.
fn metrics_route() -> axum::Router {
    axum::Router::new().route("/metrics", axum::routing::get(|| async { telemetry::metrics() }))
}

/// Waits for all of `tasks`, which have been told to end.
async fn ended(tasks: &mut JoinSet<anyhow::Result<()>>, what: &str) -> anyhow::Result<()> {
    let all = async {
        while let Some(ended) = tasks.join_next().await {
            ended.context("a task panicked")??;
        }
        Ok(())
    };
    let in_time = tokio::time::timeout(GRACE, all).await;
    in_time.unwrap_or_else(|_| Err(anyhow::anyhow!("{what} did not end within {GRACE:?}")))
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

/// What tells a process to stop.
#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn listen() -> anyhow::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

/// What tells a process to stop.
#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn listen() -> anyhow::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending().await
        }
    }
}
