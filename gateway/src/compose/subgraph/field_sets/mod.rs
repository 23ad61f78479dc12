//! The `fields:` of `@key`, `@requires` and `@provides`: reading and comparing them, and what can be wrong with
//! them. [`faults`] finds what is wrong, [`broken`] reads what is left of a wrong one.

pub(super) mod broken;
pub(super) mod faults;

use std::collections::BTreeSet;

use apollo_compiler::ast::{self, Directive};
use apollo_compiler::diagnostic::ToCliReport as _;
use apollo_compiler::executable::{FieldSet as ParsedFieldSet, Selection, SelectionSet};
use apollo_compiler::parser::{Parser, SourceSpan};
use apollo_compiler::validation::{DiagnosticList, Valid, WithErrors};
use apollo_compiler::{Name, Node, Schema};

use broken::without_unknown_types;

use super::federation::names;
use super::links::string_argument;
use super::metadata::FieldSet;

/// Which directive a field set belongs to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Use {
    /// `@key`.
    Key,
    /// `@requires`.
    Requires,
    /// `@provides`.
    Provides,
}

/// What is wrong with a field set.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Wrong {
    /// It is no string.
    Type,
    /// It does not parse, or does not fit the schema; why.
    Invalid(String),
    /// It holds a directive.
    Directive(String),
    /// It selects a field that has arguments, which its directive does not allow; which field.
    Arguments(String),
    /// It selects a field that the subgraph resolves itself; which field.
    NotExternal(String),
    /// It selects a field of an interface or union type; which field.
    Abstract(String),
}

/// A field set that is wrong.
#[derive(Clone, Debug)]
pub(crate) struct FieldSetFault {
    /// Which directive it belongs to.
    pub(crate) of: Use,
    /// The coordinate of what carries the directive.
    pub(crate) coordinate: String,
    /// What is wrong.
    pub(crate) wrong: Wrong,
    /// Whether it cannot be read at all: it does not parse, or selects what is not there.
    pub(crate) is_unread: bool,
    /// Where the field set stands.
    pub(crate) location: Option<SourceSpan>,
    /// The field set as it is written, and at which byte of it the wrong part starts.
    pub(crate) part: Option<(String, usize)>,
}

/// What is wrong with a field set, and at which byte of its text.
pub(super) type Flaw = (Wrong, Option<usize>);

/// Reads the `fields:` of a directive as selections from `parent`.
pub(super) fn parse(schema: &Schema, parent: &Name, directive: &Node<Directive>) -> Result<FieldSet, Flaw> {
    match read(schema, parent, directive)? {
        (_, Some(unknown_type)) => Err(unknown_type),
        (set, None) => Ok(set),
    }
}

/// Reads a field set, with the first of its fragments that is on a type which does not exist: what such a
/// fragment selects is read as if it had no type condition.
fn read(
    schema: &Schema,
    parent: &Name,
    directive: &Node<Directive>,
) -> Result<(FieldSet, Option<Flaw>), Flaw> {
    let (text, unknown_type) = without_unknown_types(schema, &text(directive)?);
    match parsed(schema, parent, &text) {
        Ok(parsed) => {
            let set = FieldSet { text, selections: parsed.selection_set, location: directive.location() };
            Ok((set, unknown_type))
        }
        Err(errors) => Err(abstract_in_key(schema, directive, &errors.partial.selection_set)
            .unwrap_or_else(|| first_of(&errors.errors, 0))),
    }
}

/// The first error of a text that starts `before` bytes into what was parsed.
pub(super) fn first_of(errors: &DiagnosticList, before: usize) -> Flaw {
    let Some(first) = errors.iter().next() else { return (Wrong::Invalid(String::new()), None) };
    let at = first.error.location().and_then(|location| location.offset().checked_sub(before));
    (Wrong::Invalid(first.error.to_string()), at)
}

pub(super) fn offset<T>(node: &Node<T>) -> Option<usize> {
    node.location().map(|location| location.offset())
}

pub(super) fn parsed(
    schema: &Schema,
    parent: &Name,
    text: &str,
) -> Result<ParsedFieldSet, Box<WithErrors<ParsedFieldSet>>> {
    let schema = Valid::assume_valid_ref(schema);
    Parser::new().parse_field_set(schema, parent.clone(), text, "fields").map_err(Box::new)
}

/// The text of a field set without outer braces, which is well formed.
pub(super) fn text(directive: &Node<Directive>) -> Result<String, Flaw> {
    let text = string_argument(directive, "fields").ok_or((Wrong::Type, None))?;
    let text = without_braces(&text).to_owned();
    well_formed_at(&text)?;
    Ok(text)
}

fn without_braces(text: &str) -> &str {
    let bare = text.trim().strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
    bare.map_or(text, str::trim)
}

/// Checks the syntax of a selection without braces. The parser of field sets leaves unread what follows
/// one, so the text must also be well formed as an operation.
pub(super) fn well_formed(text: &str) -> Result<(), String> {
    well_formed_at(text).map_err(|(wrong, _)| match wrong {
        Wrong::Invalid(why) => why,
        _ => String::new(),
    })
}

fn well_formed_at(text: &str) -> Result<(), Flaw> {
    match ast::Document::parse(format!("{{{text}\n}}"), "fields") {
        Ok(document) if document.definitions.len() == 1 => Ok(()),
        Ok(_) => Err((Wrong::Invalid("it is more than one selection".to_owned()), None)),
        Err(errors) => Err(first_of(&errors.errors, 1)),
    }
}

/// Below a field of abstract type a key may not select; that comes before what is wrong further down.
fn abstract_in_key(schema: &Schema, directive: &Directive, selections: &SelectionSet) -> Option<Flaw> {
    if directive.name != names::KEY {
        return None;
    }
    selections.selections.iter().find_map(|selection| match selection {
        Selection::Field(field) => {
            let target = schema.types.get(field.definition.ty.inner_named_type())?;
            if target.is_interface() || target.is_union() {
                let coordinate = format!("{}.{}", selections.ty, field.name);
                return Some((Wrong::Abstract(coordinate), offset(field)));
            }
            abstract_in_key(schema, directive, &field.selection_set)
        }
        Selection::InlineFragment(fragment) => abstract_in_key(schema, directive, &fragment.selection_set),
        Selection::FragmentSpread(_) => None,
    })
}

/// Whether two selections select the same, in whatever order.
pub(crate) fn same_selections(a: &SelectionSet, b: &SelectionSet) -> bool {
    canonical(a) == canonical(b)
}

fn canonical(selections: &SelectionSet) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for selection in &selections.selections {
        match selection {
            Selection::Field(field) => {
                let (name, below) = (field.response_key(), canonical(&field.selection_set));
                found.insert(format!("{name} {} {below:?}", field.directives));
            }
            Selection::InlineFragment(fragment) => match &fragment.type_condition {
                Some(on) if *on != selections.ty => {
                    found.insert(format!("... on {on} {:?}", canonical(&fragment.selection_set)));
                }
                _ => found.extend(canonical(&fragment.selection_set)),
            },
            Selection::FragmentSpread(_) => {}
        }
    }
    found
}
