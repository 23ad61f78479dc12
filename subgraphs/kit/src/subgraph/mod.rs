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
mod background;
mod complete;
mod execute;
mod form;
mod request;
mod sdl;
mod serve;
mod upload;
mod variables;

use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use async_graphql::{ObjectType, Schema, SubscriptionType};
use axum::Router;
use bytes::Bytes;
use futures::future::BoxFuture;
use futures::stream::BoxStream;
use tracing::Instrument;

use crate::clock::Clock;
use crate::consumer::{Consumer, Runner};
use crate::context::RequestContext;
use crate::event_log::EventLog;
use crate::fault::Fault;
use crate::job::Job;
use crate::migration::Migration;
use crate::ports::Ports;
use crate::relay::{self, Outbox};
use crate::trace;

use execute::Engine;
pub use request::Request;
pub use serve::{Limits, router};
pub use upload::{SpoolError, Upload, UploadReader, spool};

/// One domain, ready to run.
pub struct Subgraph {
    name: &'static str,
    engine: Engine,
    routes: Router,
    migrations: Vec<Migration>,
    outboxes: Vec<Arc<dyn Outbox>>,
    consumers: Vec<Runner>,
    jobs: Vec<Job>,
    checks: Vec<Check>,
    events: Arc<dyn EventLog>,
    clock: Clock,
}

/// Whether something that the subgraph needs is there.
struct Check {
    what: &'static str,
    ask: Arc<dyn Fn() -> BoxFuture<'static, Result<(), Fault>> + Send + Sync>,
}

impl Subgraph {
    /// The subgraph `name` that answers with `schema`, which holds its stores as data.
    pub fn new<Q, M, S>(name: &'static str, schema: Schema<Q, M, S>, ports: &Ports) -> Self
    where
        Q: ObjectType + 'static,
        M: ObjectType + 'static,
        S: SubscriptionType + 'static,
    {
        Self {
            name,
            engine: Engine::new(schema),
            routes: Router::new(),
            migrations: Vec::new(),
            outboxes: Vec::new(),
            consumers: Vec::new(),
            jobs: Vec::new(),
            checks: Vec::new(),
            events: Arc::clone(&ports.events),
            clock: ports.clock.clone(),
        }
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
        self.migrations.push(migration);
        self
    }

    /// Events that this subgraph writes.
    #[must_use]
    pub fn outbox(mut self, outbox: impl Outbox + 'static) -> Self {
        self.outboxes.push(Arc::new(outbox));
        self
    }

    /// Does something because of events.
    #[must_use]
    pub fn consumer(mut self, consumer: impl Consumer) -> Self {
        self.consumers.push(Runner::new(consumer, Arc::clone(&self.events), self.clock.clone()));
        self
    }

    /// Does something now and then.
    #[must_use]
    pub fn job(mut self, job: Job) -> Self {
        self.jobs.push(job);
        self
    }

    /// Is not ready while `ask` fails.
    #[must_use]
    pub fn check<F>(mut self, what: &'static str, ask: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<(), Fault>> + Send + 'static,
    {
        self.checks.push(Check { what, ask: Arc::new(move || Box::pin(ask())) });
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

    /// The consumers, for replaying their dead letters.
    #[must_use]
    pub fn consumers(&self) -> &[Runner] {
        &self.consumers
    }

    /// Brings its stores to the form that this version knows: to be called before it serves.
    pub async fn migrate(&self) -> Result<(), Fault> {
        for migration in &self.migrations {
            tracing::debug!(subgraph = self.name, "migrating {}", migration.store());
            migration.apply().await?;
        }
        Ok(())
    }

    /// The jobs.
    #[must_use]
    pub fn jobs(&self) -> &[Job] {
        &self.jobs
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
        trace::continued(span, context.traceparent.as_deref())
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

    /// Relays all that is pending now; answers how many events. For tests, and before a process ends.
    pub async fn relay_pending(&self) -> Result<usize, Fault> {
        let mut relayed = 0;
        for outbox in &self.outboxes {
            relayed += relay::drain(outbox.as_ref(), self.events.as_ref(), &self.clock).await?;
        }
        Ok(relayed)
    }

    /// Whether all that the subgraph needs is there; otherwise what is not.
    pub async fn ready(&self) -> Result<(), &'static str> {
        for check in &self.checks {
            if let Err(fault) = (check.ask)().await {
                tracing::warn!(subgraph = self.name, cause = ?fault, "{} is not ready: {}", self.name, check.what);
                return Err(check.what);
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Subgraph {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subgraph")
            .field("name", &self.name)
            .field("migrations", &self.migrations)
            .field("consumers", &self.consumers)
            .field("jobs", &self.jobs)
            .finish_non_exhaustive()
    }
}
