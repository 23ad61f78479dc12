//! The literal of a `@oneOf` input object names exactly one field, and that is not null (September 2025 edition,
//! section 5.6.5). Values of variables are checked when they are coerced.

use apollo_compiler::ast::Value;

use super::position::Position;
use crate::error::GraphqlError;
use crate::operation::api_schema::is_one_of;

pub(super) fn check(position: &Position<'_>, errors: &mut Vec<GraphqlError>) {
    let Value::Object(fields) = &**position.value else { return };
    let Some((definition, input)) = position.input_object().filter(|(definition, _)| is_one_of(definition))
    else {
        return;
    };
    let name = &input.name;
    let [(field, value)] = fields.as_slice() else {
        errors.push(
            position
                .error(format!("OneOf Input Object \"{}\" must specify exactly one key.", definition.name())),
        );
        return;
    };
    match &**value {
        Value::Null => errors.push(position.error(format!("Field \"{name}.{field}\" must be non-null."))),
        Value::Variable(variable) => {
            let declared = position.variables.iter().find(|declared| declared.name == *variable);
            if let Some(declared) = declared.filter(|declared| !declared.ty.is_non_null()) {
                errors.push(position.error(format!(
                    "Variable \"${variable}\" is of type \"{}\" but must be non-nullable to be used for OneOf Input Object \"{name}\".",
                    declared.ty
                )));
            }
        }
        _ => {}
    }
}
