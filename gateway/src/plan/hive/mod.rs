//! The only module that names the planner crate: it keeps its panics, slowness and known faults away from everything else.
mod cut;
mod entities;
mod entry;
mod operation;
mod plain;
mod provides;
mod restore;
mod translate;

use std::{
    any::Any,
    collections::{HashSet, hash_map},
    panic::{AssertUnwindSafe, catch_unwind},
    sync::OnceLock,
    thread,
    time::Duration,
};

use apollo_compiler::{ExecutableDocument, Schema, executable};
use hive_router_query_planner::{
    ast::operation::OperationDefinition,
    graph::PlannerOverrideContext,
    planner::{Planner, QueryPlannerOptions, plan_nodes::PlanNode},
    state::supergraph_state::OperationKind,
    utils::{cancellation::CancellationToken, parsing::safe_parse_schema},
};

use self::{
    cut::{Cutter, Piece},
    plain::Plain,
};
use super::{
    PlanError, SupergraphError, Variant,
    keys::Keys,
    shape,
    stand_ins::StandIns,
    steps::{Route, Routes},
    types::TypeTable,
};

/// Room for the recursion over the deepest operation and schema that the parsers let through.
const STACK_BYTES: usize = 64 << 20;

/// The planner crate, ready for one supergraph.
pub(super) struct Hive {
    planner: Planner,
    /// Made when the first operation cannot be planned at once.
    cutter: OnceLock<Option<Box<Cutter>>>,
}

impl Hive {
    /// Reads a supergraph. The crate panics on some that are malformed, which is an error here.
    pub(super) fn new(supergraph_sdl: &str) -> Result<Self, SupergraphError> {
        contained(|| {
            let document = safe_parse_schema(supergraph_sdl);
            let mut document = document.map_err(|e| SupergraphError::Syntax(e.to_string()))?;
            provides::remove_mixed_up(&mut document);
            Planner::new_from_supergraph(&document, QueryPlannerOptions::default())
                .map(|planner| Self { planner, cutter: OnceLock::new() })
                .map_err(|e| SupergraphError::Unusable(e.to_string()))
        })
        .unwrap_or_else(|panic| Err(SupergraphError::Unusable(panic)))
    }

    /// Subgraphs with their URLs.
    pub(super) fn subgraphs(&self) -> hash_map::Iter<'_, String, String> {
        self.planner.supergraph.subgraph_endpoint_map.iter()
    }

    pub(super) fn override_labels(&self) -> impl Iterator<Item = &str> {
        self.planner.supergraph.progressive_overrides.flags.iter().map(String::as_str)
    }

    /// The routes for `operation`, and which of them to take for which values of the variables in its conditions.
    pub(super) fn plan(
        &self,
        asked: &Question<'_>,
        keys: &Keys<'_>,
        types: &TypeTable,
    ) -> Result<Routes, PlanError> {
        contained(|| {
            let cancel = CancellationToken::with_timeout(asked.deadline);
            Attempt { hive: self, asked, cancel: &cancel, keys, types }.routes()
        })
        .unwrap_or_else(|panic| Err(PlanError::Impossible(panic)))
    }
}

/// What is to be planned, and until when.
pub(super) struct Question<'a> {
    pub(super) schema: &'a Schema,
    /// What in the schema stands for what.
    pub(super) stand_ins: Option<&'a StandIns>,
    pub(super) document: &'a ExecutableDocument,
    pub(super) operation: &'a executable::Operation,
    pub(super) variant: Variant<'a>,
    pub(super) deadline: Duration,
}

/// Planning one operation, in as few pieces as the crate manages.
struct Attempt<'a> {
    hive: &'a Hive,
    asked: &'a Question<'a>,
    cancel: &'a CancellationToken,
    keys: &'a Keys<'a>,
    types: &'a TypeTable,
}

/// Why a piece is not planned.
enum Failed {
    TooLate,
    /// The crate says so, or panicked.
    Cannot(String),
}

/// How the plans of an operation's pieces run.
enum Order {
    Together,
    OneByOne,
}

/// A plan with more variables in conditions than this has one route, which asks for everything below the root.
pub(super) const MAX_CONDITIONS: usize = 3;

