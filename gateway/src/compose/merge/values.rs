//! When two constant values say the same.

use apollo_compiler::ast::Value;

/// Whether two values are the same: an object's fields in any order, numbers by value, and a bare word the same
/// as its name in quotes.
pub(crate) fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::List(a), Value::List(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len()
                && a.iter().all(|(name, a)| b.iter().any(|(other, b)| name == other && same(a, b)))
        }
        (Value::Int(_) | Value::Float(_), Value::Int(_) | Value::Float(_)) => {
            a == b || (a.to_f64().is_some() && a.to_f64() == b.to_f64())
        }
        (Value::Enum(word), Value::String(text)) | (Value::String(text), Value::Enum(word)) => {
            word.as_str() == text
        }
        _ => a == b,
    }
}
