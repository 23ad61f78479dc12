//! The side of the port on Elasticsearch: an index per generation, and an alias that says which is live.
//!
//! Words come to the engine taken apart, in fields that it parts at spaces alone: so both sides of the port find the
//! same, and no plugin for a language is needed. Revisions are external versions of documents. What is gone stays as
//! a document that no question finds, as the engine itself forgets deletions after a minute.

mod aggregation;
mod bulk;
mod condition;
mod generations;
mod http;
mod mapping;
mod proven;
mod searching;

use std::sync::Arc;

use async_trait::async_trait;
use souk_kit::fault::Fault;

use super::answer::Written;
use super::asking::Index;
use super::document::Change;
use super::engine::Engine;
use super::plan::{Found, Plan};
use super::{Build, Live, SharedSearchIndex};
use bulk::Target;
use generations::Names;
use http::{Client, Reply, is_starting};
use proven::Proven;

/// How often a call is made again when an index has gone from under it.
const TRIES: usize = 5;

/// The index whose names begin with `prefix` on the cluster at `url`, which may hold a user and password. Nothing is
/// asked of the cluster yet: it may come later, and go away and come back.
pub fn connect(url: &str, prefix: &str) -> Result<SharedSearchIndex, Fault> {
    Ok(Arc::new(Index::new(ElasticsearchEngine::new(url, prefix)?)))
}

#[derive(Debug)]
struct ElasticsearchEngine {
    client: Client,
    names: Names,
    proven: Proven,
}

impl ElasticsearchEngine {
    fn new(url: &str, prefix: &str) -> Result<Self, Fault> {
        Ok(Self { client: Client::new(url)?, names: Names::new(prefix), proven: Proven::default() })
    }

    /// The answer to a question to the live generation, which is made when there is none, and waited for once when it
    /// has not started.
    async fn ask(
        &self,
        endpoint: &str,
        body: Option<&serde_json::Value>,
    ) -> Result<serde_json::Value, Fault> {
        let path = format!("/{}/{endpoint}", self.names.live);
        let mut has_waited = false;
        for _ in 0..TRIES {
            match self.client.post(&path, body).await {
                Ok(Reply::Done(answer)) => return Ok(answer),
                Ok(Reply::Missing) => self.ensure().await?,
                Err(fault) if is_starting(&fault) && !has_waited => {
                    has_waited = true;
                    self.client.until_started(&self.names.live).await?;
                }
                Err(fault) => return Err(fault),
            }
        }
        Err(Fault::broken(format!("{} is not there", self.names.live)).transient())
    }

    /// Writes to a generation that is being built. One that does not take it is not built any further, so that the live
    /// one goes on; unless it has become the live one meanwhile, and the write is to be made again.
    async fn write_beside(&self, generation: &str, changes: &[Change]) -> Result<(), Fault> {
        match self.write_to(generation, changes).await {
            Err(fault) if !fault.is_transient() => {
                tracing::warn!(generation, "{generation} does not take changes: {fault:?}");
                if self.give_up(generation).await? { Ok(()) } else { Err(fault.transient()) }
            }
            written => written.map(drop),
        }
    }
}

#[async_trait]
impl Engine for ElasticsearchEngine {
    async fn find(&self, plan: &Plan) -> Result<Found, Fault> {
        let body = searching::body(plan);
        let copy = searching::copy(&body);
        let endpoint = format!("_search?allow_partial_search_results=false&preference={copy}");
        searching::found(plan, &self.ask(&endpoint, Some(&body)).await?)
    }

    async fn write(&self, changes: &[Change]) -> Result<Written, Fault> {
        if changes.is_empty() {
            return Ok(Written::default());
        }
        for _ in 0..TRIES {
            let generations = self.generations().await?;
            let Some(live) = &generations.live else {
                self.ensure().await?;
                continue;
            };
            generations.check_writable()?;
            // The one that is being built first: when the live one has a change, both have.
            if let Some(build) = &generations.building {
                self.write_beside(&build.name, changes).await?;
            }
            match self.write_to(&live.name, changes).await? {
                Target::Written(written) => return Ok(written),
                Target::Missing => {}
            }
        }
        Err(Fault::broken(format!("{} is not there", self.names.live)).transient())
    }

    async fn refresh(&self) -> Result<(), Fault> {
        self.ask("_refresh", None).await.map(|_| ())
    }

    async fn needs_build(&self) -> Result<bool, Fault> {
        Ok(self.generations().await?.is_behind())
    }

    async fn begin_build(&self) -> Result<Build, Fault> {
        self.begin().await
    }

    async fn write_build(&self, build: &Build, changes: &[Change]) -> Result<(), Fault> {
        match self.write_to(&build.generation, changes).await? {
            Target::Written(_) => Ok(()),
            Target::Missing => {
                Err(Fault::broken(format!("{} is not being built any more", build.generation)))
            }
        }
    }

    async fn publish(&self, build: Build) -> Result<(), Fault> {
        self.swap(&build).await
    }

    async fn abandon(&self, build: Build) -> Result<(), Fault> {
        self.give_up(&build.generation).await.map(drop)
    }

    async fn live(&self) -> Result<Option<Live>, Fault> {
        let live = self.generations().await?.live;
        Ok(live.map(|live| Live { generation: live.name, incarnation: live.uuid }))
    }

    async fn count(&self) -> Result<u64, Fault> {
        searching::counted(&self.ask("_count", Some(&searching::products())).await?)
    }

    async fn check(&self) -> Result<(), Fault> {
        self.generations().await.map(|_| ())
    }
}
