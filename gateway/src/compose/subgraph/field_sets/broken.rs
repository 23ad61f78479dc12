//! What can still be read of a field set that is wrong.

use apollo_compiler::ast::{self, Directive};
use apollo_compiler::executable::{Selection, SelectionSet};
use apollo_compiler::{Name, Node, Schema};

use super::{Flaw, Wrong, first_of, offset, parsed, text};

/// What can be read of the `fields:` of a directive: what stands before the first part that is wrong.
pub(in super::super) fn readable(
    schema: &Schema,
    parent: &Name,
    directive: &Node<Directive>,
) -> Option<SelectionSet> {
    let (text, _) = without_unknown_types(schema, &text(directive).ok()?);
    let (mut selections, mut end) = match parsed(schema, parent, &text) {
        Ok(parsed) => (parsed.selection_set, None),
        Err(errors) => (errors.partial.selection_set, first_of(&errors.errors, 0).1),
    };
    keep_before(schema, &mut selections, &mut end);
    Some(selections)
}

/// Keeps the selections that start before the byte `end`, which moves forward to what else is wrong: an
/// unknown directive, a named fragment, an unknown argument.
fn keep_before(schema: &Schema, selections: &mut SelectionSet, end: &mut Option<usize>) {
    selections.selections.retain_mut(|selection| {
        let is_unknown =
            |directive: &Node<Directive>| !schema.directive_definitions.contains_key(&directive.name);
        let (at, is_wrong) = match selection {
            Selection::Field(field) => (offset(field), field.directives.iter().any(is_unknown)),
            Selection::InlineFragment(fragment) => {
                (offset(fragment), fragment.directives.iter().any(is_unknown))
            }
            Selection::FragmentSpread(spread) => (offset(spread), true),
        };
        if at.zip(*end).is_some_and(|(at, end)| at >= end) {
            return false;
        }
        if is_wrong {
            *end = at;
            return false;
        }
        match selection {
            Selection::Field(field) => {
                let field = field.make_mut();
                let is_given = |name: &Name| field.definition.argument_by_name(name).is_some();
                if field.arguments.iter().any(|argument| !is_given(&argument.name)) {
                    field.selection_set.selections.clear();
                    *end = at;
                } else {
                    keep_before(schema, &mut field.selection_set, end);
                }
            }
            Selection::InlineFragment(fragment) => {
                keep_before(schema, &mut fragment.make_mut().selection_set, end);
            }
            Selection::FragmentSpread(_) => {}
        }
        true
    });
}

/// The text with spaces in place of the conditions of fragments on types that do not exist, and the first of
/// these.
pub(super) fn without_unknown_types(schema: &Schema, text: &str) -> (String, Option<Flaw>) {
    let mut kept = text.to_owned();
    let mut first = None;
    let Ok(document) = ast::Document::parse(format!("{{{text}\n}}"), "fields") else { return (kept, first) };
    let operations =
        document.definitions.iter().filter_map(|definition| definition.as_operation_definition());
    let mut open: Vec<&ast::Selection> =
        operations.flat_map(|operation| operation.selection_set.iter().rev()).collect();
    while let Some(selection) = open.pop() {
        match selection {
            ast::Selection::Field(field) => open.extend(field.selection_set.iter().rev()),
            ast::Selection::InlineFragment(fragment) => {
                open.extend(fragment.selection_set.iter().rev());
                let Some(on) = fragment.type_condition.as_ref().filter(|on| !schema.types.contains_key(*on))
                else {
                    continue;
                };
                // The text stands behind a brace in what was parsed.
                let place = |at: usize| at.checked_sub(1);
                let start = offset(fragment).and_then(place);
                let end = on.location().and_then(|location| place(location.end_offset()));
                let condition = start.zip(end).and_then(|(start, end)| {
                    let from = start + "...".len();
                    Some((from..end, " ".repeat(kept.get(from..end)?.len())))
                });
                if let Some((range, spaces)) = condition {
                    kept.replace_range(range, &spaces);
                }
                let why = format!("type condition `{on}` is not a type defined in the schema");
                first = first.or(Some((Wrong::Invalid(why), start)));
            }
            ast::Selection::FragmentSpread(_) => {}
        }
    }
    (kept, first)
}
