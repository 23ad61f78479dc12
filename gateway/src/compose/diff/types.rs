//! Changes of types as a whole.

use apollo_compiler::Schema;
use apollo_compiler::schema::ExtendedType;

use super::{ChangeRule, Found, Impact, pairs};

pub(super) const TYPE_REMOVED: ChangeRule =
    ChangeRule { kind: "TYPE_REMOVED", impact: Impact::Breaking, find: type_removed };

fn type_removed(old: &Schema, new: &Schema, found: &mut Found<'_>) {
    for (name, ty) in old.types.iter().filter(|(_, ty)| !ty.is_built_in()) {
        if !new.types.contains_key(name) {
            found.change(name.as_str(), format!("{} `{name}` was removed", kind(ty)));
        }
    }
}

pub(super) const TYPE_CHANGED_KIND: ChangeRule =
    ChangeRule { kind: "TYPE_CHANGED_KIND", impact: Impact::Breaking, find: type_changed_kind };

fn type_changed_kind(old: &Schema, new: &Schema, found: &mut Found<'_>) {
    for (name, before, after) in pairs::types(old, new) {
        let (before, after) = (kind(before), kind(after));
        if before != after {
            found.change(name.as_str(), format!("`{name}` was {before} and is {after}"));
        }
    }
}

fn kind(ty: &ExtendedType) -> &'static str {
    match ty {
        ExtendedType::Scalar(_) => "scalar",
        ExtendedType::Object(_) => "type",
        ExtendedType::Interface(_) => "interface",
        ExtendedType::Union(_) => "union",
        ExtendedType::Enum(_) => "enum",
        ExtendedType::InputObject(_) => "input",
    }
}
