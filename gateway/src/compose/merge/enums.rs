//! Enums: their values with who has them, and how the merged graph uses them.

use std::collections::{BTreeMap, BTreeSet};

use apollo_compiler::ast::EnumValueDefinition;
use apollo_compiler::collections::IndexMap;
use apollo_compiler::schema::ExtendedType;
use apollo_compiler::{Name, Node};

use super::model::{ComposedDirective, Kind, MergedDirective, MergedInput, MergedType, MergedValue, Source};
use super::{Merging, description};

/// Every value that any source has.
pub(super) fn merge<'a>(
    merging: &Merging<'_>,
    sources: &[Source<'a, ExtendedType>],
) -> IndexMap<Name, MergedValue<'a>> {
    let mut values: IndexMap<Name, Vec<Source<'a, Node<EnumValueDefinition>>>> = IndexMap::default();
    for source in sources {
        let Some(enumeration) = source.node.as_enum() else { continue };
        for (name, value) in &enumeration.values {
            let source = Source { subgraph: source.subgraph, node: &value.node };
            values.entry(name.clone()).or_default().push(source);
        }
    }
    values
        .into_iter()
        .map(|(name, having)| (name.clone(), merge_one(merging, name, having, sources)))
        .collect()
}

fn merge_one<'a>(
    merging: &Merging<'_>,
    name: Name,
    sources: Vec<Source<'a, Node<EnumValueDefinition>>>,
    of_type: &[Source<'a, ExtendedType>],
) -> MergedValue<'a> {
    let directives: Vec<_> = sources
        .iter()
        .map(|source| merging.carried.of(source.subgraph, source.node.directives.iter()))
        .collect();
    let missing = of_type
        .iter()
        .map(|source| source.subgraph)
        .filter(|subgraph| !sources.iter().any(|source| source.subgraph.name == subgraph.name))
        .collect();
    MergedValue {
        name,
        description: description::merge(sources.iter().map(|source| source.node.description.as_ref())),
        directives: merging.carried.merge(&directives),
        sources,
        missing,
    }
}

/// Notes on each enum how fields, the arguments that the supergraph keeps, and input fields use it. An input
/// field counts though only some subgraphs know it: a client of one of these could pass the enum.
pub(super) fn note_usage(
    types: &mut BTreeMap<Name, MergedType<'_>>,
    directives: &BTreeMap<Name, MergedDirective<'_>>,
    composed: &[ComposedDirective<'_>],
) {
    let mut inputs: BTreeSet<Name> = BTreeSet::new();
    let mut outputs: BTreeSet<Name> = BTreeSet::new();
    let mut note = |input: &MergedInput<'_>| {
        inputs.extend(input.ty.ty.as_ref().map(|ty| ty.inner_named_type().clone()));
    };
    for ty in types.values() {
        ty.inputs.values().for_each(&mut note);
        for field in ty.fields.values() {
            field.arguments.values().filter(|argument| argument.is_kept()).for_each(&mut note);
            outputs.extend(field.ty.ty.as_ref().map(|ty| ty.inner_named_type().clone()));
        }
    }
    for directive in directives.values().filter(|directive| directive.is_kept()) {
        directive.arguments.values().filter(|argument| argument.is_kept()).for_each(&mut note);
    }
    let of_composed = composed.iter().flat_map(|directive| &directive.definition.node.arguments);
    inputs.extend(of_composed.map(|argument| argument.ty.inner_named_type().clone()));
    for ty in types.values_mut().filter(|ty| ty.kind == Some(Kind::Enum)) {
        ty.usage.input = inputs.contains(&ty.name);
        ty.usage.output = outputs.contains(&ty.name);
    }
}
