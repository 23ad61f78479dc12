//! Rules that the compiler crate does not check, a file each: those of the specification that it leaves out, and one of
//! ours. They see only documents that keep all the others.

mod numbers_fit;
mod one_of;
mod position;
mod unique_input_fields;
mod variables_fit;

use apollo_compiler::Schema;
use apollo_compiler::executable::ExecutableDocument;

use crate::error::GraphqlError;
use position::Position;

/// Checks one place that takes input.
type Rule = fn(&Position<'_>, &mut Vec<GraphqlError>);

const RULES: [Rule; 4] =
    [unique_input_fields::check, one_of::check, variables_fit::check, numbers_fit::check];

/// Errors told for one document.
const MOST_ERRORS: usize = 50;

/// What is broken, in the order of the document.
pub(super) fn check(schema: &Schema, document: &ExecutableDocument) -> Vec<GraphqlError> {
    let mut errors = Vec::new();
    position::each(schema, document, &mut |position| {
        if errors.len() < MOST_ERRORS {
            for rule in RULES {
                rule(position, &mut errors);
            }
        }
    });
    errors.truncate(MOST_ERRORS);
    errors
}
