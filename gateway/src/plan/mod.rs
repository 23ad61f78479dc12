//! From an operation to the fetches that answer it and the shape of the answer; the planner crate is behind `hive`, the executor knows only the types of this module.
use std::{collections::BTreeSet, time::Duration};

use apollo_compiler::{ExecutableDocument, executable::Operation, validation::Valid};

/// Plans operations over one supergraph.
#[derive(Debug)]
pub struct Planner {}

/// Which sides of `@override(label:)` apply to a request.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Overrides {
    /// The labels that are on. `percent(…)` labels are not listed here.
    pub labels: BTreeSet<String>,
    /// This request's place in 0..100, in units of 1/100,000,000 percent: below a label's percentage it is on.
    pub percentile: u64,
}

/// Why a supergraph cannot be planned on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SupergraphError {
    /// The text is not a GraphQL schema.
    #[error("the supergraph is not valid GraphQL: {0}")]
    Syntax(String),
    /// The schema is not a supergraph that the planner understands.
    #[error("the supergraph cannot be planned on: {0}")]
    Unusable(String),
    /// The supergraph uses something that would be answered wrongly.
    #[error("the supergraph uses {0}, which this gateway cannot plan")]
    Unsupported(String),
}

/// Why an operation cannot be planned.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// Fragments and abstract types multiply the operation beyond what is planned.
    #[error("the operation selects more than {0} fields once its fragments are expanded")]
    TooLarge(usize),
    /// The deadline passed.
    #[error("planning the operation took longer than {} ms", .0.as_millis())]
    TimedOut(Duration),
    /// No way through the subgraphs, or a fault of the planner.
    #[error("the operation cannot be planned: {0}")]
    Impossible(String),
}

/// What answers one operation: shared by all requests that send it, whatever their variables.
#[derive(Debug)]
pub struct Plan {}

impl Planner {
    /// Reads a supergraph (join spec 0.1 to 0.5).
    pub fn new(_supergraph_sdl: &str) -> Result<Self, SupergraphError> {
        Err(SupergraphError::Unsupported("planning".to_owned()))
    }

    /// Subgraphs with their routing URLs, by name.
    pub fn subgraphs(&self) -> impl Iterator<Item = (&str, &str)> {
        std::iter::empty()
    }

    /// The labels of the supergraph's `@override`s, percentages left out: the only ones worth deciding.
    pub fn override_labels(&self) -> impl Iterator<Item = &str> {
        std::iter::empty()
    }

    /// Plans `operation` of `document`. Bound to the processor and possibly slow: call it on a thread for that.
    pub fn plan(
        &self,
        _document: &Valid<ExecutableDocument>,
        _operation: &Operation,
        _overrides: &Overrides,
        deadline: Duration,
    ) -> Result<Plan, PlanError> {
        Err(PlanError::TimedOut(deadline))
    }
}
