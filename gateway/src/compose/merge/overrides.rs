//! Which subgraphs lose a field to another's `@override`.

use apollo_compiler::Name;

use super::model::{FieldSource, Replaced};

/// Marks the sources that an `@override` in another source replaces. An override that its rules refuse
/// replaces nothing, so that what follows from it is reported as well.
pub(super) fn resolve(sources: &mut [FieldSource<'_>], parent: &Name) {
    let replaced: Vec<Replaced> = (0..sources.len()).map(|index| replaced(sources, index, parent)).collect();
    for (source, replaced) in sources.iter_mut().zip(replaced) {
        source.replaced = replaced;
    }
}

fn replaced(sources: &[FieldSource<'_>], index: usize, parent: &Name) -> Replaced {
    let Some(target) = sources.get(index) else { return Replaced::No };
    // What a subgraph does not resolve by itself cannot be taken from it.
    if target.via.is_some() || target.facts.external {
        return Replaced::No;
    }
    // Of several, the last counts: a rule of its own has a say on whether there may be several.
    for source in sources.iter().rev() {
        let Some(over) = &source.facts.overrides else { continue };
        if over.from != *target.subgraph.name || refused(source, target) {
            continue;
        }
        return match &over.label {
            Some(label) => Replaced::InProgress { label: label.clone(), used: is_used(target, parent) },
            None => Replaced::Fully { used: is_used(target, parent) },
        };
    }
    Replaced::No
}

/// Whether the override in `source` may not take the field from `target`.
fn refused(source: &FieldSource<'_>, target: &FieldSource<'_>) -> bool {
    source.subgraph.name == target.subgraph.name
        || source.via.is_some()
        || source.facts.external
        || target.facts.overrides.is_some()
        || target.facts.requires.is_some()
        || target.facts.provides.is_some()
}

/// Whether the subgraph needs the field though it no longer resolves it.
fn is_used(target: &FieldSource<'_>, parent: &Name) -> bool {
    let facts = target.facts;
    facts.used_by_key || facts.used_by_requires || facts.provided || is_demanded_by_interface(target, parent)
}

/// Whether an interface that the subgraph's own schema gives the object has the field.
fn is_demanded_by_interface(target: &FieldSource<'_>, parent: &Name) -> bool {
    let schema = &target.subgraph.schema;
    let object = schema.get_object(parent);
    object.into_iter().flat_map(|object| &object.implements_interfaces).any(|interface| {
        schema
            .get_interface(interface)
            .is_some_and(|interface| interface.fields.contains_key(&target.definition.name))
    })
}
