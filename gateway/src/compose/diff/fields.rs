//! Changes of the fields of objects and interfaces.

use apollo_compiler::Schema;

use super::{ChangeRule, Found, Impact, pairs, values};

pub(super) const FIELD_REMOVED: ChangeRule =
    ChangeRule { kind: "FIELD_REMOVED", impact: Impact::Breaking, find: field_removed };

fn field_removed(old: &Schema, new: &Schema, found: &mut Found<'_>) {
    for (ty, before, after) in pairs::fields_of_types(old, new) {
        for name in before.keys().filter(|name| !after.contains_key(*name)) {
            found.change(format!("{ty}.{name}"), format!("field `{ty}.{name}` was removed"));
        }
    }
}

pub(super) const FIELD_CHANGED_TYPE: ChangeRule =
    ChangeRule { kind: "FIELD_CHANGED_TYPE", impact: Impact::Breaking, find: field_changed_type };

fn field_changed_type(old: &Schema, new: &Schema, found: &mut Found<'_>) {
    for (coordinate, before, after) in pairs::fields_of_both(old, new) {
        if !values::output_may_become(&before.ty, &after.ty) {
            let message = format!("`{coordinate}` was of type `{}` and is of type `{}`", before.ty, after.ty);
            found.change(coordinate, message);
        }
    }
}
