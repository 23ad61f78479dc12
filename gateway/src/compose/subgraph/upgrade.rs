//! Turns federation 1 subgraphs into federation 2 ones, as federation 1 meant them.
//!
//! Federation 1 shared every field without saying so, let `@external` stand where the subgraph resolves
//! the field all the same, and ignored much of what federation 2 refuses.
//! Source: <https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/moving-to-federation-2>.

use std::collections::BTreeSet;

use apollo_compiler::ast::{self, Directive, OperationType};
use apollo_compiler::executable::{Selection, SelectionSet};
use apollo_compiler::parser::SourceSpan;
use apollo_compiler::schema::{Component, ExtendedType, FieldDefinition};
use apollo_compiler::{Name, Node, Schema};

use super::Subgraph;
use super::extensions::is_all_extension;
use super::federation::{Version, names};
use super::metadata::{Metadata, implementations, selected};

/// The subgraphs after the upgrade, and what stood in its way.
pub(crate) struct Upgraded {
    /// All of them, upgraded where they had to be.
    pub(crate) subgraphs: Vec<Subgraph>,
    /// Extensions in federation 1 subgraphs of types that no subgraph defines.
    pub(crate) orphans: Vec<Leftover>,
    /// Types that are in use but have no field left.
    pub(crate) emptied: Vec<Leftover>,
    /// Interfaces with a key in federation 1 subgraphs, where it means nothing.
    pub(crate) keyed_interfaces: Vec<Leftover>,
}

/// A type of a subgraph that the upgrade stumbled over.
pub(crate) struct Leftover {
    /// Index of the subgraph in [`Upgraded::subgraphs`].
    pub(crate) subgraph: usize,
    /// The type.
    pub(crate) name: Name,
    /// Where it stands.
    pub(crate) location: Option<SourceSpan>,
}

/// Upgrades every federation 1 subgraph.
pub(super) fn upgrade(mut subgraphs: Vec<Subgraph>) -> Upgraded {
    let old: Vec<usize> =
        (0..subgraphs.len()).filter(|at| subgraphs.get(*at).is_some_and(|s| !s.is_federation_2())).collect();
    let orphans = orphans(&subgraphs, &old);
    let keyed_interfaces = keyed_interfaces(&subgraphs, &old);
    let mut emptied = Vec::new();
    let before = if old.is_empty() { Vec::new() } else { subgraphs.clone() };
    for at in &old {
        let others: Vec<&Subgraph> = others(&before, *at).collect();
        if let Some(subgraph) = subgraphs.get_mut(*at) {
            for (name, location) in upgrade_one(subgraph, &others) {
                emptied.push(Leftover { subgraph: *at, name, location });
            }
        }
    }
    let before = if old.is_empty() { Vec::new() } else { subgraphs.clone() };
    for at in &old {
        let others: Vec<&Subgraph> = others(&before, *at).collect();
        if let Some(subgraph) = subgraphs.get_mut(*at) {
            share(subgraph, &others);
            drop_repeated_tags(subgraph, &others);
            subgraph.metadata = Metadata::gather(&subgraph.schema, Version::ONE);
        }
    }
    Upgraded { subgraphs, orphans, emptied, keyed_interfaces }
}

fn others(subgraphs: &[Subgraph], at: usize) -> impl Iterator<Item = &Subgraph> {
    subgraphs.iter().enumerate().filter(move |(index, _)| *index != at).map(|(_, subgraph)| subgraph)
}

fn keyed_interfaces(subgraphs: &[Subgraph], old: &[usize]) -> Vec<Leftover> {
    let mut found = Vec::new();
    for at in old {
        let Some(subgraph) = subgraphs.get(*at) else { continue };
        for interface in subgraph.schema.types.values().filter_map(|ty| ty.as_interface()) {
            if let Some(key) = interface.directives.get(names::KEY) {
                found.push(Leftover {
                    subgraph: *at,
                    name: interface.name.clone(),
                    location: key.location(),
                });
            }
        }
    }
    found
}

/// What is written as a definition counts as one for others, even if it is marked `@extends`.
fn orphans(subgraphs: &[Subgraph], old: &[usize]) -> Vec<Leftover> {
    let mut found = Vec::new();
    for at in old {
        let Some(subgraph) = subgraphs.get(*at) else { continue };
        for name in &subgraph.extensions {
            let Some(ty) = subgraph.schema.types.get(name) else { continue };
            let is_composite = ty.is_object() || ty.is_interface();
            let has_base = others(subgraphs, *at)
                .any(|other| other.schema.types.get(name).is_some_and(|ty| !is_all_extension(ty)));
            if is_composite && !has_base && subgraph.root_kind(name).is_none() {
                found.push(Leftover { subgraph: *at, name: name.clone(), location: ty.location() });
            }
        }
    }
    found
}

