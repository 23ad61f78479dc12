//! Types as a whole: who has them, as what, and how they relate to each other.

use std::collections::BTreeMap;

use apollo_compiler::ast::{Directive, InputValueDefinition};
use apollo_compiler::collections::{IndexMap, IndexSet};
use apollo_compiler::schema::{ComponentName, ExtendedType};
use apollo_compiler::{Name, Node};

use super::Carried;
use super::model::{Kind, MergedType, Source, Usage};
use crate::compose::subgraph::Subgraph;

/// Every type of every subgraph, with its kind and relations, still without content.
pub(super) fn gather(subgraphs: &[Subgraph]) -> BTreeMap<Name, MergedType<'_>> {
    let mut sources: BTreeMap<Name, Vec<Source<'_, ExtendedType>>> = BTreeMap::new();
    for subgraph in subgraphs {
        for node in subgraph.types() {
            sources.entry(node.name().clone()).or_default().push(Source { subgraph, node });
        }
    }
    sources.into_iter().map(|(name, sources)| (name.clone(), outline(name, sources))).collect()
}

fn outline<'a>(name: Name, sources: Vec<Source<'a, ExtendedType>>) -> MergedType<'a> {
    let mut kinds = sources.iter().map(|source| kind_in(source));
    let first = kinds.next();
    let kind = first.filter(|first| kinds.all(|kind| kind == *first));
    let mut implements: IndexMap<Name, Vec<&'a Subgraph>> = IndexMap::default();
    let mut members: IndexMap<Name, Vec<&'a Subgraph>> = IndexMap::default();
    for source in &sources {
        for interface in implemented(source.node).into_iter().flatten() {
            implements.entry(interface.name.clone()).or_default().push(source.subgraph);
        }
        if let ExtendedType::Union(union) = source.node {
            for member in &union.members {
                members.entry(member.name.clone()).or_default().push(source.subgraph);
            }
        }
    }
    MergedType {
        name,
        sources,
        kind,
        description: None,
        directives: Vec::new(),
        implements,
        fields: IndexMap::default(),
        members,
        values: IndexMap::default(),
        inputs: IndexMap::default(),
        usage: Usage::default(),
    }
}

/// What the subgraph says the type is; an `@interfaceObject` stands for an interface.
pub(crate) fn kind_in(source: &Source<'_, ExtendedType>) -> Kind {
    match source.node {
        ExtendedType::Scalar(_) => Kind::Scalar,
        ExtendedType::Object(object) if source.subgraph.is_interface_object(&object.name) => Kind::Interface,
        ExtendedType::Object(_) => Kind::Object,
        ExtendedType::Interface(_) => Kind::Interface,
        ExtendedType::Union(_) => Kind::Union,
        ExtendedType::Enum(_) => Kind::Enum,
        ExtendedType::InputObject(_) => Kind::Input,
    }
}

fn implemented(ty: &ExtendedType) -> Option<&IndexSet<ComponentName>> {
    match ty {
        ExtendedType::Object(object) => Some(&object.implements_interfaces),
        ExtendedType::Interface(interface) => Some(&interface.implements_interfaces),
        _ => None,
    }
}

/// What the SDL says about the type.
pub(super) fn description(ty: &ExtendedType) -> Option<&Node<str>> {
    ty.description()
}

/// What each source applies to the type, as far as it reaches the supergraph.
pub(super) fn directives(
    carried: &Carried,
    sources: &[Source<'_, ExtendedType>],
) -> Vec<Vec<Node<Directive>>> {
    let applied = |source: &Source<'_, ExtendedType>| {
        carried.of(source.subgraph, source.node.directives().iter().map(|directive| &directive.node))
    };
    sources.iter().map(applied).collect()
}

/// What each subgraph applies to its schema, as far as it reaches the supergraph.
pub(super) fn schema_directives(carried: &Carried, subgraphs: &[Subgraph]) -> Vec<Vec<Node<Directive>>> {
    let applied = |subgraph: &Subgraph| {
        let directives = &subgraph.schema.schema_definition.directives;
        carried.of(subgraph, directives.iter().map(|directive| &directive.node))
    };
    subgraphs.iter().map(applied).collect()
}

/// The input fields of each source.
pub(super) fn inputs<'a>(
    sources: &[Source<'a, ExtendedType>],
) -> Vec<(&'a Subgraph, Vec<&'a Node<InputValueDefinition>>)> {
    sources
        .iter()
        .filter_map(|source| {
            let fields = &source.node.as_input_object()?.fields;
            Some((source.subgraph, fields.values().map(|field| &field.node).collect()))
        })
        .collect()
}
