//! When a type or a default may take the place of another without an operation noticing.

use apollo_compiler::ast::{InputValueDefinition, Type, Value};

/// Whether every answer of type `new` is one of type `old`: a non-null type may replace a nullable one.
pub(super) fn output_may_become(old: &Type, new: &Type) -> bool {
    if new.is_non_null() && !old.is_non_null() {
        return output_may_become(old, &new.clone().nullable());
    }
    same_shape(old, new, output_may_become)
}

/// Whether every value that was accepted as `old` is accepted as `new`: a nullable type may replace a
/// non-null one.
pub(super) fn input_may_become(old: &Type, new: &Type) -> bool {
    if old.is_non_null() && !new.is_non_null() {
        return input_may_become(&old.clone().nullable(), new);
    }
    same_shape(old, new, input_may_become)
}

fn same_shape(old: &Type, new: &Type, items: fn(&Type, &Type) -> bool) -> bool {
    match (old, new) {
        (Type::Named(old), Type::Named(new)) | (Type::NonNullNamed(old), Type::NonNullNamed(new)) => {
            old == new
        }
        (Type::List(old), Type::List(new)) | (Type::NonNullList(old), Type::NonNullList(new)) => {
            items(old, new)
        }
        _ => false,
    }
}

/// The old and the new default as text, when a default was there and is another now.
pub(super) fn default_change(
    old: &InputValueDefinition,
    new: &InputValueDefinition,
) -> Option<(String, String)> {
    let before = old.default_value.as_ref()?;
    if Some(before) == new.default_value.as_ref() {
        return None;
    }
    let text = |value: &Value| format!("`{}`", value.serialize().no_indent());
    let after = new.default_value.as_ref().map_or_else(|| "none".to_owned(), |value| text(value));
    Some((text(before), after))
}
