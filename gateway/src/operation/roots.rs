//! The root fields that the gateway answers itself, `__schema` and `__type`: no subgraph knows the whole schema.

use std::collections::HashSet;
use std::time::Instant;

use apollo_compiler::Name;
use apollo_compiler::ast::DirectiveList;
use apollo_compiler::executable::{
    ExecutableDocument, Field, FragmentSpread, Operation, Selection, SelectionSet,
};
use apollo_compiler::response::JsonMap;
use bytes::Bytes;

use super::api_schema::ApiSchema;
use super::introspection::{self, Request, Unfinished};
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
    let asks = operation.root_fields(document).any(|field| is_ours(field));
    let varies = || Varies { document, seen: HashSet::new() }.at_root(&operation.selection_set);
    match asks {
        false => Introspection::None,
        true if varies() => Introspection::Variable,
        true => Introspection::Constant,
    }
}

fn is_ours(field: &Field) -> bool {
    field.name == "__schema" || field.name == "__type"
}

/// Whether variables stand where they decide what is answered of the schema. Each fragment is looked at once.
struct Varies<'a> {
    document: &'a ExecutableDocument,
    seen: HashSet<(&'a Name, bool)>,
}

impl<'a> Varies<'a> {
    /// Among the root fields: conditions on the way to our fields count, other fields do not.
    fn at_root(&mut self, set: &'a SelectionSet) -> bool {
        set.selections.iter().any(|selection| match selection {
            Selection::Field(field) if !is_ours(field) => false,
            Selection::Field(_) => self.within(std::slice::from_ref(selection)),
            Selection::InlineFragment(fragment) => {
                hangs(&fragment.directives) || self.at_root(&fragment.selection_set)
            }
            Selection::FragmentSpread(spread) => {
                hangs(&spread.directives) || self.fragment(spread, true).is_some_and(|set| self.at_root(set))
            }
        })
    }

    fn within(&mut self, selections: &'a [Selection]) -> bool {
        selections.iter().any(|selection| {
            hangs(selection.directives())
                || match selection {
                    Selection::Field(field) => {
                        field.arguments.iter().any(|argument| argument.value.as_variable().is_some())
                            || self.within(&field.selection_set.selections)
                    }
                    Selection::InlineFragment(fragment) => self.within(&fragment.selection_set.selections),
                    Selection::FragmentSpread(spread) => {
                        self.fragment(spread, false).is_some_and(|set| self.within(&set.selections))
                    }
                }
        })
    }

    /// What a spread stands for, unless it was looked at before.
    fn fragment(&mut self, spread: &'a FragmentSpread, at_root: bool) -> Option<&'a SelectionSet> {
        let is_new = self.seen.insert((&spread.fragment_name, at_root));
        let fragment = self.document.fragments.get(&spread.fragment_name).filter(|_| is_new)?;
        Some(&fragment.selection_set)
    }
}

/// Whether a condition reads a variable.
fn hangs(directives: &DirectiveList) -> bool {
    directives.iter().any(|applied| applied.arguments.iter().any(|it| it.value.as_variable().is_some()))
}

/// The answers of `__schema` and `__type` by response key.
pub(super) fn answer(
    schema: &ApiSchema,
    document: &ExecutableDocument,
    operation: &Operation,
    variables: &JsonMap,
    deadline: Instant,
) -> Result<Vec<(String, Bytes)>, GraphqlError> {
    let request = Request::new(schema, document, variables, deadline);
    let grouped = request.collect(operation.object_type(), std::iter::once(&operation.selection_set));
    let mut answers = Vec::new();
    let mut written = 0;
    for (key, fields) in &grouped {
        if fields.first().is_some_and(|field| is_ours(field)) {
            let json =
                introspection::answer(&request, fields, written).map_err(|unfinished| match unfinished {
                    Unfinished::TooLong => GraphqlError::new(
                        Code::GraphqlValidationFailed,
                        "The answer to the introspection is too long.",
                    ),
                    Unfinished::TooLate => {
                        GraphqlError::new(Code::RequestTimeout, "Answering the introspection took too long.")
                    }
                })?;
            written += json.len();
            answers.push((key.to_string(), Bytes::from(json)));
        }
    }
    Ok(answers)
}
