//! Everything that belongs to one supergraph: schema, planner, prepared operations and subgraphs. A reload makes another
//! one; requests that have begun end with the one they began with.

use std::sync::Arc;

use apollo_compiler::executable::OperationType;
use apollo_compiler::response::{JsonMap, JsonValue};
use bytes::Bytes;

use crate::error::{Code, GraphqlError};
use crate::execute::{self, Input, Variables};
use crate::guard::{Claims, RequirementId};
use crate::operation::{ApiSchema, Operations, Prepared, Refusal, Variant};
use crate::plan::{Plan, Planner};
use crate::request::{Answer, File, Request};
use crate::settings::Settings;
use crate::transport::{HttpSetupError, Subgraphs, Upload};

/// Why a supergraph cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The schema itself.
    #[error(transparent)]
    Schema(#[from] crate::operation::SchemaFault),
    /// Planning on it.
    #[error(transparent)]
    Plan(#[from] crate::plan::SupergraphError),
    /// A subgraph that nothing leads to.
    #[error("the subgraph `{name}` cannot be reached: {cause}")]
    Subgraph {
        /// Its name in the supergraph.
        name: String,
        /// What is wrong with its URL.
        cause: HttpSetupError,
    },
}

/// One supergraph, ready to answer.
pub(crate) struct Engine {
    supergraph: Box<str>,
    schema: Arc<ApiSchema>,
    operations: Operations,
    subgraphs: Subgraphs,
}

impl Engine {
    pub(crate) fn new(
        supergraph: &str,
        planner: Planner,
        subgraphs: Subgraphs,
        settings: Arc<Settings>,
    ) -> Result<Self, LoadError> {
        let schema = Arc::new(ApiSchema::from_supergraph(supergraph)?);
        let operations = Operations::new(Arc::clone(&schema), planner, settings);
        Ok(Self { supergraph: supergraph.into(), schema, operations, subgraphs })
    }

    /// The supergraph's SDL.
    pub(crate) fn supergraph(&self) -> &str {
        &self.supergraph
    }

    /// Whether the supergraph requires something of callers.
    pub(crate) fn requires_claims(&self) -> bool {
        self.operations.guard().is_some()
    }

    /// Answers a request; never fails.
    pub(crate) async fn answer(&self, mut request: Request) -> Answer {
        let prepared = match self.operations.prepare(&request.query, request.operation_name.as_deref()).await
        {
            Ok(prepared) => prepared,
            Err(refusal) => return Answer::refusal(&refusal),
        };
        if let Some(error) = misplaced(prepared.kind(), request.is_safe) {
            return error.into();
        }
        let (query, name) = (std::mem::take(&mut request.query), request.operation_name.take());
        match self.input(&prepared, request).await {
            Ok(input) => {
                let plan = match self.plan(&prepared, &query, name.as_deref(), &input).await {
                    Ok(plan) => plan,
                    Err(refusal) => return Answer::refusal(&refusal),
                };
                let response = execute::run(&plan, &input, &self.subgraphs).await;
                Answer { body: response.body, refused: None, errors: response.errors }
            }
            Err(errors) => Answer::refusal(&errors),
        }
    }

    /// The operation's plan for what the request wants and its caller may have.
    async fn plan(
        &self,
        prepared: &Arc<Prepared>,
        query: &str,
        name: Option<&str>,
        input: &Input,
    ) -> Result<Arc<Plan>, Refusal> {
        if let Some(plan) = prepared.plan() {
            return Ok(Arc::clone(plan));
        }
        let unmet = self.unmet(prepared, input).map_err(|error| Refusal::from([error]))?;
        let decided = prepared.undecided().iter().map(|name| input.variables.is_true(name)).collect();
        self.operations.plan(prepared, query, name, Variant { decided, unmet: unmet.into() }).await
    }

    /// What the operation requires and the caller does not meet; an error if the whole request is refused for that.
    fn unmet(&self, prepared: &Prepared, input: &Input) -> Result<Vec<RequirementId>, GraphqlError> {
        let Some(guard) = self.operations.guard() else { return Ok(Vec::new()) };
        let nobody = Claims::default();
        let claims = input.extensions.get::<Claims>().unwrap_or(&nobody);
        let unmet = guard.unmet(prepared.requirements(), claims);
        if !unmet.is_empty() && self.operations.rejects_unauthorized() {
            let (document, operation) = prepared.operation();
            guard.check(document, operation, &input.variables, &unmet)?;
        }
        Ok(unmet)
    }

    async fn input(&self, prepared: &Arc<Prepared>, request: Request) -> Result<Input, Vec<GraphqlError>> {
        let mut given = request.variables;
        for (number, file) in request.files.iter().enumerate() {
            occupy(&mut given, number, file).map_err(|error| vec![error])?;
        }
        let mut variables = prepared.coerce(&self.schema, given)?;
        let limits = self.operations.limits();
        prepared.check_cost(&self.schema, &variables, limits).map_err(|error| vec![error])?;
        let uploads =
            if request.files.is_empty() { Vec::new() } else { release(&mut variables, request.files) };
        let local_fields = self.introspect(prepared, &variables).await.map_err(|error| vec![error])?;
        let variables = Variables::new(&variables);
        Ok(Input {
            variables,
            headers: request.headers,
            extensions: request.extensions,
            uploads,
            local_fields,
        })
    }

    async fn introspect(
        &self,
        prepared: &Arc<Prepared>,
        variables: &JsonMap,
    ) -> Result<Vec<(String, Bytes)>, GraphqlError> {
        if !prepared.introspects_by_variables() {
            return Ok(prepared.constant().to_vec());
        }
        let (schema, prepared, variables) =
            (Arc::clone(&self.schema), Arc::clone(prepared), variables.clone());
        self.operations.work(move |deadline| prepared.introspect(&schema, &variables, deadline)).await
    }
}

fn misplaced(kind: OperationType, is_safe: bool) -> Option<GraphqlError> {
    match kind {
        OperationType::Mutation if is_safe => {
            let message = "Mutations change data and must be sent with POST.";
            Some(GraphqlError::new(Code::MethodNotAllowed, message))
        }
        OperationType::Subscription => {
            let message = "Subscriptions are not served over plain HTTP.";
            Some(GraphqlError::new(Code::SubscriptionUnsupported, message))
        }
        OperationType::Query | OperationType::Mutation => None,
    }
}

/// The key of the object that stands for a file while variables are coerced. It passes for any custom scalar, such
/// as `Upload!`, and for nothing else.
const PLACEHOLDER: &str = "#file";

/// Puts a placeholder where the file belongs.
fn occupy(variables: &mut JsonMap, number: usize, file: &File) -> Result<(), GraphqlError> {
    let refuse = || {
        let message = format!("`map` names \"{}\", where `operations` has no null.", file.path);
        GraphqlError::new(Code::BadRequest, message)
    };
    let mut steps = file.path.split('.');
    let (Some("variables"), Some(name)) = (steps.next(), steps.next()) else { return Err(refuse()) };
    let mut place = variables.get_mut(name).ok_or_else(refuse)?;
    for step in steps {
        let below = match place {
            JsonValue::Object(fields) => fields.get_mut(step),
            JsonValue::Array(items) => step.parse::<usize>().ok().and_then(|index| items.get_mut(index)),
            _ => None,
        };
        place = below.ok_or_else(refuse)?;
    }
    if !place.is_null() {
        return Err(refuse());
    }
    let mut placeholder = JsonMap::new();
    placeholder.insert(PLACEHOLDER, number.into());
    *place = JsonValue::Object(placeholder);
    Ok(())
}

/// Takes the placeholders out again and notes where each file has come to stand.
fn release(variables: &mut JsonMap, files: Vec<File>) -> Vec<Upload> {
    let mut files: Vec<Option<File>> = files.into_iter().map(Some).collect();
    let mut uploads = Vec::new();
    for (name, value) in variables.iter_mut() {
        let name = name.as_str();
        find(value, &format!("variables.{name}"), &mut |number, path| {
            if let Some(File { upload, .. }) = files.get_mut(number).and_then(Option::take) {
                uploads.push(Upload { variable: name.to_owned(), path, ..upload });
            }
        });
    }
    uploads
}

fn find(value: &mut JsonValue, path: &str, found: &mut dyn FnMut(usize, String)) {
    match value {
        JsonValue::Object(fields) => {
            let number = fields.get(PLACEHOLDER).and_then(JsonValue::as_u64).filter(|_| fields.len() == 1);
            if let Some(number) = number.and_then(|number| usize::try_from(number).ok()) {
                *value = JsonValue::Null;
                found(number, path.to_owned());
                return;
            }
            for (name, value) in fields.iter_mut() {
                find(value, &format!("{path}.{}", name.as_str()), found);
            }
        }
        JsonValue::Array(items) => {
            for (index, item) in items.iter_mut().enumerate() {
                find(item, &format!("{path}.{index}"), found);
            }
        }
        _ => {}
    }
}
