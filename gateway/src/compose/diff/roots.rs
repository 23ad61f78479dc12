//! Changes of the root operation types.

use apollo_compiler::Schema;

use super::{ChangeRule, Found, Impact};

pub(super) const ROOT_CHANGED: ChangeRule =
    ChangeRule { kind: "ROOT_CHANGED", impact: Impact::Breaking, find: root_changed };

fn root_changed(old: &Schema, new: &Schema, found: &mut Found<'_>) {
    let (before, after) = (&old.schema_definition, &new.schema_definition);
    for (operation, before, after) in [
        ("query", &before.query, &after.query),
        ("mutation", &before.mutation, &after.mutation),
        ("subscription", &before.subscription, &after.subscription),
    ] {
        let Some(name) = before else { continue };
        let now = after.as_ref().map(|name| name.as_str());
        if now != Some(name.as_str()) {
            let now = now.map_or_else(|| "is gone".to_owned(), |now| format!("is now `{now}`"));
            found.change(name.as_str(), format!("the {operation} root, which was `{name}`, {now}"));
        }
    }
}
