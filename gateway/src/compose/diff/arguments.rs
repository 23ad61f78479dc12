//! Changes of fields' arguments.

use apollo_compiler::Schema;
use apollo_compiler::ast::InputValueDefinition;

use super::{ChangeRule, Found, Impact, pairs, values};

pub(super) const ARG_REMOVED: ChangeRule =
    ChangeRule { kind: "ARG_REMOVED", impact: Impact::Breaking, find: arg_removed };

fn arg_removed(old: &Schema, new: &Schema, found: &mut Found<'_>) {
    for (field, before, after) in pairs::fields_of_both(old, new) {
        for argument in &before.arguments {
            if pairs::argument(&after.arguments, &argument.name).is_none() {
                let coordinate = format!("{field}({}:)", argument.name);
                let message = format!("argument `{coordinate}` was removed");
                found.change(coordinate, message);
            }
        }
    }
}

pub(super) const ARG_CHANGED_TYPE: ChangeRule =
    ChangeRule { kind: "ARG_CHANGED_TYPE", impact: Impact::Breaking, find: arg_changed_type };

fn arg_changed_type(old: &Schema, new: &Schema, found: &mut Found<'_>) {
    for (coordinate, before, after) in arguments_of_both(old, new) {
        if !values::input_may_become(&before.ty, &after.ty) {
            let message = format!("`{coordinate}` took `{}` and takes `{}`", before.ty, after.ty);
            found.change(coordinate, message);
        }
    }
}

pub(super) const REQUIRED_ARG_ADDED: ChangeRule =
    ChangeRule { kind: "REQUIRED_ARG_ADDED", impact: Impact::Breaking, find: required_arg_added };

fn required_arg_added(old: &Schema, new: &Schema, found: &mut Found<'_>) {
    for (coordinate, argument) in added(old, new).into_iter().filter(|(_, argument)| argument.is_required()) {
        let message = format!("required argument `{coordinate}` of type `{}` was added", argument.ty);
        found.change(coordinate, message);
    }
}

pub(super) const OPTIONAL_ARG_ADDED: ChangeRule =
    ChangeRule { kind: "OPTIONAL_ARG_ADDED", impact: Impact::Dangerous, find: optional_arg_added };

fn optional_arg_added(old: &Schema, new: &Schema, found: &mut Found<'_>) {
    for (coordinate, argument) in added(old, new).into_iter().filter(|(_, argument)| !argument.is_required())
    {
        let message = format!("optional argument `{coordinate}` of type `{}` was added", argument.ty);
        found.change(coordinate, message);
    }
}

pub(super) const ARG_DEFAULT_VALUE_CHANGED: ChangeRule = ChangeRule {
    kind: "ARG_DEFAULT_VALUE_CHANGED",
    impact: Impact::Dangerous,
    find: arg_default_value_changed,
};

fn arg_default_value_changed(old: &Schema, new: &Schema, found: &mut Found<'_>) {
    for (coordinate, before, after) in arguments_of_both(old, new) {
        if let Some((before, after)) = values::default_change(before, after) {
            let message = format!("the default of `{coordinate}` was {before} and is {after}");
            found.change(coordinate, message);
        }
    }
}

fn arguments_of_both<'a>(
    old: &'a Schema,
    new: &'a Schema,
) -> impl Iterator<Item = (String, &'a InputValueDefinition, &'a InputValueDefinition)> {
    pairs::fields_of_both(old, new).flat_map(|(field, before, after)| {
        before.arguments.iter().filter_map(move |argument| {
            let now = pairs::argument(&after.arguments, &argument.name)?;
            Some((format!("{field}({}:)", argument.name), &**argument, now))
        })
    })
}

fn added<'a>(old: &'a Schema, new: &'a Schema) -> Vec<(String, &'a InputValueDefinition)> {
    let mut added = Vec::new();
    for (field, before, after) in pairs::fields_of_both(old, new) {
        for argument in &after.arguments {
            if pairs::argument(&before.arguments, &argument.name).is_none() {
                added.push((format!("{field}({}:)", argument.name), &**argument));
            }
        }
    }
    added
}
