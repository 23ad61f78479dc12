//! Which subgraphs lose a field to another's `@override`.

use super::model::{FieldSource, Replaced};

/// Marks the sources that an `@override` in another source replaces. An override that its rules refuse
/// replaces nothing, so that what follows from it is reported as well.
pub(super) fn resolve(sources: &mut [FieldSource<'_>]) {
    let replaced: Vec<Replaced> = (0..sources.len()).map(|index| replaced(sources, index)).collect();
    for (source, replaced) in sources.iter_mut().zip(replaced) {
        source.replaced = replaced;
    }
}

fn replaced(sources: &[FieldSource<'_>], index: usize) -> Replaced {
    let Some(target) = sources.get(index) else { return Replaced::No };
    if target.via.is_some() {
        return Replaced::No;
    }
    for source in sources {
        let Some(over) = &source.facts.overrides else { continue };
        if over.from != *target.subgraph.name || refused(source, target) {
            continue;
        }
        return match &over.label {
            Some(label) => Replaced::InProgress { label: label.clone() },
            None => Replaced::Fully { used: is_used(target) },
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
fn is_used(target: &FieldSource<'_>) -> bool {
    let facts = target.facts;
    facts.used_by_key || facts.used_by_requires || facts.provided
}
