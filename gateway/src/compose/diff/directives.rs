//! Changes of the directives that operations may use.

use apollo_compiler::Schema;
use apollo_compiler::ast::DirectiveDefinition;

use super::{ChangeRule, Found, Impact, pairs};

pub(super) const DIRECTIVE_REMOVED: ChangeRule =
    ChangeRule { kind: "DIRECTIVE_REMOVED", impact: Impact::Breaking, find: directive_removed };

fn directive_removed(old: &Schema, new: &Schema, found: &mut Found<'_>) {
    for (name, directive) in &old.directive_definitions {
        if !directive.is_built_in() && !new.directive_definitions.contains_key(name) {
            found.change(format!("@{name}"), format!("directive `@{name}` was removed"));
        }
    }
}

pub(super) const DIRECTIVE_REPEATABLE_REMOVED: ChangeRule = ChangeRule {
    kind: "DIRECTIVE_REPEATABLE_REMOVED",
    impact: Impact::Breaking,
    find: directive_repeatable_removed,
};

fn directive_repeatable_removed(old: &Schema, new: &Schema, found: &mut Found<'_>) {
    for (name, before, after) in directives(old, new) {
        if before.repeatable && !after.repeatable {
            found.change(name.clone(), format!("directive `{name}` is no longer repeatable"));
        }
    }
}

pub(super) const DIRECTIVE_LOCATION_REMOVED: ChangeRule = ChangeRule {
    kind: "DIRECTIVE_LOCATION_REMOVED",
    impact: Impact::Breaking,
    find: directive_location_removed,
};

fn directive_location_removed(old: &Schema, new: &Schema, found: &mut Found<'_>) {
    for (name, before, after) in directives(old, new) {
        for location in before.locations.iter().filter(|location| !after.locations.contains(location)) {
            found.change(name.clone(), format!("directive `{name}` may no longer stand on {location}"));
        }
    }
}

pub(super) const DIRECTIVE_ARG_REMOVED: ChangeRule =
    ChangeRule { kind: "DIRECTIVE_ARG_REMOVED", impact: Impact::Breaking, find: directive_arg_removed };

fn directive_arg_removed(old: &Schema, new: &Schema, found: &mut Found<'_>) {
    for (name, before, after) in directives(old, new) {
        for argument in &before.arguments {
            if pairs::argument(&after.arguments, &argument.name).is_none() {
                let coordinate = format!("{name}({}:)", argument.name);
                let message = format!("argument `{coordinate}` was removed");
                found.change(coordinate, message);
            }
        }
    }
}

pub(super) const REQUIRED_DIRECTIVE_ARG_ADDED: ChangeRule = ChangeRule {
    kind: "REQUIRED_DIRECTIVE_ARG_ADDED",
    impact: Impact::Breaking,
    find: required_directive_arg_added,
};

fn required_directive_arg_added(old: &Schema, new: &Schema, found: &mut Found<'_>) {
    for (name, before, after) in directives(old, new) {
        for argument in after.arguments.iter().filter(|argument| argument.is_required()) {
            if pairs::argument(&before.arguments, &argument.name).is_none() {
                let coordinate = format!("{name}({}:)", argument.name);
                let message = format!("required argument `{coordinate}` was added");
                found.change(coordinate, message);
            }
        }
    }
}

fn directives<'a>(
    old: &'a Schema,
    new: &'a Schema,
) -> impl Iterator<Item = (String, &'a DirectiveDefinition, &'a DirectiveDefinition)> {
    old.directive_definitions.iter().filter(|(_, directive)| !directive.is_built_in()).filter_map(
        |(name, before)| Some((format!("@{name}"), &**before, &**new.directive_definitions.get(name)?)),
    )
}