impl Attempt<'_> {
    fn routes(&self) -> Result<Routes, PlanError> {
        let Question { document, operation, variant: Variant { decided, refuses, .. }, .. } = *self.asked;
        let mut conditions = shape::conditions(document, operation);
        conditions.retain(|name| !decided.contains_key(name));
        if conditions.len() > MAX_CONDITIONS {
            conditions.clear();
        }
        let (mut texts, mut routes, mut by_values) = (Vec::new(), Vec::new(), Vec::new());
        for bits in 0..1_usize << conditions.len() {
            let open = conditions.iter().enumerate().map(|(at, name)| (&**name, bits >> at & 1 == 1));
            let values = decided.iter().map(|(name, value)| (&**name, *value)).chain(open).collect();
            let text = Plain { document, values: &values, refuses, keys: self.keys }.of(operation);
            let text = text.map(|it| it.serialize().no_indent().to_string());
            let known = texts.iter().position(|known| *known == text);
            by_values.push(known.unwrap_or(texts.len()));
            if known.is_none() {
                routes.push(self.route(text.as_deref())?);
                texts.push(text);
            }
        }
        Ok(Routes { conditions, by_values, all: routes })
    }

    /// The route for the operation that `text` is; without one, there is nothing to ask.
    fn route(&self, text: Option<&str>) -> Result<Route, PlanError> {
        let translate =
            |pieces, order| translate::translate(pieces, &order, self.types, self.asked.stand_ins);
        let Some(text) = text else { return translate(Vec::new(), Order::Together) };
        let operation = operation::normalize(&self.hive.planner, text)?;
        let (pieces, order) = self.operation(&operation).map_err(|error| match error {
            Failed::TooLate => PlanError::TimedOut(self.asked.deadline),
            Failed::Cannot(why) => PlanError::Impossible(why),
        })?;
        translate(pieces, order)
    }

    /// A query is planned whole, or field by field if the crate cannot. A mutation is planned field by field, because
    /// the crate would run the next root field beside the entity fetches of the one before.
    fn operation(&self, operation: &OperationDefinition) -> Result<(Vec<Piece>, Order), Failed> {
        if operation.selection_set.items.is_empty() {
            return Ok((Vec::new(), Order::Together));
        }
        let fields = operation::split(operation);
        if is_mutation(operation) {
            return Ok((self.pieces(&fields)?, Order::OneByOne));
        }
        if fields.len() > 1 {
            match self.node(self.hive, operation) {
                Err(Failed::TooLate) => return Err(Failed::TooLate),
                Err(Failed::Cannot(_)) => {}
                Ok(node) => {
                    let piece = node.map(|node| Piece::FromRoot(Vec::new(), node));
                    return Ok((piece.into_iter().collect(), Order::Together));
                }
            }
        }
        Ok((self.pieces(&fields)?, Order::Together))
    }

    fn pieces(&self, fields: &[OperationDefinition]) -> Result<Vec<Piece>, Failed> {
        fields.iter().filter_map(|field| self.piece(field).transpose()).collect()
    }

    /// What the crate plans, on the supergraph that `hive` is for.
    fn node(&self, hive: &Hive, operation: &OperationDefinition) -> Result<Option<PlanNode>, Failed> {
        let plan = || {
            let overrides = self.asked.variant.overrides;
            let labels: HashSet<String> = overrides.labels.iter().cloned().collect();
            let context = PlannerOverrideContext::new(labels, overrides.percentile);
            hive.planner.plan_from_normalized_operation(operation, context, self.cancel)
        };
        match catch_unwind(AssertUnwindSafe(plan)) {
            Ok(Ok(plan)) => Ok(plan.node),
            // The crate wraps the cause differently in each of its phases; the token knows.
            Ok(Err(_)) if self.cancel.bail_if_cancelled().is_err() => Err(Failed::TooLate),
            Ok(Err(error)) => Err(Failed::Cannot(error.to_string())),
            Err(panic) => Err(Failed::Cannot(text_of(&*panic))),
        }
    }
}

/// Runs `work` on a thread of its own with a deep stack; a panic comes back as its message.
fn contained<T: Send>(work: impl FnOnce() -> T + Send) -> Result<T, String> {
    thread::scope(|scope| {
        let thread =
            thread::Builder::new().name("plan".into()).stack_size(STACK_BYTES).spawn_scoped(scope, work);
        match thread.map(thread::ScopedJoinHandle::join) {
            Ok(Ok(done)) => Ok(done),
            Ok(Err(panic)) => Err(text_of(&*panic)),
            Err(error) => Err(format!("no thread to plan on: {error}")),
        }
    })
}

fn text_of(panic: &(dyn Any + Send)) -> String {
    let text =
        panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    format!("the planner failed: {}", text.unwrap_or("without a word"))
}

fn is_mutation(operation: &OperationDefinition) -> bool {
    matches!(operation.operation_kind, Some(OperationKind::Mutation))
}
