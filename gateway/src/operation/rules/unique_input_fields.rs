//! An input object's literal names each field once (section 5.6.3).

use apollo_compiler::ast::Value;

use super::position::Position;
use crate::error::GraphqlError;

pub(super) fn check(position: &Position<'_>, errors: &mut Vec<GraphqlError>) {
    let Value::Object(fields) = &**position.value else { return };
    let mut names: Vec<&str> = fields.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    let mut previous = None;
    for name in names {
        if previous == Some(name) {
            errors.push(position.error(format!("There can be only one input field named \"{name}\".")));
            return;
        }
        previous = Some(name);
    }
}
