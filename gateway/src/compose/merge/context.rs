//! `@context`: a subgraph's contexts are its own, so the supergraph calls each by subgraph and name.

use std::collections::BTreeMap;

use apollo_compiler::Name;
use apollo_compiler::Node;
use apollo_compiler::ast::{Argument, Directive, Value};
use apollo_compiler::executable::SelectionSet;
use apollo_compiler::parser::Parser;
use apollo_compiler::validation::Valid;

use super::model::{FieldSource, MergedType};
use crate::compose::subgraph::Subgraph;
use crate::compose::subgraph::federation::names;
use crate::compose::subgraph::links::string_argument;

/// Adds to each type the contexts that subgraphs set on it.
pub(super) fn carry(types: &mut BTreeMap<Name, MergedType<'_>>) {
    for ty in types.values_mut() {
        for source in &ty.sources {
            for application in source.node.directives().get_all(names::CONTEXT) {
                let Some(name) = string_argument(application, "name") else { continue };
                let value = Node::new(Value::String(global_name(source.subgraph, &name)));
                let arguments = vec![Node::new(Argument { name: Name::new_static_unchecked("name"), value })];
                let context = Node::new(Directive { name: application.name.clone(), arguments });
                if !ty.directives.contains(&context) {
                    ty.directives.push(context);
                }
            }
        }
    }
}

/// What the supergraph calls a context of a subgraph.
pub(crate) fn global_name(subgraph: &Subgraph, context: &str) -> String {
    format!("{}__{context}", subgraph.name)
}

/// The context and the selection that a `@fromContext(field: "$context { selection }")` names.
pub(crate) fn parts(field: &str) -> Option<(&str, &str)> {
    let rest = field.trim_start().strip_prefix('$')?;
    let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(rest.len());
    rest.split_at_checked(end)
}

/// What the arguments of a field select from contexts, on each type that sets the context. A selection that
/// does not fit the type is left out: its rule has reported it.
pub(crate) fn selections(source: &FieldSource<'_>) -> Vec<SelectionSet> {
    let schema = &source.subgraph.schema;
    let mut found = Vec::new();
    for argument in &source.definition.arguments {
        let Some(application) = argument.directives.get(names::FROM_CONTEXT) else { continue };
        let Some(field) = string_argument(application, "field") else { continue };
        let Some((context, selection)) = parts(&field) else { continue };
        let setting = source.subgraph.types().filter(|ty| {
            let mut contexts = ty.directives().get_all(names::CONTEXT);
            contexts.any(|set| string_argument(set, "name").as_deref() == Some(context))
        });
        for ty in setting {
            let parsed = Parser::new().parse_field_set(
                Valid::assume_valid_ref(schema),
                ty.name().clone(),
                inside_braces(selection).to_owned(),
                "selection",
            );
            found.extend(parsed.ok().map(|parsed| parsed.selection_set.clone()));
        }
    }
    found
}

/// A selection without the braces around it, as field sets are written.
fn inside_braces(selection: &str) -> &str {
    let trimmed = selection.trim();
    trimmed.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).unwrap_or(trimmed)
}
