//! Changes of enums' values.

use apollo_compiler::schema::{EnumType, ExtendedType};
use apollo_compiler::{Name, Schema};

use super::{ChangeRule, Found, Impact, pairs};

pub(super) const VALUE_REMOVED_FROM_ENUM: ChangeRule =
    ChangeRule { kind: "VALUE_REMOVED_FROM_ENUM", impact: Impact::Breaking, find: value_removed_from_enum };

fn value_removed_from_enum(old: &Schema, new: &Schema, found: &mut Found<'_>) {
    for (name, before, after) in enums(old, new) {
        for value in before.values.keys().filter(|value| !after.values.contains_key(*value)) {
            found.change(format!("{name}.{value}"), format!("`{value}` was removed from enum `{name}`"));
        }
    }
}

pub(super) const VALUE_ADDED_TO_ENUM: ChangeRule =
    ChangeRule { kind: "VALUE_ADDED_TO_ENUM", impact: Impact::Dangerous, find: value_added_to_enum };

fn value_added_to_enum(old: &Schema, new: &Schema, found: &mut Found<'_>) {
    for (name, before, after) in enums(old, new) {
        for value in after.values.keys().filter(|value| !before.values.contains_key(*value)) {
            found.change(format!("{name}.{value}"), format!("`{value}` was added to enum `{name}`"));
        }
    }
}

fn enums<'a>(
    old: &'a Schema,
    new: &'a Schema,
) -> impl Iterator<Item = (&'a Name, &'a EnumType, &'a EnumType)> {
    pairs::types(old, new).filter_map(|(name, before, after)| match (before, after) {
        (ExtendedType::Enum(before), ExtendedType::Enum(after)) => Some((name, &**before, &**after)),
        _ => None,
    })
}
