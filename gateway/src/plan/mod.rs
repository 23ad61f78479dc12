//! From an operation to the fetches that answer it and the shape of the answer; the planner crate is behind `hive`, the executor knows only the types of this module.
mod display;
mod hive;
mod keys;
mod limit;
pub(crate) mod requires;
pub(crate) mod schedule;
pub(crate) mod shape;
mod stand_ins;
pub(crate) mod steps;
pub(crate) mod types;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::Arc,
    time::Duration,
};

use apollo_compiler::{
    ExecutableDocument, Name, Schema,
    ast::OperationType,
    executable::{Field, Operation},
    schema::ExtendedType,
    validation::Valid,
};

pub use steps::Plan;

use self::{
    hive::Hive,
    keys::{Keys, Reserved},
    stand_ins::StandIns,
    types::TypeTable,
};
use crate::transport::OperationKind;

/// Plans operations over one supergraph.
pub struct Planner {
    hive: Hive,
    schema: Schema,
    /// The supergraph as the planner sees it, where that differs.
    planned_on: Option<(Schema, StandIns)>,
    types: Arc<TypeTable>,
    reserved: Reserved,
}

/// Which sides of `@override(label:)` apply to a request.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Overrides {
    /// The labels that are on. `percent(…)` labels are not listed here.
    pub labels: BTreeSet<String>,
    /// This request's place in 0..100, in units of 1/100,000,000 percent: below a label's percentage it is on.
    pub percentile: u64,
}

/// What of an operation is planned: requests that differ in this have plans of their own.
#[derive(Clone, Copy)]
pub struct Variant<'a> {
    /// Which sides of `@override(label:)` apply.
    pub overrides: &'a Overrides,
    /// Values of the [`undecided`] variables; none or all of them.
    pub decided: &'a BTreeMap<Box<str>, bool>,
    /// Whether the caller may not have this field, which is selected on this type: no subgraph is asked for it, and it is
    /// null in the answer.
    pub refuses: &'a (dyn Fn(&Name, &Field) -> bool + Sync),
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
    /// Fields are nested too deep.
    #[error("the operation nests fields deeper than {0} levels")]
    TooDeep(usize),
    /// One response key stands for a field with different arguments.
    #[error(
        "Fields \"{0}\" conflict because they have differing arguments. Use different aliases on the fields to fetch both \
         if this was intentional."
    )]
    Conflict(String),
    /// The deadline passed.
    #[error("planning the operation took longer than {} ms", .0.as_millis())]
    TimedOut(Duration),
    /// No way through the subgraphs, or a fault of the planner.
    #[error("the operation cannot be planned: {0}")]
    Impossible(String),
}

impl Planner {
    /// Reads a supergraph (join spec 0.1 to 0.5). Slow for large ones: call it on a thread for such work.
    pub fn new(supergraph_sdl: &str) -> Result<Self, SupergraphError> {
        let schema = Schema::builder()
            .adopt_orphan_extensions()
            .ignore_builtin_redefinitions()
            .parse(supergraph_sdl, "supergraph.graphql")
            .build()
            .map_err(|with| SupergraphError::Syntax(with.errors.to_string()))?;
        refuse_context(&schema)?;
        let planned_on = StandIns::new(&schema);
        let hive = match &planned_on {
            Some((planned_on, _)) => Hive::new(&planned_on.to_string())?,
            None => Hive::new(supergraph_sdl)?,
        };
        let types = Arc::new(TypeTable::new(&schema));
        let reserved = Reserved::new(planned_on.as_ref().map_or(&schema, |(planned_on, _)| planned_on));
        Ok(Self { hive, schema, planned_on, types, reserved })
    }

    /// Subgraphs with their routing URLs, by name.
    pub fn subgraphs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.hive.subgraphs().map(|(name, url)| (name.as_str(), url.as_str()))
    }

    /// The supergraph.
    pub(crate) fn schema(&self) -> &Schema {
        &self.schema
    }

    /// The labels of the supergraph's `@override`s, percentages left out: the only ones worth deciding.
    pub fn override_labels(&self) -> impl Iterator<Item = &str> {
        self.hive.override_labels()
    }

    /// Plans `operation` of `document`. Bound to the processor and possibly slow: call it on a thread for that.
    ///
    /// Where more variables decide what is selected than one plan tells apart ([`undecided`]), the plan asks for
    /// everything and leaves out of the answer what is not wanted.
    pub fn plan(
        &self,
        document: &Valid<ExecutableDocument>,
        operation: &Operation,
        overrides: &Overrides,
        deadline: Duration,
    ) -> Result<Plan, PlanError> {
        let variant = Variant { overrides, decided: &BTreeMap::new(), refuses: &|_, _| false };
        self.plan_for(document, operation, variant, deadline)
    }

    /// The same for the requests that `variant` stands for.
    pub fn plan_for(
        &self,
        document: &Valid<ExecutableDocument>,
        operation: &Operation,
        variant: Variant<'_>,
        deadline: Duration,
    ) -> Result<Plan, PlanError> {
        limit::check(document, &operation.selection_set)?;
        let keys = Keys::new(&self.schema, &self.types, &self.reserved, document, operation);
        let shape = shape::build(shape::Question {
            schema: &self.schema,
            types: &self.types,
            keys: &keys,
            document,
            operation,
            refuses: variant.refuses,
        })?;
        let (schema, stand_ins) = match &self.planned_on {
            Some((schema, stand_ins)) => (schema, Some(stand_ins)),
            None => (&self.schema, None),
        };
        let asked = hive::Question { schema, stand_ins, document, operation, variant, deadline };
        let routes = self.hive.plan(&asked, &keys, &self.types)?;
        let kind = match operation.operation_type {
            OperationType::Query => OperationKind::Query,
            OperationType::Mutation => OperationKind::Mutation,
            OperationType::Subscription => OperationKind::Subscription,
        };
        Ok(Plan { kind, routes, shape, types: Arc::clone(&self.types) })
    }
}

/// The variables in conditions of `operation` that one plan for all their values would not tell apart: a plan for given
/// values of them asks for nothing that is not wanted.
pub fn undecided(document: &ExecutableDocument, operation: &Operation) -> Vec<Box<str>> {
    shape::conditions(document, operation).into_iter().skip(hive::MAX_CONDITIONS).collect()
}

/// The planner crate ignores `@fromContext` and would answer wrongly without a word.
fn refuse_context(schema: &Schema) -> Result<(), SupergraphError> {
    for (name, ty) in &schema.types {
        let ExtendedType::Object(ty) = ty else { continue };
        for (field, definition) in &ty.fields {
            let mut joins = definition.directives.get_all("join__field");
            let arguments = |join: &apollo_compiler::Node<apollo_compiler::ast::Directive>| {
                join.specified_argument_by_name("contextArguments")
                    .and_then(|value| value.as_list())
                    .is_some_and(|list| !list.is_empty())
            };
            if joins.any(arguments) {
                return Err(SupergraphError::Unsupported(format!(
                    "`@fromContext` (on an argument of `{name}.{field}`)"
                )));
            }
        }
    }
    Ok(())
}

impl fmt::Debug for Planner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Planner")
            .field("subgraphs", &self.subgraphs().map(|(name, _)| name).collect::<Vec<_>>())
            .finish()
    }
}
