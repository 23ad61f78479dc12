//! Parses and validates a document against the API schema: every rule of the GraphQL specification, the
//! rules that the compiler crate leaves out, and the limits; and finds the operation that is asked for.

use apollo_compiler::Node;
use apollo_compiler::ast;
use apollo_compiler::diagnostic::ToCliReport;
use apollo_compiler::executable::{ExecutableDocument, Operation};
use apollo_compiler::parser::{Parser, SourceSpan};
use apollo_compiler::validation::{DiagnosticData, Valid, WithErrors};

use super::api_schema::ApiSchema;
use super::{limits, rules};
use crate::error::{Code, GraphqlError, Location};
use crate::settings::Limits;

/// Nesting of syntax (selections, lists, objects, types) at which the parser gives up, so that no text can
/// exhaust the stack. Far above what `limits.depth` lets through.
const SYNTAX_DEPTH: usize = 400;

/// Errors told for one document; a hostile one could have any number.
const MOST_ERRORS: usize = 50;

/// Parses and validates `text`.
pub(crate) fn validate(
    schema: &ApiSchema,
    limits: &Limits,
    text: &str,
) -> Result<Valid<ExecutableDocument>, Vec<GraphqlError>> {
    let syntax = parse(limits, text)?;
    limits::check(&syntax, limits).map_err(|error| vec![error])?;
    let document = syntax
        .to_executable_validate(schema.schema())
        .map_err(|failed| told(&failed, Code::GraphqlValidationFailed))?;
    let broken = rules::check(schema.schema(), &document);
    if broken.is_empty() { Ok(document) } else { Err(broken) }
}

/// The operation called `name`, or the only one (`GetOperation` of the specification).
pub(crate) fn select<'a>(
    document: &'a ExecutableDocument,
    name: Option<&str>,
) -> Result<&'a Node<Operation>, GraphqlError> {
    document.operations.get(name).map_err(|_ambiguous| {
        let message = match name {
            Some(name) => format!("Unknown operation named \"{name}\"."),
            None => "Must provide operation name if query contains multiple operations.".to_owned(),
        };
        GraphqlError::new(Code::OperationResolutionFailure, message)
    })
}

fn parse(limits: &Limits, text: &str) -> Result<ast::Document, Vec<GraphqlError>> {
    Parser::new().recursion_limit(SYNTAX_DEPTH).token_limit(limits.tokens).parse_ast(text, "query").map_err(
        |failed| {
            // The parser goes on after the first error, but what it then stumbles over tells little.
            let mut told = told(&failed, Code::GraphqlParseFailed);
            told.truncate(1);
            told
        },
    )
}

fn told(failed: &WithErrors<impl Sized>, code: Code) -> Vec<GraphqlError> {
    let unknown: Vec<SourceSpan> = failed
        .errors
        .iter()
        .filter(|diagnostic| diagnostic.error.unstable_error_name() == Some("UndefinedField"))
        .filter_map(|diagnostic| diagnostic.error.location())
        .collect();
    // Fields that do not exist are left out before the rest is checked, and the selection they stood in then
    // looks empty: only the cause is worth telling.
    let follows = |error: &DiagnosticData| {
        error.unstable_error_name() == Some("MissingSubselection")
            && error.location().is_some_and(|around| unknown.iter().any(|field| encloses(around, *field)))
    };
    let causes = failed.errors.iter().filter(|diagnostic| !follows(diagnostic.error));
    let told = causes.take(MOST_ERRORS).map(|diagnostic| {
        // Messages in the words of the reference implementation, which clients and their tests know.
        let error = diagnostic.unstable_to_json_compat();
        let location = error.locations.first().map(|at| Location { line: at.line, column: at.column });
        GraphqlError::new(code, error.message).at(location)
    });
    told.collect()
}

fn encloses(outer: SourceSpan, inner: SourceSpan) -> bool {
    outer.offset() <= inner.offset() && inner.end_offset() <= outer.end_offset()
}
