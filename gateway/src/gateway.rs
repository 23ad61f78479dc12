//! The gateway as its host sees it: built from a supergraph and the ways to its subgraphs, asked directly or served
//! over HTTP, and given another supergraph while it runs.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use arc_swap::ArcSwap;
use axum::Router;
use futures::FutureExt;
use tokio::net::TcpListener;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::counts;
use crate::engine::{Engine, LoadError};
use crate::error::{Code, GraphqlError};
use crate::plan::Planner;
use crate::request::{Answer, Request};
use crate::serve::{self, Example, Hooks, Policy};
use crate::settings::{Settings, SubgraphBounds};
use crate::transport::{Http, Subgraph, Subgraphs, bounded};

/// A federation gateway. Clones are the same gateway.
#[derive(Clone)]
pub struct Gateway(Arc<Shared>);

struct Shared {
    settings: Arc<Settings>,
    policy: Policy,
    engine: ArcSwap<Engine>,
    /// The transports that the host gave, for every supergraph to come.
    given: Transports,
    hooks: Hooks,
    /// Places for requests with files.
    uploads: Places,
    is_stopping: AtomicBool,
}

/// The places for requests with files. A quarter of them at most are visitors', one at least: who does not say who it is
/// may be slow for as long as it likes, and must not keep the others out.
struct Places {
    all: Arc<Semaphore>,
    visitors: Arc<Semaphore>,
}

impl Places {
    fn new(count: usize) -> Self {
        let places = |count: usize| Arc::new(Semaphore::new(count.clamp(1, Semaphore::MAX_PERMITS)));
        Self { all: places(count), visitors: places(count / 4) }
    }
}

async fn free(places: &Arc<Semaphore>) -> Result<OwnedSemaphorePermit, GraphqlError> {
    Arc::clone(places).acquire_owned().await.map_err(|_closed| GraphqlError::internal())
}

/// A place that a request with files holds until it is answered.
pub(crate) struct UploadPlace {
    _visitor: Option<OwnedSemaphorePermit>,
    _any: OwnedSemaphorePermit,
}

/// What a gateway is made of.
#[must_use = "a builder does nothing until `build`"]
pub struct Builder {
    settings: Settings,
    supergraph: String,
    given: Transports,
    hooks: Hooks,
}

/// Ways to subgraphs by name.
type Transports = BTreeMap<String, Arc<dyn Subgraph>>;

/// Why a gateway cannot be built.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The supergraph cannot be served.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// A setting does not make sense.
    #[error("{key}: {problem}")]
    Setting {
        /// The key within `[gateway]`.
        key: &'static str,
        /// What is wrong with its value.
        problem: String,
    },
}

impl Gateway {
    /// Begins a gateway with these settings.
    pub fn builder(settings: Settings) -> Builder {
        Builder { settings, supergraph: String::new(), given: Transports::new(), hooks: Hooks::default() }
    }

    /// Answers one request, without sockets: validation, execution and errors are those of HTTP, but nothing is
    /// authenticated and no header is taken away.
    pub async fn execute(&self, request: Request) -> Answer {
        let answered = tokio::time::timeout(self.0.settings.request_timeout(), self.run(request)).await;
        answered.unwrap_or_else(|_elapsed| {
            GraphqlError::new(Code::RequestTimeout, "The request took too long.").into()
        })
    }

    /// Serves another supergraph from now on. Requests that have begun end on the old one; on an error everything
    /// stays as it was. Subgraphs are reached as the builder was told, save those in `replaced`. Loading needs some
    /// time on the processor: call it on a thread for that.
    pub fn reload(
        &self,
        supergraph: &str,
        replaced: impl IntoIterator<Item = (String, Arc<dyn Subgraph>)>,
    ) -> Result<(), LoadError> {
        let mut transports = self.0.given.clone();
        transports.extend(replaced);
        let engine = load(supergraph, transports, &self.0.settings)?;
        self.0.engine.store(Arc::new(engine));
        tracing::info!("the supergraph was replaced");
        Ok(())
    }

    /// Every route of the gateway, to be served by the host or asked in a test.
    pub fn router(&self) -> Router {
        serve::router(self)
    }

    /// Serves on `listener` until `stop` resolves; then finishes what runs, for the time that the settings grant.
    pub async fn serve(
        &self,
        listener: TcpListener,
        stop: impl Future<Output = ()> + Send + 'static,
    ) -> std::io::Result<()> {
        serve::serve(self, listener, stop.boxed()).await
    }

    /// Whether `supergraph` is what is served.
    pub(crate) fn serves(&self, supergraph: &str) -> bool {
        self.0.engine.load().supergraph() == supergraph
    }

    /// Whether the supergraph of this moment requires something of callers.
    pub(crate) fn requires_claims(&self) -> bool {
        self.0.engine.load().requires_claims()
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.0.settings
    }

    pub(crate) fn policy(&self) -> &Policy {
        &self.0.policy
    }

    pub(crate) fn hooks(&self) -> &Hooks {
        &self.0.hooks
    }

