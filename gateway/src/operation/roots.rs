//! The root fields that the gateway answers itself, `__schema` and `__type`: no subgraph knows the whole schema.

use apollo_compiler::executable::{ExecutableDocument, Operation};
use apollo_compiler::response::JsonMap;
use bytes::Bytes;

use super::api_schema::ApiSchema;
use super::introspection::{self, Request, TooLong};
use crate::error::{Code, GraphqlError};

/// What an operation asks of the schema itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Introspection {
    /// Nothing.
    None,
    /// The same whatever the variables.
    Constant,
    /// Something that hangs on variables.
    Variable,
}

/// Whether and how `operation` asks for `__schema` or `__type`.
pub(super) fn introspection_of(document: &ExecutableDocument, operation: &Operation) -> Introspection {
    let asks =
        operation.root_fields(document).any(|field| field.name == "__schema" || field.name == "__type");
    match (asks, operation.variables.is_empty()) {
        (false, _) => Introspection::None,
        (true, true) => Introspection::Constant,
        (true, false) => Introspection::Variable,
    }
}

/// The answers of `__schema` and `__type` by response key.
pub(super) fn answer(
    schema: &ApiSchema,
    document: &ExecutableDocument,
    operation: &Operation,
    variables: &JsonMap,
) -> Result<Vec<(String, Bytes)>, GraphqlError> {
    let request = Request::new(schema, document, variables);
    let grouped = request.collect(operation.object_type(), std::iter::once(&operation.selection_set));
    let mut answers = Vec::new();
    for (key, fields) in &grouped {
        let is_ours = fields.first().is_some_and(|field| field.name == "__schema" || field.name == "__type");
        if is_ours {
            let json = introspection::answer(&request, fields).map_err(|TooLong| {
                GraphqlError::new(
                    Code::GraphqlValidationFailed,
                    "The answer to the introspection is too long.",
                )
            })?;
            answers.push((key.to_string(), Bytes::from(json)));
        }
    }
    Ok(answers)
}
