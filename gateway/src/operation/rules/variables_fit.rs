//! A variable's type fits where it is used (section 5.8.5), also within lists and objects, and a default of `null` does
//! not make it fit.

use apollo_compiler::ast::{Type, Value, VariableDefinition};

use super::position::Position;
use crate::error::GraphqlError;
use crate::operation::api_schema::is_one_of;

pub(super) fn check(position: &Position<'_>, errors: &mut Vec<GraphqlError>) {
    let Value::Variable(name) = &**position.value else { return };
    let Some(variable) = position.variables.iter().find(|variable| variable.name == *name) else { return };
    // The rule for `@oneOf` reports these.
    let is_reported = position.field_of.is_some_and(is_one_of) && !variable.ty.is_non_null();
    if !fits(variable, position) && !is_reported {
        errors.push(position.error(format!(
            "Variable \"${name}\" of type \"{}\" used in position expecting type \"{}\".",
            variable.ty, position.ty
        )));
    }
}

/// `IsVariableUsageAllowed` of the specification.
fn fits(variable: &VariableDefinition, position: &Position<'_>) -> bool {
    if !position.ty.is_non_null() || variable.ty.is_non_null() {
        return is_compatible(&variable.ty, position.ty);
    }
    let has_value = variable.default_value.as_ref().is_some_and(|default| !default.is_null());
    (has_value || position.has_default) && is_compatible(&variable.ty, &position.ty.clone().nullable())
}

/// `AreTypesCompatible` of the specification.
fn is_compatible(variable: &Type, expected: &Type) -> bool {
    match (variable, expected) {
        (Type::NonNullNamed(variable), Type::NonNullNamed(expected))
        | (Type::NonNullNamed(variable) | Type::Named(variable), Type::Named(expected)) => {
            variable == expected
        }
        (Type::NonNullList(variable), Type::NonNullList(expected))
        | (Type::NonNullList(variable) | Type::List(variable), Type::List(expected)) => {
            is_compatible(variable, expected)
        }
        _ => false,
    }
}
