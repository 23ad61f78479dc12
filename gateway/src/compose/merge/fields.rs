//! Fields of objects and interfaces: the union of what subgraphs declare.

use std::collections::BTreeMap;

use apollo_compiler::Name;
use apollo_compiler::collections::IndexMap;
use apollo_compiler::schema::{Component, ExtendedType, FieldDefinition};

use super::model::{FieldSource, Kind, MergedField, MergedType, Replaced, Source};
use super::{Merging, description, inputs, overrides};

type Fields = IndexMap<Name, Component<FieldDefinition>>;

/// The fields that an object or interface type declares; none for other kinds.
pub(super) fn declared(ty: &ExtendedType) -> Option<&Fields> {
    match ty {
        ExtendedType::Object(object) => Some(&object.fields),
        ExtendedType::Interface(interface) => Some(&interface.fields),
        _ => None,
    }
}

/// The merged fields of a type.
pub(super) fn merge<'a>(
    merging: &Merging<'_>,
    types: &BTreeMap<Name, MergedType<'a>>,
    ty: &MergedType<'a>,
) -> IndexMap<Name, MergedField<'a>> {
    let mut sources: IndexMap<Name, Vec<FieldSource<'a>>> = IndexMap::default();
    for source in &ty.sources {
        gather(&mut sources, source, &ty.name, None);
    }
    if ty.kind == Some(Kind::Object) {
        gather_detours(&mut sources, types, ty);
    }
    sources
        .into_iter()
        .map(|(name, mut sources)| {
            overrides::resolve(&mut sources, &ty.name);
            (name.clone(), merge_one(merging, &ty.name, name, sources))
        })
        .collect()
}

fn gather<'a>(
    sources: &mut IndexMap<Name, Vec<FieldSource<'a>>>,
    source: &Source<'a, ExtendedType>,
    declared_on: &Name,
    via: Option<&Name>,
) {
    for (name, definition) in declared(source.node).into_iter().flatten() {
        let facts = source.subgraph.facts(declared_on, name);
        // What an `@interfaceObject` has as external it does not bring to the implementations.
        if via.is_some() && facts.external {
            continue;
        }
        sources.entry(name.clone()).or_default().push(FieldSource {
            subgraph: source.subgraph,
            definition,
            facts,
            via: via.cloned(),
            replaced: Replaced::No,
        });
    }
}

/// What the `@interfaceObject`s that stand for the object's interfaces declare.
fn gather_detours<'a>(
    sources: &mut IndexMap<Name, Vec<FieldSource<'a>>>,
    types: &BTreeMap<Name, MergedType<'a>>,
    ty: &MergedType<'a>,
) {
    let interfaces = ty.implements.keys().filter_map(|name| types.get(name));
    for interface in interfaces.filter(|interface| interface.kind == Some(Kind::Interface)) {
        for source in &interface.sources {
            if source.subgraph.is_interface_object(&interface.name) {
                gather(sources, source, &interface.name, Some(&interface.name));
            }
        }
    }
}

fn merge_one<'a>(
    merging: &Merging<'_>,
    parent: &Name,
    name: Name,
    sources: Vec<FieldSource<'a>>,
) -> MergedField<'a> {
    let mut field = MergedField {
        parent: parent.clone(),
        name,
        sources,
        description: None,
        directives: Vec::new(),
        ty: merging.subtyping.merge_output(std::iter::empty()),
        arguments: IndexMap::default(),
    };
    let deciding: Vec<FieldSource<'a>> = field.deciding().cloned().collect();
    field.description =
        description::merge(deciding.iter().map(|source| source.definition.description.as_ref()));
    let directives: Vec<_> = deciding
        .iter()
        .map(|source| merging.carried.of(source.subgraph, source.definition.directives.iter()))
        .collect();
    field.directives = merging.carried.merge(&directives);
    field.ty = merging.subtyping.merge_output(deciding.iter().map(|source| &source.definition.ty));
    let parents: Vec<_> = deciding
        .iter()
        .map(|source| (source.subgraph, source.definition.arguments.iter().collect()))
        .collect();
    field.arguments = inputs::merge_arguments(merging, &parents);
    field
}
