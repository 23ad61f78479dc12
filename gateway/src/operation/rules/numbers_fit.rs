//! Numbers are small enough to be handed on. The specification sets no bound where an `ID` or a custom scalar is
//! expected, but planning and subgraphs read 64 bits.

use apollo_compiler::ast::Value;

use super::position::Position;
use crate::error::GraphqlError;

pub(super) fn check(position: &Position<'_>, errors: &mut Vec<GraphqlError>) {
    let (is_fit, text) = match &**position.value {
        Value::Int(number) => (number.as_str().parse::<i64>().is_ok(), number.as_str()),
        Value::Float(number) => (number.as_str().parse::<f64>().is_ok_and(f64::is_finite), number.as_str()),
        _ => return,
    };
    if !is_fit {
        errors.push(position.error(format!("{text} has more than 64 bits: write it as a string.")));
    }
}
