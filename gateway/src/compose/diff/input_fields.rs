//! Changes of input objects.

use apollo_compiler::Schema;
use apollo_compiler::ast::InputValueDefinition;

use super::{ChangeRule, Found, Impact, pairs, values};

pub(super) const INPUT_FIELD_REMOVED: ChangeRule =
    ChangeRule { kind: "INPUT_FIELD_REMOVED", impact: Impact::Breaking, find: input_field_removed };

fn input_field_removed(old: &Schema, new: &Schema, found: &mut Found<'_>) {
    for (ty, before, after) in pairs::inputs(old, new) {
        for name in before.fields.keys().filter(|name| !after.fields.contains_key(*name)) {
            found.change(format!("{ty}.{name}"), format!("input field `{ty}.{name}` was removed"));
        }
    }
}

pub(super) const INPUT_FIELD_CHANGED_TYPE: ChangeRule =
    ChangeRule { kind: "INPUT_FIELD_CHANGED_TYPE", impact: Impact::Breaking, find: input_field_changed_type };

fn input_field_changed_type(old: &Schema, new: &Schema, found: &mut Found<'_>) {
    for (coordinate, before, after) in fields_of_both(old, new) {
        if !values::input_may_become(&before.ty, &after.ty) {
            let message = format!("`{coordinate}` took `{}` and takes `{}`", before.ty, after.ty);
            found.change(coordinate, message);
        }
    }
}

pub(super) const REQUIRED_INPUT_FIELD_ADDED: ChangeRule = ChangeRule {
    kind: "REQUIRED_INPUT_FIELD_ADDED",
    impact: Impact::Breaking,
    find: required_input_field_added,
};

fn required_input_field_added(old: &Schema, new: &Schema, found: &mut Found<'_>) {
    for (coordinate, field) in added(old, new).into_iter().filter(|(_, field)| field.is_required()) {
        let message = format!("required input field `{coordinate}` of type `{}` was added", field.ty);
        found.change(coordinate, message);
    }
}

pub(super) const OPTIONAL_INPUT_FIELD_ADDED: ChangeRule = ChangeRule {
    kind: "OPTIONAL_INPUT_FIELD_ADDED",
    impact: Impact::Dangerous,
    find: optional_input_field_added,
};

fn optional_input_field_added(old: &Schema, new: &Schema, found: &mut Found<'_>) {
    for (coordinate, field) in added(old, new).into_iter().filter(|(_, field)| !field.is_required()) {
        let message = format!("optional input field `{coordinate}` of type `{}` was added", field.ty);
        found.change(coordinate, message);
    }
}

pub(super) const INPUT_FIELD_DEFAULT_VALUE_CHANGED: ChangeRule = ChangeRule {
    kind: "INPUT_FIELD_DEFAULT_VALUE_CHANGED",
    impact: Impact::Dangerous,
    find: input_field_default_value_changed,
};

fn input_field_default_value_changed(old: &Schema, new: &Schema, found: &mut Found<'_>) {
    for (coordinate, before, after) in fields_of_both(old, new) {
        if let Some((before, after)) = values::default_change(before, after) {
            let message = format!("the default of `{coordinate}` was {before} and is {after}");
            found.change(coordinate, message);
        }
    }
}

pub(super) const ONE_OF_ADDED: ChangeRule =
    ChangeRule { kind: "ONE_OF_ADDED", impact: Impact::Breaking, find: one_of_added };

fn one_of_added(old: &Schema, new: &Schema, found: &mut Found<'_>) {
    for (name, before, after) in pairs::inputs(old, new) {
        if !before.directives.has("oneOf") && after.directives.has("oneOf") {
            found.change(name.as_str(), format!("`{name}` now takes exactly one of its fields"));
        }
    }
}

pub(super) const ONE_OF_REMOVED: ChangeRule =
    ChangeRule { kind: "ONE_OF_REMOVED", impact: Impact::Dangerous, find: one_of_removed };

fn one_of_removed(old: &Schema, new: &Schema, found: &mut Found<'_>) {
    for (name, before, after) in pairs::inputs(old, new) {
        if before.directives.has("oneOf") && !after.directives.has("oneOf") {
            found.change(name.as_str(), format!("`{name}` no longer takes exactly one of its fields"));
        }
    }
}

fn fields_of_both<'a>(
    old: &'a Schema,
    new: &'a Schema,
) -> impl Iterator<Item = (String, &'a InputValueDefinition, &'a InputValueDefinition)> {
    pairs::inputs(old, new).flat_map(|(ty, before, after)| {
        before.fields.iter().filter_map(move |(name, field)| {
            Some((format!("{ty}.{name}"), &***field, &***after.fields.get(name)?))
        })
    })
}

fn added<'a>(old: &'a Schema, new: &'a Schema) -> Vec<(String, &'a InputValueDefinition)> {
    let mut added = Vec::new();
    for (ty, before, after) in pairs::inputs(old, new) {
        for (name, field) in after.fields.iter().filter(|(name, _)| !before.fields.contains_key(*name)) {
            added.push((format!("{ty}.{name}"), &***field));
        }
    }
    added
}
