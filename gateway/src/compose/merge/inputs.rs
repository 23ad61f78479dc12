//! Arguments and input fields: what all who have the field or input object agree on.

use apollo_compiler::ast::InputValueDefinition;
use apollo_compiler::collections::IndexMap;
use apollo_compiler::{Name, Node};

use super::Merging;
use super::description;
use super::model::{Merged, MergedDefault, MergedInput, Source};
use super::values;
use crate::compose::subgraph::Subgraph;
use crate::compose::subgraph::federation::names;

/// Each subgraph that has the parent of inputs, with its inputs.
pub(super) type Parents<'a> = [(&'a Subgraph, Vec<&'a Node<InputValueDefinition>>)];

/// Merges the arguments that several subgraphs declare for one field or directive: those are kept that all
/// of them know.
pub(super) fn merge_arguments<'a>(
    merging: &Merging<'_>,
    parents: &Parents<'a>,
) -> IndexMap<Name, MergedInput<'a>> {
    merge(merging, parents)
}

/// Merges the fields that several subgraphs declare for one input object: those are kept that all of them
/// know, and those that clients do not see.
pub(super) fn merge_fields<'a>(
    merging: &Merging<'_>,
    parents: &Parents<'a>,
) -> IndexMap<Name, MergedInput<'a>> {
    let mut fields = merge(merging, parents);
    for field in fields.values_mut() {
        field.kept |= Merged::is_hidden(&field.directives);
    }
    fields
}

fn merge<'a>(merging: &Merging<'_>, parents: &Parents<'a>) -> IndexMap<Name, MergedInput<'a>> {
    let mut names: Vec<&Name> = Vec::new();
    for (_, inputs) in parents {
        names.extend(inputs.iter().map(|input| &input.name));
    }
    let mut merged = IndexMap::default();
    for name in names {
        if !merged.contains_key(name) {
            merged.insert(name.clone(), merge_one(merging, name, parents));
        }
    }
    merged
}

fn merge_one<'a>(merging: &Merging<'_>, name: &Name, parents: &Parents<'a>) -> MergedInput<'a> {
    let mut sources = Vec::new();
    let mut missing = Vec::new();
    for (subgraph, inputs) in parents {
        match inputs.iter().find(|input| input.name == *name) {
            Some(input) => sources.push(Source { subgraph, node: *input }),
            None => missing.push(*subgraph),
        }
    }
    let directives: Vec<_> = sources
        .iter()
        .map(|source| merging.carried.of(source.subgraph, source.node.directives.iter()))
        .collect();
    let contextual = sources.iter().any(|source| source.node.directives.has(names::FROM_CONTEXT));
    MergedInput {
        name: name.clone(),
        description: description::merge(sources.iter().map(|source| source.node.description.as_ref())),
        directives: merging.carried.merge(&directives),
        ty: merging.subtyping.merge_input(sources.iter().map(|source| &*source.node.ty)),
        default: default(&sources),
        contextual,
        kept: missing.is_empty() && !contextual,
        sources,
        missing,
    }
}

fn default(sources: &[Source<'_, Node<InputValueDefinition>>]) -> MergedDefault {
    let mut given = sources.iter().filter_map(|source| source.node.default_value.as_ref());
    let Some(first) = given.next() else { return MergedDefault::Same(None) };
    if given.any(|other| !values::same(first, other)) {
        return MergedDefault::Different;
    }
    if sources.iter().any(|source| source.node.default_value.is_none()) {
        return MergedDefault::Partial(first.clone());
    }
    MergedDefault::Same(Some(first.clone()))
}
