//! An operation made ready to run, once for all requests that send it: validated, planned, and what it asks of the
//! schema itself answered beforehand where that does not hang on variables. Where requests differ in what they may have
//! or want, each kind of them has a plan of its own.

use std::sync::Arc;
use std::time::Instant;

use apollo_compiler::executable::{ExecutableDocument, Field, Operation, OperationType};
use apollo_compiler::response::JsonMap;
use apollo_compiler::validation::Valid;
use apollo_compiler::{Name, Node};
use bytes::Bytes;

use super::api_schema::ApiSchema;
use super::cost::{self, Cost};
use super::document;
use super::roots::{self, Introspection};
use crate::error::{Code, GraphqlError};
use crate::guard::{Guard, RequirementId};
use crate::plan::{self, Overrides, Plan, PlanError, Planner};
use crate::settings::Limits;

/// A valid operation, with its plan where there is one for all requests.
#[derive(Debug)]
pub(crate) struct Prepared {
    checked: Arc<Checked>,
    plan: Option<Arc<Plan>>,
}

/// An operation that may be run.
#[derive(Debug)]
struct Checked {
    document: Valid<ExecutableDocument>,
    operation: Node<Operation>,
    /// Variables in conditions that one plan does not tell apart.
    undecided: Vec<Box<str>>,
    /// What its fields require of callers.
    requirements: Vec<RequirementId>,
    introspection: Introspection,
    /// Answers of `__schema` and `__type`, where they are the same for every request.
    constant: Vec<(String, Bytes)>,
    /// What it costs without variables.
    cost: Cost,
}

/// In what requests for an operation differ so much that they have different plans.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Variant {
    /// The values of the variables that one plan does not tell apart, in their order.
    pub(crate) decided: Box<[bool]>,
    /// What the caller does not meet.
    pub(crate) unmet: Box<[RequirementId]>,
}

/// What operations are prepared with.
pub(crate) struct Workshop<'a> {
    pub(crate) schema: &'a ApiSchema,
    pub(crate) planner: &'a Planner,
    pub(crate) guard: Option<&'a Guard>,
    pub(crate) limits: &'a Limits,
    /// Answer `__schema` and `__type`.
    pub(crate) introspection: bool,
    /// Which fields are taken from the subgraph that they move to.
    pub(crate) overrides: Overrides,
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
        let undecided = plan::undecided(&document, &operation);
        let requirements =
            self.guard.map_or_else(Vec::new, |guard| guard.requirements(&document, &operation));
        let checked = Checked { document, operation, undecided, requirements, introspection, constant, cost };
        let plan = match checked.varies() {
            true => None,
            false => Some(Arc::new(self.plan(&checked, &Variant::default()).map_err(|error| vec![error])?)),
        };
        Ok(Prepared { checked: Arc::new(checked), plan })
    }

    /// Adds the plan for the requests that `variant` stands for.
    pub(crate) fn complete(&self, prepared: &Prepared, variant: &Variant) -> Result<Prepared, GraphqlError> {
        let plan = self.plan(&prepared.checked, variant)?;
        Ok(Prepared { checked: Arc::clone(&prepared.checked), plan: Some(Arc::new(plan)) })
    }

    fn plan(&self, checked: &Checked, variant: &Variant) -> Result<Plan, GraphqlError> {
        let Checked { document, operation, undecided, .. } = checked;
        let left = self.deadline.saturating_duration_since(Instant::now());
        let decided = undecided.iter().cloned().zip(variant.decided.iter().copied()).collect();
        let refuses = |ty: &Name, field: &Field| {
            self.guard.is_some_and(|guard| guard.refuses(&variant.unmet, ty, field))
        };
        let variant = plan::Variant { overrides: &self.overrides, decided: &decided, refuses: &refuses };
        self.planner.plan_for(document, operation, variant, left).map_err(|error| match error {
            PlanError::TooLarge(_) | PlanError::TooDeep(_) | PlanError::Conflict(_) => {
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
        self.checked.operation.operation_type
    }

    /// The plan; `None` where requests differ so much that each kind of them has its own.
    pub(crate) fn plan(&self) -> Option<&Arc<Plan>> {
        self.plan.as_ref()
    }

    /// The document and the operation of it that is run.
    pub(crate) fn operation(&self) -> (&ExecutableDocument, &Operation) {
        (&self.checked.document, &self.checked.operation)
    }

    /// Variables in conditions that one plan does not tell apart.
    pub(crate) fn undecided(&self) -> &[Box<str>] {
        &self.checked.undecided
    }

    /// What the operation's fields require of callers.
    pub(crate) fn requirements(&self) -> &[RequirementId] {
        &self.checked.requirements
    }

    /// Coerces a request's variables to the declared types.
    pub(crate) fn coerce(&self, schema: &ApiSchema, given: JsonMap) -> Result<JsonMap, Vec<GraphqlError>> {
        super::coerce_variables(schema.schema(), &self.checked.document, &self.checked.operation, given)
    }

    /// Refuses values of variables, already coerced, under which the answer could hold too many objects.
    pub(crate) fn check_cost(
        &self,
        schema: &ApiSchema,
        variables: &JsonMap,
        limits: &Limits,
    ) -> Result<(), GraphqlError> {
        let Checked { document, operation, cost, .. } = &*self.checked;
        if !cost.varies {
            return Ok(());
        }
        let cost = cost::cost(schema.cost_rules(), document, operation, variables, limits);
        if cost.objects > limits.cost { Err(too_costly(cost.objects, limits)) } else { Ok(()) }
    }

    /// What it takes of memory beside its text, in bytes: coarse, but in proportion.
    pub(crate) fn footprint(&self) -> usize {
        let constant: usize = self.constant().iter().map(|(_, bytes)| bytes.len()).sum();
        constant.saturating_add(self.plan.as_ref().map_or(0, |plan| plan.footprint()))
    }

    /// Whether answering what is asked of the schema is work that no async thread should do.
    pub(crate) fn introspects_by_variables(&self) -> bool {
        self.checked.introspection == Introspection::Variable
    }

    /// The answers of `__schema` and `__type` by response key, where they are the same for every request.
    pub(crate) fn constant(&self) -> &[(String, Bytes)] {
        &self.checked.constant
    }

    /// The answers of `__schema` and `__type` by response key, under coerced variables.
    pub(crate) fn introspect(
        &self,
        schema: &ApiSchema,
        variables: &JsonMap,
        deadline: Instant,
    ) -> Result<Vec<(String, Bytes)>, GraphqlError> {
        roots::answer(schema, &self.checked.document, &self.checked.operation, variables, deadline)
    }
}

impl Checked {
    /// Whether requests differ so much that they have different plans.
    fn varies(&self) -> bool {
        !self.undecided.is_empty() || !self.requirements.is_empty()
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
