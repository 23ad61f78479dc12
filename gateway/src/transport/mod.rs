//! How the gateway reaches a subgraph: one trait, with a call inside this process and HTTP behind it; what is asked is the planner's business.
mod http;
mod in_process;
mod layers;
#[cfg(test)]
mod tests;
mod upload;

use std::{fmt, sync::Arc, time::Duration};

use ::http::HeaderMap;
use async_trait::async_trait;
use bytes::Bytes;
use futures::stream::BoxStream;

pub use self::http::{Http, HttpOptions, HttpSetupError};
pub use in_process::InProcess;
pub use layers::{Bounds, bounded};
pub use upload::{Upload, UploadContent};

/// One operation for one subgraph.
#[derive(Debug, Clone)]
pub struct SubgraphRequest {
    /// The document. The same allocation for every run of a plan, so a receiver may cache its parse by it.
    pub query: Arc<str>,
    /// What the document's only operation does.
    pub kind: OperationKind,
    /// The variables that the document uses, as a JSON object. File variables are `null` here.
    pub variables: Bytes,
    /// Headers that the configuration lets through, and those of tracing.
    pub headers: HeaderMap,
    /// Values for a receiver in this process, such as the verified principal. Never sent over a socket.
    pub extensions: ::http::Extensions,
    /// Files for this subgraph; each can be read once.
    pub uploads: Vec<Upload>,
}

/// The kind of a GraphQL operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OperationKind {
    /// Reads; its fields may run in any order.
    Query,
    /// Writes; its root fields run one after the other.
    Mutation,
    /// A stream of events.
    Subscription,
}

/// What a subgraph answered.
#[derive(Debug, Clone, Default)]
pub struct SubgraphResponse {
    /// The GraphQL response: `{"data": …, "errors": […], "extensions": {…}}`.
    pub body: Bytes,
    /// The headers that came with it; empty for a call inside this process.
    pub headers: HeaderMap,
}

/// Why no answer came from a subgraph. The text is for logs and for the client alike: no addresses, no causes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    /// No connection, or it broke off.
    #[error("the subgraph cannot be reached")]
    Unreachable,
    /// The answer did not come in time.
    #[error("the subgraph did not answer within {} ms", .0.as_millis())]
    TimedOut(Duration),
    /// The answer is longer than the configuration allows.
    #[error("the subgraph's answer is longer than {0} bytes")]
    TooLarge(usize),
    /// The answer is not a GraphQL response.
    #[error("the subgraph answered with status {0} and no GraphQL response")]
    Status(u16),
    /// This transport or this subgraph cannot do what was asked.
    #[error("{0}")]
    Unsupported(&'static str),
}

/// Events of a subscription: each is a GraphQL response.
pub type EventStream = BoxStream<'static, Result<Bytes, TransportError>>;

/// A subgraph that can be asked.
#[async_trait]
pub trait Subgraph: Send + Sync {
    /// Runs a query or mutation.
    async fn execute(&self, request: SubgraphRequest) -> Result<SubgraphResponse, TransportError>;

    /// Starts a subscription; the stream ends when the subgraph ends it, and dropping it unsubscribes.
    async fn subscribe(&self, _request: SubgraphRequest) -> Result<EventStream, TransportError> {
        Err(TransportError::Unsupported("this subgraph has no transport for subscriptions"))
    }
}

/// The subgraphs of a supergraph by name. Cloning shares them.
#[derive(Clone, Default)]
pub struct Subgraphs(Arc<ahash::HashMap<String, Arc<dyn Subgraph>>>);

impl Subgraphs {
    /// The subgraph called `name`, as the supergraph's `@join__graph(name:)` spells it.
    pub fn get(&self, name: &str) -> Option<&Arc<dyn Subgraph>> {
        self.0.get(name)
    }
}

impl FromIterator<(String, Arc<dyn Subgraph>)> for Subgraphs {
    fn from_iter<I: IntoIterator<Item = (String, Arc<dyn Subgraph>)>>(subgraphs: I) -> Self {
        Self(Arc::new(subgraphs.into_iter().collect()))
    }
}

impl fmt::Debug for Subgraphs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut names: Vec<&str> = self.0.keys().map(String::as_str).collect();
        names.sort_unstable();
        f.debug_set().entries(names).finish()
    }
}
