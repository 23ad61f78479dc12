//! `Subgraph`: one domain as a value that a process can run, in-process for the gateway or on a port of its own.
//!
//! ```text
//! pub async fn subgraph(ports: &Ports) -> Result<Subgraph, Fault> {
//!     let sql = ports.sql("merchants").await?;
//!     let schema = Schema::build(Query, Mutation, EmptySubscription)
//!         .enable_federation()
//!         .data(Companies::new(&sql))
//!         .finish();
//!     Ok(Subgraph::new("merchants", schema, ports)
//!         .migration(sql.migration::<Migrator>())
//!         .outbox(SqlOutbox::new(&sql))
//!         .consumer(CopyOwners::new(&sql))
//!         .job(sweep(&sql)))
//! }
//! ```

mod arrange;
mod complete;
mod execute;
mod form;
mod request;
mod sdl;
mod serve;
mod upload;
mod variables;

use std::fmt;
use std::time::Instant;

use async_graphql::{ObjectType, Schema, SubscriptionType};
use axum::Router;
use bytes::Bytes;
use futures::stream::BoxStream;
use tracing::Instrument;

use crate::consumer::Consumer;
use crate::context::RequestContext;
use crate::fault::Fault;
use crate::job::Job;
use crate::migration::Migration;
use crate::ports::Ports;
use crate::relay::Outbox;
use crate::trace;
use crate::worker::Worker;

use execute::Engine;
pub use request::Request;
pub use serve::{Limits, router};
pub use upload::{SpoolError, Upload, UploadReader, spool};

/// One domain, ready to run.
pub struct Subgraph {
    name: &'static str,
    engine: Engine,
    routes: Router,
    worker: Worker,
}

impl Subgraph {
    /// The subgraph `name` that answers with `schema`, which holds its stores as data.
    pub fn new<Q, M, S>(name: &'static str, schema: Schema<Q, M, S>, ports: &Ports) -> Self
    where
        Q: ObjectType + 'static,
        M: ObjectType + 'static,
        S: SubscriptionType + 'static,
    {
        Self { name, engine: Engine::new(schema), routes: Router::new(), worker: Worker::new(name, ports) }
    }

    /// Routes beside GraphQL, such as the files of media. The gateway serves them under the same paths.
    #[must_use]
    pub fn routes(mut self, routes: Router) -> Self {
        self.routes = self.routes.merge(routes);
        self
    }

    /// Keeps a store, which this brings to the form that this version knows.
    #[must_use]
    pub fn migration(mut self, migration: Migration) -> Self {
        self.worker = self.worker.migration(migration);
        self
    }

    /// Events that this subgraph writes.
    #[must_use]
    pub fn outbox(mut self, outbox: impl Outbox + 'static) -> Self {
        self.worker = self.worker.outbox(outbox);
        self
    }

    /// Does something because of events.
    #[must_use]
    pub fn consumer(mut self, consumer: impl Consumer) -> Self {
        self.worker = self.worker.consumer(consumer);
        self
    }

    /// Does something now and then.
    #[must_use]
    pub fn job(mut self, job: Job) -> Self {
        self.worker = self.worker.job(job);
        self
    }

    /// Is not ready while `ask` fails.
    #[must_use]
    pub fn check<F>(mut self, what: &'static str, ask: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<(), Fault>> + Send + 'static,
    {
        self.worker = self.worker.check(what, ask);
        self
    }

    /// The name in the supergraph.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The schema as a federation 2 subgraph publishes it.
    #[must_use]
    pub fn sdl(&self) -> &str {
        self.engine.sdl()
    }

    /// The routes beside GraphQL.
    pub fn extra_routes(&self) -> Router {
        self.routes.clone()
    }

    /// What it does beside answering.
    #[must_use]
    pub fn worker(&self) -> &Worker {
        &self.worker
    }

    /// Answers a query or mutation: a GraphQL response in JSON, always. A panic in a resolver is an `INTERNAL`
    /// error of this one response.
    pub async fn execute(&self, request: Request) -> Bytes {
        let span = self.span(&request.context);
        self.measured(self.engine.execute(request)).instrument(span).await
    }

    /// The same for a request that was read from a socket.
    async fn execute_read(&self, request: async_graphql::Request, context: RequestContext) -> Bytes {
        let span = self.span(&context);
        self.measured(self.engine.execute_read(request.data(context))).instrument(span).await
    }

    fn span(&self, context: &RequestContext) -> tracing::Span {
        let span = tracing::info_span!("subgraph", subgraph = self.name, request.id = context.correlation);
        trace::continued(span, context.traceparent.as_deref(), context.tracestate.as_deref())
    }

    async fn measured(&self, answer: impl Future<Output = Bytes>) -> Bytes {
        let start = Instant::now();
        let bytes = answer.await;
        metrics::histogram!("souk_subgraph_request_seconds", "subgraph" => self.name).record(start.elapsed());
        bytes
    }

    /// Starts a subscription: each item is a GraphQL response in JSON. Dropping the stream unsubscribes.
    pub fn subscribe(&self, request: Request) -> BoxStream<'static, Bytes> {
        self.engine.subscribe(request)
    }
}

impl fmt::Debug for Subgraph {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subgraph")
            .field("name", &self.name)
            .field("worker", &self.worker)
            .finish_non_exhaustive()
    }
}
