//! The gateway over HTTP: which routes there are, and what every request passes before it reaches one.

mod accept;
mod authenticate;
mod client;
mod connection;
mod cors;
mod csrf;
mod endpoint;
mod forward;
mod graphiql;
mod multipart;
mod parameters;
mod probes;
mod security;
mod shutdown;
mod trace;

use std::sync::Arc;

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{any, get};
use tower_http::CompressionLevel;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;

pub use authenticate::{Authenticate, Verification};
pub use graphiql::Example;
pub(crate) use shutdown::serve;

use crate::Gateway;
use crate::gateway::BuildError;
use crate::settings::Settings;
use forward::Forwarding;

type Render = Arc<dyn Fn() -> String + Send + Sync>;
type Missing = Arc<dyn Fn() -> Option<String> + Send + Sync>;

/// What the host brings along.
#[derive(Default)]
pub(crate) struct Hooks {
    pub(crate) authenticate: Option<Arc<dyn Authenticate>>,
    pub(crate) metrics: Option<Render>,
    pub(crate) jwks: Option<Render>,
    /// What must be there before requests are sent here.
    pub(crate) needed: Vec<Missing>,
    /// What requests are served without, if it must be.
    pub(crate) helpful: Vec<Missing>,
    pub(crate) examples: Vec<Example>,
    pub(crate) routes: Router,
}

/// What the settings amount to on the HTTP side, worked out once.
pub(crate) struct Policy {
    forwarding: Forwarding,
    cors: Option<tower_http::cors::CorsLayer>,
}

impl Policy {
    /// Refuses settings that make no sense.
    pub(crate) fn new(settings: &Settings) -> Result<Self, BuildError> {
        Ok(Self { forwarding: Forwarding::new(&settings.headers)?, cors: cors::layer(&settings.cors)? })
    }
}

/// Every route.
pub(crate) fn router(gateway: &Gateway) -> Router {
    let settings = gateway.settings();
    let mut routes = Router::new()
        .route("/graphql", any(endpoint::graphql))
        .route("/health", get(probes::health))
        .route("/ready", get(probes::ready));
    if gateway.hooks().metrics.is_some() {
        routes = routes.route("/metrics", get(probes::metrics));
    }
    if gateway.hooks().jwks.is_some() {
        routes = routes.route("/.well-known/jwks.json", get(probes::jwks));
    }
    if settings.graphiql {
        routes = routes.merge(graphiql::routes());
    }
    // Those added last see a request first.
    let mut routes = routes.with_state(gateway.clone()).merge(gateway.hooks().routes.clone());
    routes = routes.layer(CatchPanicLayer::custom(endpoint::panicked));
    if settings.compression {
        // Brotli's best levels cost more time than they save on the wire.
        routes = routes.layer(CompressionLayer::new().quality(CompressionLevel::Fastest));
    }
    if let Some(cors) = &gateway.policy().cors {
        routes = routes.layer(cors.clone());
    }
    routes.layer(from_fn(security::headers)).layer(from_fn_with_state(gateway.clone(), trace::request))
}
