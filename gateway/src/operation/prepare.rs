//! An operation made ready to run, once for all requests that send it: validated, planned, and what it asks of the
//! schema itself answered beforehand where that does not hang on variables.

use std::collections::BTreeMap;
use std::time::Instant;

use apollo_compiler::Node;
use apollo_compiler::executable::{ExecutableDocument, Operation, OperationType};
use apollo_compiler::response::JsonMap;
use apollo_compiler::validation::Valid;
use bytes::Bytes;

use super::api_schema::ApiSchema;
use super::cost::{self, Cost};
use super::document;
use super::roots::{self, Introspection};
use crate::error::{Code, GraphqlError};
use crate::plan::{self, Overrides, Plan, PlanError, Planner};
use crate::settings::Limits;

/// A valid operation with its plan.
#[derive(Debug)]
pub(crate) struct Prepared {
    document: Valid<ExecutableDocument>,
    operation: Node<Operation>,
    plan: Plan,
    /// Variables in conditions that the plan does not tell apart.
    undecided: Vec<Box<str>>,
    introspection: Introspection,
    /// Answers of `__schema` and `__type`, where they are the same for every request.
    constant: Vec<(String, Bytes)>,
    /// What it costs without variables.
    cost: Cost,
}

/// What operations are prepared with.
pub(crate) struct Workshop<'a> {
    pub(crate) schema: &'a ApiSchema,
    pub(crate) planner: &'a Planner,
    pub(crate) limits: &'a Limits,
    /// Answer `__schema` and `__type`.
    pub(crate) introspection: bool,
    /// Which fields are taken from the subgraph that they move to.
    pub(crate) overrides: Overrides,
    /// The values of the variables that are undecided otherwise, in their order; none or all of them.
    pub(crate) decided: &'a [bool],
    /// When to give up.
    pub(crate) deadline: Instant,
}

impl Workshop<'_> {
    /// Prepares the operation of `text` that is called `name`. Bound to the processor and possibly slow.
    pub(crate) fn prepare(&self, text: &str, name: Option<&str>) -> Result<Prepared, Vec<GraphqlError>> {
        let document = document::validate(self.schema, self.limits, text)?;
        let operation = document::select(&document, name).map_err(|error| vec![error])?.clone();
        let introspection = roots::introspection_of(&document, &operation);
        if introspection != Introspection::None && !self.introspection {
            let message = "Introspection is switched off on this server.";
            return Err(vec![GraphqlError::new(Code::IntrospectionDisabled, message)]);
        }
        let constant = match introspection {
            Introspection::Constant => {
                roots::answer(self.schema, &document, &operation, &JsonMap::new(), self.deadline)
            }
            Introspection::None | Introspection::Variable => Ok(Vec::new()),
        };
        let constant = constant.map_err(|error| vec![error])?;
        let cost = cost::cost(self.schema.cost_rules(), &document, &operation, &JsonMap::new(), self.limits);
        if !cost.varies && cost.objects > self.limits.cost {
            return Err(vec![too_costly(cost.objects, self.limits)]);
        }
        let mut undecided = plan::undecided(&document, &operation);
        let decided: BTreeMap<_, _> = undecided.iter().cloned().zip(self.decided.iter().copied()).collect();
        if !decided.is_empty() {
            undecided.clear();
        }
        let plan = self.plan(&document, &operation, &decided).map_err(|error| vec![error])?;
        Ok(Prepared { document, operation, plan, undecided, introspection, constant, cost })
    }

    fn plan(
        &self,
        document: &Valid<ExecutableDocument>,
        operation: &Operation,
        decided: &BTreeMap<Box<str>, bool>,
    ) -> Result<Plan, GraphqlError> {
        let left = self.deadline.saturating_duration_since(Instant::now());
        let planned = self.planner.plan_for(document, operation, &self.overrides, decided, left);
        planned.map_err(|error| match error {
            PlanError::TooLarge(_) | PlanError::TooDeep(_) => {
                GraphqlError::new(Code::GraphqlValidationFailed, error.to_string())
            }
            PlanError::TimedOut(_) => {
                GraphqlError::new(Code::RequestTimeout, "Planning the operation took too long.")
            }
            PlanError::Impossible(cause) => {
                tracing::error!(cause, "a valid operation could not be planned: {cause}");
                GraphqlError::internal()
            }
        })
    }
}

impl Prepared {
    /// What the operation does.
    pub(crate) fn kind(&self) -> OperationType {
        self.operation.operation_type
    }

    /// The plan.
    pub(crate) fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The document and the operation of it that is run.
    pub(crate) fn operation(&self) -> (&ExecutableDocument, &Operation) {
        (&self.document, &self.operation)
    }

    /// Variables in conditions that the plan does not tell apart.
    pub(crate) fn undecided(&self) -> &[Box<str>] {
        &self.undecided
    }

    /// Coerces a request's variables to the declared types.
    pub(crate) fn coerce(&self, schema: &ApiSchema, given: JsonMap) -> Result<JsonMap, Vec<GraphqlError>> {
        super::coerce_variables(schema.schema(), &self.document, &self.operation, given)
    }

    /// Refuses values of variables, already coerced, under which the answer could hold too many objects.
    pub(crate) fn check_cost(
        &self,
        schema: &ApiSchema,
        variables: &JsonMap,
        limits: &Limits,
    ) -> Result<(), GraphqlError> {
        if !self.cost.varies {
            return Ok(());
        }
        let cost = cost::cost(schema.cost_rules(), &self.document, &self.operation, variables, limits);
        if cost.objects > limits.cost { Err(too_costly(cost.objects, limits)) } else { Ok(()) }
    }

    /// What it takes of memory beside its text, in bytes: coarse, but in proportion.
    pub(crate) fn footprint(&self) -> usize {
        let constant: usize = self.constant.iter().map(|(_, bytes)| bytes.len()).sum();
        constant.saturating_add(self.plan.footprint())
    }

    /// Whether answering what is asked of the schema is work that no async thread should do.
    pub(crate) fn introspects_by_variables(&self) -> bool {
        self.introspection == Introspection::Variable
    }

    /// The answers of `__schema` and `__type` by response key, where they are the same for every request.
    pub(crate) fn constant(&self) -> &[(String, Bytes)] {
        &self.constant
    }

    /// The answers of `__schema` and `__type` by response key, under coerced variables.
    pub(crate) fn introspect(
        &self,
        schema: &ApiSchema,
        variables: &JsonMap,
        deadline: Instant,
    ) -> Result<Vec<(String, Bytes)>, GraphqlError> {
        roots::answer(schema, &self.document, &self.operation, variables, deadline)
    }
}

fn too_costly(objects: u64, limits: &Limits) -> GraphqlError {
    let message = format!(
        "The operation may ask for {objects} objects, and at most {} are allowed: ask for smaller pages, or for less \
         within nested lists.",
        limits.cost
    );
    GraphqlError::new(Code::GraphqlValidationFailed, message)
}
