//! The only module that names the planner crate: it keeps its panics, slowness and known faults away from everything else.
mod operation;
mod plain;
mod translate;

use std::{
    collections::{HashSet, hash_map},
    panic::resume_unwind,
    thread,
    time::Duration,
};

use apollo_compiler::{ExecutableDocument, executable};
use hive_router_query_planner::{
    ast::operation::OperationDefinition,
    graph::PlannerOverrideContext,
    planner::{Planner, PlannerError, QueryPlannerOptions, plan_nodes::PlanNode},
    state::supergraph_state::OperationKind,
    utils::{cancellation::CancellationToken, parsing::safe_parse_schema},
};

use super::{
    Overrides, PlanError, SupergraphError,
    steps::{Fetch, Step},
    types::TypeTable,
};

/// Room for the recursion over the deepest operation and schema that the parsers let through.
const STACK_BYTES: usize = 64 << 20;

/// The planner crate, ready for one supergraph.
pub(super) struct Hive(Planner);

impl Hive {
    /// Reads a supergraph. The crate panics on some that are malformed, which is an error here.
    pub(super) fn new(supergraph_sdl: &str) -> Result<Self, SupergraphError> {
        contained(|| {
            let document =
                safe_parse_schema(supergraph_sdl).map_err(|e| SupergraphError::Syntax(e.to_string()))?;
            Planner::new_from_supergraph(&document, QueryPlannerOptions::default())
                .map(Self)
                .map_err(|e| SupergraphError::Unusable(e.to_string()))
        })
        .unwrap_or_else(|panic| Err(SupergraphError::Unusable(panic)))
    }

    /// Subgraphs with their URLs.
    pub(super) fn subgraphs(&self) -> hash_map::Iter<'_, String, String> {
        self.0.supergraph.subgraph_endpoint_map.iter()
    }

    pub(super) fn override_labels(&self) -> impl Iterator<Item = &str> {
        self.0.supergraph.progressive_overrides.flags.iter().map(String::as_str)
    }

    /// The fetches for `operation` and their order.
    pub(super) fn plan(
        &self,
        document: &ExecutableDocument,
        operation: &executable::Operation,
        overrides: &Overrides,
        deadline: Duration,
        types: &TypeTable,
    ) -> Result<(Step, Vec<Fetch>), PlanError> {
        contained(|| {
            let cancel = CancellationToken::with_timeout(deadline);
            let operation = operation::normalize(&self.0, document, operation)?;
            let attempt = Attempt { hive: self, overrides, cancel: &cancel };
            let (nodes, order) = attempt.operation(&operation).map_err(|error| match error {
                PlannerError::CancellationError(_) => PlanError::TimedOut(deadline),
                other => PlanError::Impossible(other.to_string()),
            })?;
            translate::translate(nodes, order, types)
        })
        .unwrap_or_else(|panic| Err(PlanError::Impossible(panic)))
    }
}

/// Planning one operation, in as few pieces as the crate manages.
struct Attempt<'a> {
    hive: &'a Hive,
    overrides: &'a Overrides,
    cancel: &'a CancellationToken,
}

/// How the plans of an operation's pieces run.
enum Order {
    Together,
    OneByOne,
}

impl Attempt<'_> {
    /// A query is planned whole, or field by field if the crate cannot. A mutation is planned field by field, because
    /// the crate would run the next root field beside the entity fetches of the one before.
    fn operation(&self, operation: &OperationDefinition) -> Result<(Vec<PlanNode>, Order), PlannerError> {
        if operation.selection_set.items.is_empty() {
            return Ok((Vec::new(), Order::Together));
        }
        let pieces = operation::split(operation);
        if is_mutation(operation) {
            return Ok((self.pieces(&pieces)?, Order::OneByOne));
        }
        match self.node(operation) {
            Err(PlannerError::CancellationError(error)) => Err(error.into()),
            Err(_) => Ok((self.pieces(&pieces)?, Order::Together)),
            Ok(node) => Ok((node.into_iter().collect(), Order::Together)),
        }
    }

    /// Plans each piece, if need be without its conditions.
    fn pieces(&self, pieces: &[OperationDefinition]) -> Result<Vec<PlanNode>, PlannerError> {
        let mut nodes = Vec::new();
        for piece in pieces {
            let node = match self.node(piece) {
                Err(PlannerError::CancellationError(error)) => return Err(error.into()),
                Err(first) => self.node(&operation::without_conditions(piece)).map_err(|_| first)?,
                Ok(node) => node,
            };
            nodes.extend(node);
        }
        Ok(nodes)
    }

    fn node(&self, operation: &OperationDefinition) -> Result<Option<PlanNode>, PlannerError> {
        let labels: HashSet<String> = self.overrides.labels.iter().cloned().collect();
        let context = PlannerOverrideContext::new(labels, self.overrides.percentile);
        Ok(self.hive.0.plan_from_normalized_operation(operation, context, self.cancel)?.node)
    }
}

/// Runs `work` on a thread of its own with a deep stack; a panic comes back as its message.
fn contained<T: Send>(work: impl FnOnce() -> T + Send) -> Result<T, String> {
    thread::scope(|scope| {
        let thread =
            thread::Builder::new().name("plan".into()).stack_size(STACK_BYTES).spawn_scoped(scope, work);
        match thread.map(thread::ScopedJoinHandle::join) {
            Ok(Ok(done)) => Ok(done),
            Ok(Err(panic)) => {
                let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
                let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
                match text {
                    Some(text) => Err(format!("the planner failed: {text}")),
                    None => resume_unwind(panic),
                }
            }
            Err(error) => Err(format!("no thread to plan on: {error}")),
        }
    })
}

fn is_mutation(operation: &OperationDefinition) -> bool {
    matches!(operation.operation_kind, Some(OperationKind::Mutation))
}
