//! The harness of domain crates' tests: real stores, callers as values, a clock that stands still, and a count of what a
//! request costs the store.
//!
//! The stores are the embedded ones in a temporary folder. With `SOUK_TEST_SIDE=engines` relational subgraphs have
//! databases on the PostgreSQL server of `SOUK_TEST_POSTGRES_URL` instead.
//!
//! ```text
//! let stage = Stage::new().await;
//! let merchants = stage.put_on(souk_merchants::subgraph(&stage.ports).await?).await?;
//! let admin = merchants.caller(principals::company_admin(company));
//! let reply = admin.send("query($id: ID!) { shop(id: $id) { name } }", json!({ "id": id })).await;
//! assert_eq!(merchants.statements().len(), 1);
//! ```

mod databases;
pub mod principals;
pub mod refusing;

use std::io::Write;
use std::sync::Arc;

use futures::StreamExt;
use http::{HeaderMap, HeaderValue};
use serde_json::Value as Json;

use crate::clock::{Clock, Timestamp};
use crate::context::RequestContext;
use crate::event::{AnyEnvelope, Topic};
use crate::fault::Fault;
use crate::ports::Ports;
use crate::principal::Principal;
use crate::sql::{Durability, StatementLog};
use crate::subgraph::{Request, Subgraph, Upload};
pub use databases::TestDatabases;

/// When every test happens, unless it moves the clock: Tuesday, 2026-03-10 09:00 UTC.
pub const START: i64 = 1_773_133_200;

/// What a subgraph stands on in a test. Its folder and its databases go away with it.
pub struct Stage {
    /// The ports.
    pub ports: Ports,
    statements: StatementLog,
    _databases: Option<TestDatabases>,
    _folder: tempfile::TempDir,
}

impl Stage {
    /// A fresh stage with a clock that stands still.
    pub async fn new() -> Result<Self, Fault> {
        let folder = tempfile::tempdir().map_err(Fault::internal)?;
        let clock = Clock::fixed(Timestamp::from_timestamp(START, 0).unwrap_or_default());
        let statements = StatementLog::default();
        let mut ports = Ports::embedded(folder.path().to_owned(), clock, Durability::ProcessCrash).await?;
        ports.statements = Some(statements.clone());
        let databases = TestDatabases::of_side()?;
        ports.postgres = databases.as_ref().map(TestDatabases::options);
        Ok(Self { ports, statements, _databases: databases, _folder: folder })
    }

    /// The clock of everything on the stage.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.ports.clock
    }

    /// The stage with a subgraph on it, which was built from its ports and is migrated now.
    pub async fn put_on(self, subgraph: Subgraph) -> Result<TestSubgraph, Fault> {
        subgraph.worker().migrate().await?;
        Ok(TestSubgraph { subgraph: Arc::new(subgraph), stage: Arc::new(self) })
    }
}

/// A subgraph under test. Cheap to clone.
#[derive(Clone)]
pub struct TestSubgraph {
    /// The subgraph itself.
    pub subgraph: Arc<Subgraph>,
    /// What it stands on.
    pub stage: Arc<Stage>,
}

impl TestSubgraph {
    /// A caller who sends requests.
    #[must_use]
    pub fn caller(&self, principal: Principal) -> Caller {
        Caller {
            subgraph: Arc::clone(&self.subgraph),
            clock: self.stage.clock().clone(),
            principal,
            headers: HeaderMap::new(),
        }
    }

    /// The statements that all databases have run since the last call, in order.
    #[must_use]
    pub fn statements(&self) -> Vec<String> {
        self.stage.statements.take()
    }

    /// Relays all that is pending, and answers the events of `topic` from its beginning.
    pub async fn events(&self, topic: Topic) -> Result<Vec<AnyEnvelope>, Fault> {
        self.subgraph.worker().relay_pending().await?;
        let (log, topics) = (&self.stage.ports.events, [topic.name().to_owned()]);
        let group = uuid::Uuid::new_v4().to_string();
        let mut member = log.join(&group, &topics).await?;
        let mut missing = log.lag(&group, &topics).await?;
        let mut events = Vec::new();
        while missing > 0 {
            for delivered in member.next(1_000).await? {
                events.push(serde_json::from_slice(&delivered.record.payload)?);
                missing = missing.saturating_sub(1);
            }
        }
        member.leave().await?;
        Ok(events)
    }
}

/// A file of `content` for the variable at `path`, such as `variables.file`.
pub fn upload(path: &str, file_name: &str, content: &[u8]) -> std::io::Result<Upload> {
    let mut file = tempfile::tempfile()?;
    file.write_all(content)?;
    Ok(Upload { path: path.into(), file_name: file_name.into(), content_type: None, content: file })
}

/// Who sends requests. Cheap to clone.
#[derive(Clone)]
pub struct Caller {
    subgraph: Arc<Subgraph>,
    clock: Clock,
    principal: Principal,
    headers: HeaderMap,
}

impl Caller {
    /// The same caller, reading these languages.
    #[must_use]
    pub fn reading(self, languages: &[&str]) -> Self {
        self.with_header("accept-language", &languages.join(", "))
    }

    /// The same caller, sending a header along. What is no value of a header is left out.
    #[must_use]
    pub fn with_header(mut self, name: &'static str, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.insert(name, value);
        }
        self
    }

    /// Sends a query or mutation and answers the whole response: `{"data": …, "errors": …}`.
    pub async fn send(&self, query: &str, variables: Json) -> Json {
        self.send_files(query, variables, Vec::new()).await
    }

    /// The same, with files.
    pub async fn send_files(&self, query: &str, variables: Json, uploads: Vec<Upload>) -> Json {
        let bytes = self.subgraph.execute(Request { uploads, ..self.request(query, &variables) }).await;
        serde_json::from_slice(&bytes).unwrap_or_default()
    }

    /// Starts a subscription and answers its next `count` responses.
    pub async fn listen(&self, query: &str, variables: Json, count: usize) -> Vec<Json> {
        let stream = self.subgraph.subscribe(self.request(query, &variables)).take(count);
        stream.map(|bytes| serde_json::from_slice(&bytes).unwrap_or_default()).collect().await
    }

    fn request(&self, query: &str, variables: &Json) -> Request {
        let context = RequestContext::from_headers(self.principal.clone(), self.clock.now(), &self.headers);
        Request { variables: variables.to_string().into(), ..Request::new(query, context) }
    }
}