/// Everything but the sharing, which needs the other subgraphs upgraded. Returns the emptied types.
fn upgrade_one(subgraph: &mut Subgraph, others: &[&Subgraph]) -> Vec<(Name, Option<SourceSpan>)> {
    let forgiven = forgiven_externals(subgraph, others);
    let schema = &mut subgraph.schema;
    each_field(schema, &mut |parent, field| {
        let coordinate = (parent.name().clone(), field.name.clone());
        if parent.is_interface() || forgiven.contains(&coordinate) {
            remove(&mut field.directives, names::EXTERNAL);
        }
    });
    for ty in schema.types.values_mut().filter(|ty| !ty.is_built_in()) {
        match ty {
            ExtendedType::Object(object) if object.directives.has(names::EXTERNAL) => {
                object.make_mut().directives.retain(|directive| directive.name != names::EXTERNAL);
            }
            ExtendedType::Interface(interface) if interface.directives.has(names::KEY) => {
                interface.make_mut().directives.retain(|directive| directive.name != names::KEY);
            }
            _ => {}
        }
    }
    let metadata = Metadata::gather(schema, Version::ONE);
    let snapshot = schema.clone();
    let is_composite = |name: &Name| {
        snapshot.types.get(name).is_some_and(|ty| ty.is_object() || ty.is_interface() || ty.is_union())
    };
    each_field(schema, &mut |parent, field| {
        let facts = metadata.field(parent.name(), &field.name);
        if let Some(requires) = &facts.requires {
            narrow(&mut field.directives, names::REQUIRES, &requires.selections, &snapshot, &metadata);
        }
        if let Some(provides) = &facts.provides {
            narrow(&mut field.directives, names::PROVIDES, &provides.selections, &snapshot, &metadata);
        }
        if parent.is_interface() {
            remove(&mut field.directives, names::REQUIRES);
            remove(&mut field.directives, names::PROVIDES);
        }
        if !is_composite(field.ty.inner_named_type()) {
            remove(&mut field.directives, names::PROVIDES);
        }
    });
    let composite: Vec<Name> = subgraph
        .extensions
        .iter()
        .filter(|name| schema.types.get(*name).is_some_and(|ty| ty.is_object() || ty.is_interface()))
        .cloned()
        .collect();
    subgraph.extensions.retain(|name| !composite.contains(name));
    let metadata = Metadata::gather(schema, Version::ONE);
    let emptied = remove_unused(schema, &metadata);
    subgraph.metadata = Metadata::gather(schema, Version::ONE);
    emptied
}

/// Key fields of extensions may be marked `@external` though the extension's subgraph resolves them; an
/// extension without a key has those of the type's other subgraphs.
fn forgiven_externals(subgraph: &Subgraph, others: &[&Subgraph]) -> BTreeSet<(Name, Name)> {
    let mut forgiven = BTreeSet::new();
    for name in &subgraph.extensions {
        // One that cannot be read is a key all the same.
        if subgraph.schema.types.get(name).is_some_and(|ty| ty.directives().has(names::KEY)) {
            let own = subgraph.keys(name);
            let fields = own.iter().flat_map(|key| selected(&subgraph.schema, &key.fields.selections));
            forgiven.extend(fields.filter(|(parent, _)| parent == name));
            continue;
        }
        for other in others {
            for key in other.keys(name) {
                let fields = selected(&other.schema, &key.fields.selections);
                forgiven.extend(fields.into_iter().filter(|(parent, _)| parent == name));
            }
        }
    }
    forgiven
}

/// Takes out of a field set what the subgraph resolves anyway; drops the directive when nothing is left.
fn narrow(
    directives: &mut ast::DirectiveList,
    directive: &str,
    selections: &SelectionSet,
    schema: &Schema,
    metadata: &Metadata,
) {
    let mut changed = false;
    let kept = external_only(selections, schema, metadata, &mut changed);
    if !changed {
        return;
    }
    if kept.is_empty() {
        remove(directives, directive);
        return;
    }
    for application in directives.0.iter_mut().filter(|application| application.name == directive) {
        if let Some(value) = application.make_mut().specified_argument_by_name_mut("fields") {
            let text = kept.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
            *value = value.same_location(ast::Value::String(text));
        }
    }
}

fn external_only(
    selections: &SelectionSet,
    schema: &Schema,
    metadata: &Metadata,
    changed: &mut bool,
) -> Vec<Selection> {
    let mut kept = Vec::new();
    for selection in &selections.selections {
        match selection {
            Selection::Field(field) => {
                let is_external = metadata.field(&selections.ty, &field.name).external
                    || schema.get_interface(&selections.ty).is_some()
                        && implementations(schema, &selections.ty)
                            .any(|object| metadata.field(&object, &field.name).external);
                if is_external {
                    kept.push(selection.clone());
                    continue;
                }
                let inside = external_only(&field.selection_set, schema, metadata, changed);
                if inside.is_empty() {
                    *changed = true;
                } else {
                    let mut field = field.clone();
                    field.make_mut().selection_set.selections = inside;
                    kept.push(Selection::Field(field));
                }
            }
            Selection::InlineFragment(fragment) => {
                let inside = external_only(&fragment.selection_set, schema, metadata, changed);
                if inside.is_empty() {
                    *changed = true;
                } else {
                    let mut fragment = fragment.clone();
                    fragment.make_mut().selection_set.selections = inside;
                    kept.push(Selection::InlineFragment(fragment));
                }
            }
            Selection::FragmentSpread(_) => kept.push(selection.clone()),
        }
    }
    kept
}

