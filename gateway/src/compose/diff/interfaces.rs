//! Changes of what a type implements.

use apollo_compiler::Schema;
use apollo_compiler::collections::IndexSet;
use apollo_compiler::schema::{ComponentName, ExtendedType};

use super::{ChangeRule, Found, Impact, pairs};

pub(super) const IMPLEMENTED_INTERFACE_REMOVED: ChangeRule = ChangeRule {
    kind: "IMPLEMENTED_INTERFACE_REMOVED",
    impact: Impact::Breaking,
    find: implemented_interface_removed,
};

fn implemented_interface_removed(old: &Schema, new: &Schema, found: &mut Found<'_>) {
    for (name, before, after) in pairs::types(old, new) {
        let (Some(before), Some(after)) = (interfaces(before), interfaces(after)) else { continue };
        for interface in before.difference(after) {
            found.change(name.as_str(), format!("`{name}` no longer implements `{interface}`"));
        }
    }
}

pub(super) const IMPLEMENTED_INTERFACE_ADDED: ChangeRule = ChangeRule {
    kind: "IMPLEMENTED_INTERFACE_ADDED",
    impact: Impact::Dangerous,
    find: implemented_interface_added,
};

fn implemented_interface_added(old: &Schema, new: &Schema, found: &mut Found<'_>) {
    for (name, before, after) in pairs::types(old, new) {
        let (Some(before), Some(after)) = (interfaces(before), interfaces(after)) else { continue };
        for interface in after.difference(before).filter(|added| old.types.contains_key(added.as_str())) {
            found.change(
                name.as_str(),
                format!("`{name}` now implements `{interface}`: fields of that type may answer it"),
            );
        }
    }
}

fn interfaces(ty: &ExtendedType) -> Option<&IndexSet<ComponentName>> {
    match ty {
        ExtendedType::Object(object) => Some(&object.implements_interfaces),
        ExtendedType::Interface(interface) => Some(&interface.implements_interfaces),
        _ => None,
    }
}
