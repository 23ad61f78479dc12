//! Changes of unions' members.

use apollo_compiler::schema::{ExtendedType, UnionType};
use apollo_compiler::{Name, Schema};

use super::{ChangeRule, Found, Impact, pairs};

pub(super) const TYPE_REMOVED_FROM_UNION: ChangeRule =
    ChangeRule { kind: "TYPE_REMOVED_FROM_UNION", impact: Impact::Breaking, find: type_removed_from_union };

fn type_removed_from_union(old: &Schema, new: &Schema, found: &mut Found<'_>) {
    for (name, before, after) in unions(old, new) {
        for member in before.members.difference(&after.members) {
            found.change(name.as_str(), format!("`{member}` was removed from union `{name}`"));
        }
    }
}

pub(super) const TYPE_ADDED_TO_UNION: ChangeRule =
    ChangeRule { kind: "TYPE_ADDED_TO_UNION", impact: Impact::Dangerous, find: type_added_to_union };

fn type_added_to_union(old: &Schema, new: &Schema, found: &mut Found<'_>) {
    for (name, before, after) in unions(old, new) {
        for member in after.members.difference(&before.members) {
            found.change(name.as_str(), format!("`{member}` was added to union `{name}`"));
        }
    }
}

fn unions<'a>(
    old: &'a Schema,
    new: &'a Schema,
) -> impl Iterator<Item = (&'a Name, &'a UnionType, &'a UnionType)> {
    pairs::types(old, new).filter_map(|(name, before, after)| match (before, after) {
        (ExtendedType::Union(before), ExtendedType::Union(after)) => Some((name, &**before, &**after)),
        _ => None,
    })
}