    /// A place among the requests with files, as soon as one is free.
    pub(crate) async fn upload_place(&self) -> Result<UploadPlace, GraphqlError> {
        Ok(UploadPlace { _visitor: None, _any: free(&self.0.uploads.all).await? })
    }

    /// The same for somebody who was found to be nobody in particular.
    pub(crate) async fn visitors_upload_place(&self) -> Result<UploadPlace, GraphqlError> {
        // Visitors wait for each other first, so as not to wait in one of everybody's places.
        let visitor = free(&self.0.uploads.visitors).await?;
        Ok(UploadPlace { _visitor: Some(visitor), _any: free(&self.0.uploads.all).await? })
    }

    /// Answers on the supergraph of this moment, for as long as it takes.
    pub(crate) async fn run(&self, request: Request) -> Answer {
        let engine = self.0.engine.load_full();
        engine.answer(request).await
    }

    /// From now on we are not ready for more.
    pub(crate) fn begin_stop(&self) {
        self.0.is_stopping.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_stopping(&self) -> bool {
        self.0.is_stopping.load(Ordering::Relaxed)
    }
}

impl Builder {
    /// The supergraph's SDL (join spec).
    pub fn supergraph(mut self, sdl: impl Into<String>) -> Self {
        self.supergraph = sdl.into();
        self
    }

    /// How to reach a subgraph. One without is reached at the URL that the supergraph gives.
    pub fn subgraph(mut self, name: impl Into<String>, transport: Arc<dyn Subgraph>) -> Self {
        self.given.insert(name.into(), transport);
        self
    }

    /// Who verifies credentials. Without, nobody does, and subgraphs see the headers only.
    pub fn authenticate(mut self, authenticate: impl serve::Authenticate + 'static) -> Self {
        self.hooks.authenticate = Some(Arc::new(authenticate));
        self
    }

    /// What `/metrics` says, in Prometheus' text format. Without, there is no such route.
    pub fn metrics(mut self, render: impl Fn() -> String + Send + Sync + 'static) -> Self {
        self.hooks.metrics = Some(Arc::new(render));
        self
    }

    /// The JSON of `/.well-known/jwks.json`. Without, there is no such route.
    pub fn jwks(mut self, document: impl Fn() -> String + Send + Sync + 'static) -> Self {
        self.hooks.jwks = Some(Arc::new(document));
        self
    }

    /// One more thing that must be there before `/ready` says yes; `missing` says what it is while it is not.
    pub fn readiness(mut self, missing: impl Fn() -> Option<String> + Send + Sync + 'static) -> Self {
        self.hooks.needed.push(Arc::new(missing));
        self
    }

    /// One more thing that `/ready` names while it is not there, and without which requests are served all the same.
    pub fn goes_on_without(mut self, missing: impl Fn() -> Option<String> + Send + Sync + 'static) -> Self {
        self.hooks.helpful.push(Arc::new(missing));
        self
    }

    /// An operation that GraphiQL opens in a tab of its own.
    pub fn example(mut self, example: Example) -> Self {
        self.hooks.examples.push(example);
        self
    }

    /// Routes of the host beside the gateway's own, such as media files.
    pub fn routes(mut self, routes: Router) -> Self {
        self.hooks.routes = self.hooks.routes.merge(routes);
        self
    }

    /// The gateway. Planning needs some time on the processor.
    pub fn build(self) -> Result<Gateway, BuildError> {
        let settings = Arc::new(self.settings);
        counts::describe();
        let policy = Policy::new(&settings)?;
        let engine = load(&self.supergraph, self.given.clone(), &settings)?;
        let uploads = Places::new(settings.uploads.at_once);
        Ok(Gateway(Arc::new(Shared {
            settings,
            policy,
            engine: ArcSwap::from_pointee(engine),
            given: self.given,
            hooks: self.hooks,
            uploads,
            is_stopping: AtomicBool::new(false),
        })))
    }
}

fn load(supergraph: &str, given: Transports, settings: &Arc<Settings>) -> Result<Engine, LoadError> {
    let loaded = assemble(supergraph, given, settings);
    let outcome = if loaded.is_ok() { "loaded" } else { "refused" };
    metrics::counter!(counts::LOADS, "outcome" => outcome).increment(1);
    loaded
}

fn assemble(supergraph: &str, mut given: Transports, settings: &Arc<Settings>) -> Result<Engine, LoadError> {
    let planner = Planner::new(supergraph)?;
    let reach = |(name, url): (&str, &str)| {
        let transport: Arc<dyn Subgraph> = match given.remove(name) {
            Some(transport) => transport,
            None => Arc::new(reach_at(name, url, &settings.subgraphs)?),
        };
        Ok((name.to_owned(), bounded(name, transport, &settings.subgraphs.bounds())))
    };
    let subgraphs = planner.subgraphs().map(reach).collect::<Result<Subgraphs, LoadError>>()?;
    Engine::new(supergraph, planner, subgraphs, Arc::clone(settings))
}

fn reach_at(name: &str, url: &str, bounds: &SubgraphBounds) -> Result<Http, LoadError> {
    Http::new(url, &bounds.http_options())
        .map_err(|cause| LoadError::Subgraph { name: name.to_owned(), cause })
}
