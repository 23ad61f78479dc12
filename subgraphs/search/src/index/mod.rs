//! The port `SearchIndex`: product search with one query model on two engines, Tantivy and Elasticsearch.
//!
//! How words are taken apart, what a query means and how often a word may be mistyped is decided here, once; an
//! engine stores terms and evaluates conditions over them. So the sides agree on what is found, on totals, facets
//! and orders by a value; scores may differ in the last digits.

pub mod answer;
pub(crate) mod aside;
mod asking;
mod cursor;
pub mod document;
pub mod elasticsearch;
mod engine;
mod highlight;
mod layout;
mod plan;
pub mod query;
mod spelling;
pub(crate) mod suggesting;

pub mod tantivy;
pub(crate) mod words;

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use souk_kit::fault::Fault;

use answer::{SearchAnswer, Suggestion, Written};
use document::Change;
use query::{SearchQuery, SuggestQuery};

/// An index of products, in generations: one is live and answers, and another may be built beside it. After an upgrade
/// to a version that keeps products otherwise, the live one goes on answering, as far as it has what is asked for, until
/// another has been built and published.
///
/// What fails because the engine is away is `UNAVAILABLE` and transient: the same call succeeds once it is back.
/// Handles are cheap to share; each process of the embedded side has one that writes or any number that read.
#[async_trait]
pub trait SearchIndex: fmt::Debug + Send + Sync {
    /// What a query finds. `BAD_USER_INPUT` when its cursor is none of the same question or a sort or filter by
    /// price comes without a currency.
    async fn search(&self, query: &SearchQuery) -> Result<SearchAnswer, Fault>;

    /// How to go on from what was typed: products, categories, brands, searches; the best of each kind first.
    async fn suggest(&self, query: &SuggestQuery) -> Result<Vec<Suggestion>, Fault>;

    /// Writes changes to the live generation and to one that is being built. When it returns they survive a crash,
    /// and every search finds them within a second. A change whose revision is not greater than the one that the
    /// index knows of the product has no effect, also after a deletion: so whatever is delivered late or twice may
    /// be written again. Refused where a later version made a generation. Whoever keeps what generations are built of commits there first and writes here then.
    async fn write(&self, changes: &[Change]) -> Result<Written, Fault>;

    /// Makes everything written so far visible to searches that begin later, without waiting for the second.
    async fn refresh(&self) -> Result<(), Fault>;

    /// Whether an earlier version made the live generation, in a layout that this one does not keep any more: it answers,
    /// and another should be built.
    async fn needs_build(&self) -> Result<bool, Fault>;

    /// Begins to build an empty generation beside the live one. One that was begun before and not published is
    /// thrown away.
    async fn begin_build(&self) -> Result<Build, Fault>;

    /// Writes changes to the generation that is being built alone; by the same rule of revisions, so that the order
    /// in which old state and new changes reach it does not matter. Durable once it is published.
    async fn write_build(&self, build: &Build, changes: &[Change]) -> Result<(), Fault>;

    /// Makes a generation live, in one step: searches see the earlier one or this one, none fails or sees both.
    async fn publish(&self, build: Build) -> Result<(), Fault>;

    /// Throws away what was built.
    async fn abandon(&self, build: Build) -> Result<(), Fault>;

    /// The live generation; none where there is none, or its data is gone. Whoever only asks need not know.
    async fn live(&self) -> Result<Option<Live>, Fault> {
        Err(Fault::broken("whoever only asks does not know the generation that answers"))
    }

    /// How many products the live generation has, whoever may see them; those that are gone do not count.
    async fn count(&self) -> Result<u64, Fault>;

    /// Whether the engine answers: what a readiness probe asks.
    async fn check(&self) -> Result<(), Fault>;
}

/// An index as its users hold it.
pub type SharedSearchIndex = Arc<dyn SearchIndex>;

/// The generation that answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Live {
    /// Its name on the engine; of one that was built, as [`Build`] had it.
    pub generation: String,
    /// What the engine tells it by from another of the same name, before or after it; empty where it has no such thing.
    #[serde(default)]
    pub incarnation: String,
}

/// A generation that is being built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Build {
    /// The generation's name on the engine.
    pub generation: String,
}