/// Removes external fields that nothing uses, and types that this empties unless they are in use. The query root
/// stays: it may be empty.
fn remove_unused(schema: &mut Schema, metadata: &Metadata) -> Vec<(Name, Option<SourceSpan>)> {
    let unused: Vec<(Name, Name)> = schema
        .types
        .values()
        .filter_map(ExtendedType::as_object)
        .flat_map(|object| object.fields.keys().map(|field| (object.name.clone(), field.clone())))
        .filter(|(parent, field)| {
            metadata.field(parent, field).external && !metadata.is_external_used(schema, parent, field)
        })
        .collect();
    // A reference counts even from a field that is itself removed: the reference composer reports it.
    let before = schema.clone();
    let mut emptied = Vec::new();
    for (parent, field) in unused {
        let Some(ExtendedType::Object(object)) = schema.types.get_mut(&parent) else { continue };
        object.make_mut().fields.shift_remove(&field);
        let is_query = schema.schema_definition.query.as_ref().is_some_and(|root| root.name == parent);
        if object.fields.is_empty() && !is_query {
            let location = object.location();
            // An entity is one of what `_entities` answers with, even if no key of it can be read.
            if is_referenced(&before, &parent) || object.directives.has(names::KEY) {
                emptied.push((parent, location));
            } else {
                schema.types.shift_remove(&parent);
            }
        }
    }
    emptied
}

fn is_referenced(schema: &Schema, name: &Name) -> bool {
    let definition = &schema.schema_definition;
    let roots = [&definition.query, &definition.mutation, &definition.subscription];
    roots.into_iter().flatten().any(|root| root.name == *name)
        || schema.types.values().any(|ty| match ty {
            ExtendedType::Object(object) => object.fields.values().any(|f| f.ty.inner_named_type() == name),
            ExtendedType::Interface(interface) => {
                interface.fields.values().any(|field| field.ty.inner_named_type() == name)
            }
            ExtendedType::Union(union) => union.members.contains(name),
            _ => false,
        })
}

/// Marks what several subgraphs resolve, which federation 1 allowed anywhere.
fn share(subgraph: &mut Subgraph, others: &[&Subgraph]) {
    let subscription = subgraph.schema.root_operation(OperationType::Subscription).cloned();
    let metadata = Metadata::gather(&subgraph.schema, Version::ONE);
    each_field(&mut subgraph.schema, &mut |parent, field| {
        let name = parent.name();
        if !parent.is_object() || subscription.as_ref() == Some(name) {
            return;
        }
        let facts = metadata.field(name, &field.name);
        let is_elsewhere = others.iter().any(|other| {
            let theirs = other.facts(name, &field.name);
            other.schema.type_field(name, &field.name).is_ok() && !theirs.is_fully_external()
        });
        if is_elsewhere && !facts.shareable && !facts.external {
            field.directives.push(Directive::new(Name::new_static_unchecked(names::SHAREABLE)));
        }
    });
}

/// Federation 1 merged the tags of external fields; federation 2 refuses them.
fn drop_repeated_tags(subgraph: &mut Subgraph, others: &[&Subgraph]) {
    let metadata = Metadata::gather(&subgraph.schema, Version::ONE);
    each_field(&mut subgraph.schema, &mut |parent, field| {
        if !metadata.field(parent.name(), &field.name).external {
            return;
        }
        let has_tag = |other: &&Subgraph, tag: &Node<Directive>| {
            other.schema.type_field(parent.name(), &field.name).is_ok_and(|theirs| {
                theirs.directives.get_all(names::TAG).any(|their| {
                    their.specified_argument_by_name("name") == tag.specified_argument_by_name("name")
                })
            })
        };
        let repeated =
            |tag: &Node<Directive>| tag.name == names::TAG && others.iter().any(|other| has_tag(other, tag));
        let kept: Vec<_> = field.directives.iter().filter(|tag| !repeated(tag)).cloned().collect();
        if kept.len() < field.directives.len() {
            field.directives.0 = kept;
        }
    });
}

fn remove(directives: &mut ast::DirectiveList, name: &str) {
    directives.0.retain(|directive| directive.name != name);
}

/// Calls `change` with every field of the schema and its parent type as it was before.
fn each_field(schema: &mut Schema, change: &mut impl FnMut(&ExtendedType, &mut FieldDefinition)) {
    for ty in schema.types.values_mut().filter(|ty| !ty.is_built_in()) {
        let parent = ty.clone();
        let fields: Vec<&mut Component<FieldDefinition>> = match ty {
            ExtendedType::Object(object) => object.make_mut().fields.values_mut().collect(),
            ExtendedType::Interface(interface) => interface.make_mut().fields.values_mut().collect(),
            _ => continue,
        };
        for field in fields {
            change(&parent, field.make_mut());
        }
    }
}
