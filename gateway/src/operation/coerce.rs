//! Coerces a request's variables to the types that the operation declares (`CoerceVariableValues` of the
//! specification); every error names the variable and the place within its value.

use std::fmt::Write as _;

use apollo_compiler::ast::Type;
use apollo_compiler::executable::{ExecutableDocument, Operation, Value, VariableDefinition};
use apollo_compiler::response::{JsonMap, JsonValue};
use apollo_compiler::schema::{EnumType, ExtendedType, InputObjectType};
use apollo_compiler::{Node, Schema};

use super::api_schema::is_one_of;
use super::location::locate;
use crate::error::{Code, GraphqlError};

/// Errors told for one request; a hostile one could have any number.
const MOST_ERRORS: usize = 50;

/// Characters of a value that an error repeats.
const SHOWN: usize = 100;

/// The variables of `operation`, from what the request brought. Variables without value and default are left out.
pub(crate) fn coerce_variables(
    schema: &Schema,
    document: &ExecutableDocument,
    operation: &Operation,
    mut given: JsonMap,
) -> Result<JsonMap, Vec<GraphqlError>> {
    let mut coerced = JsonMap::with_capacity(operation.variables.len());
    let mut errors = Vec::new();
    for definition in &operation.variables {
        let name = definition.name.as_str();
        let refuse = |message: String| {
            let location = locate(definition.location(), &document.sources);
            GraphqlError::new(Code::BadUserInput, message).at(location)
        };
        match given.remove(name) {
            Some(JsonValue::Null) if definition.ty.is_non_null() => {
                errors.push(refuse(format!(
                    "Variable \"${name}\" of non-null type \"{}\" must not be null.",
                    definition.ty
                )));
            }
            Some(value) => {
                let mut coercion = Coercion { schema, path: Vec::new(), complaints: Vec::new() };
                let value = coercion.coerce(&definition.ty, value);
                errors.extend(
                    coercion.complaints.into_iter().map(|complaint| refuse(complaint.told(definition))),
                );
                coerced.insert(name, value);
            }
            None => match &definition.default_value {
                Some(default) => {
                    coerced.insert(name, constant(default));
                }
                None if definition.ty.is_non_null() => {
                    errors.push(refuse(format!(
                        "Variable \"${name}\" of required type \"{}\" was not provided.",
                        definition.ty
                    )));
                }
                None => {}
            },
        }
        if errors.len() >= MOST_ERRORS {
            errors.truncate(MOST_ERRORS);
            break;
        }
    }
    if errors.is_empty() { Ok(coerced) } else { Err(errors) }
}

/// A literal without variables, as JSON.
fn constant(value: &Value) -> JsonValue {
    match value {
        Value::Null | Value::Variable(_) => JsonValue::Null,
        Value::Boolean(value) => (*value).into(),
        Value::Enum(name) => name.as_str().into(),
        Value::String(text) => text.as_str().into(),
        Value::Int(number) => number_from(number.as_str()),
        Value::Float(number) => number_from(number.as_str()),
        Value::List(items) => items.iter().map(|item| constant(item)).collect(),
        Value::Object(fields) => {
            fields.iter().map(|(name, value)| (name.as_str(), constant(value))).collect()
        }
    }
}

fn number_from(text: &str) -> JsonValue {
    text.parse::<serde_json::Number>().map_or(JsonValue::Null, JsonValue::Number)
}

enum Step {
    Field(String),
    Item(usize),
}

/// What is wrong with a value, and where within the variable.
struct Complaint {
    path: String,
    value: String,
    problem: String,
}

impl Complaint {
    fn told(&self, definition: &Node<VariableDefinition>) -> String {
        let name = &definition.name;
        let place = if self.path.is_empty() { String::new() } else { format!(" at \"{name}{}\"", self.path) };
        format!("Variable \"${name}\" got invalid value {}{place}; {}", self.value, self.problem)
    }
}

struct Coercion<'a> {
    schema: &'a Schema,
    path: Vec<Step>,
    complaints: Vec<Complaint>,
}

impl Coercion<'_> {
    fn coerce(&mut self, ty: &Type, value: JsonValue) -> JsonValue {
        if self.complaints.len() >= MOST_ERRORS {
            return JsonValue::Null;
        }
        if value.is_null() {
            if ty.is_non_null() {
                self.complain(&value, format!("Expected non-nullable type \"{ty}\" not to be null."));
            }
            return value;
        }
        match ty {
            Type::List(item) | Type::NonNullList(item) => self.coerce_list(item, value),
            Type::Named(name) | Type::NonNullNamed(name) => match self.schema.types.get(name) {
                Some(ExtendedType::Scalar(_)) => self.coerce_scalar(name, value),
                Some(ExtendedType::Enum(definition)) => self.coerce_enum(definition, value),
                Some(definition @ ExtendedType::InputObject(input)) => {
                    self.coerce_object(input, is_one_of(definition), value)
                }
                // Validation has refused output types and unknown ones.
                _ => value,
            },
        }
    }

    fn coerce_list(&mut self, item: &Type, value: JsonValue) -> JsonValue {
        let JsonValue::Array(items) = value else {
            // "If the value passed as an input to a list type is not a list, the result is a list of size one."
            return JsonValue::Array(vec![self.coerce(item, value)]);
        };
        let coerced = items.into_iter().enumerate().map(|(index, value)| {
            self.path.push(Step::Item(index));
            let value = self.coerce(item, value);
            self.path.pop();
            value
        });
        JsonValue::Array(coerced.collect())
    }

    fn coerce_scalar(&mut self, name: &str, value: JsonValue) -> JsonValue {
        let problem = match (name, &value) {
            ("Int", JsonValue::Number(number)) => match whole(number) {
                Some(number) if i32::try_from(number).is_ok() => return number.into(),
                Some(_) => format!("Int cannot represent non 32-bit signed integer value: {}", shown(&value)),
                None => format!("Int cannot represent non-integer value: {}", shown(&value)),
            },
            ("Int", _) => format!("Int cannot represent non-integer value: {}", shown(&value)),
            ("Float", JsonValue::Number(number)) if number.as_f64().is_some_and(f64::is_finite) => {
                return value;
            }
            ("Float", _) => format!("Float cannot represent non numeric value: {}", shown(&value)),
            ("String" | "ID", JsonValue::String(_)) | ("Boolean", JsonValue::Bool(_)) => {
                return value;
            }
            ("String", _) => format!("String cannot represent a non string value: {}", shown(&value)),
            ("Boolean", _) => format!("Boolean cannot represent a non boolean value: {}", shown(&value)),
            // "When expected as an input type, any string or integer value should be coerced to ID."
            ("ID", JsonValue::Number(number)) if number.is_i64() || number.is_u64() => {
                return number.to_string().into();
            }
            ("ID", _) => format!("ID cannot represent value: {}", shown(&value)),
            // Only the subgraph knows what a custom scalar admits.
            _ => return value,
        };
        self.complain(&value, problem);
        value
    }

    fn coerce_enum(&mut self, definition: &EnumType, value: JsonValue) -> JsonValue {
        let name = &definition.name;
        match value.as_str() {
            Some(text) if definition.values.contains_key(text) => {}
            Some(text) => {
                let problem = format!("Value \"{}\" does not exist in \"{name}\" enum.", shortened(text));
                self.complain(&value, problem);
            }
            None => {
                let problem =
                    format!("Enum \"{name}\" cannot represent non-string value: {}.", shown(&value));
                self.complain(&value, problem);
            }
        }
        value
    }

    fn coerce_object(
        &mut self,
        definition: &InputObjectType,
        is_one_of: bool,
        value: JsonValue,
    ) -> JsonValue {
        let name = &definition.name;
        let JsonValue::Object(mut given) = value else {
            self.complain(&value, format!("Expected type \"{name}\" to be an object."));
            return value;
        };
        let unknown: Vec<String> = given
            .keys()
            .map(apollo_compiler::response::serde_json_bytes::ByteString::as_str)
            .filter(|key| !definition.fields.contains_key(*key))
            .take(MOST_ERRORS)
            .map(shortened)
            .collect();
        for key in unknown {
            self.complain_object(&given, format!("Field \"{key}\" is not defined by type \"{name}\"."));
        }
        if is_one_of {
            self.check_one_of(definition, &given);
        }
        for (field_name, field) in &definition.fields {
            let Some(value) = given.get_mut(field_name.as_str()) else {
                if field.is_required() {
                    let problem =
                        format!("Field \"{field_name}\" of required type \"{}\" was not provided.", field.ty);
                    self.complain_object(&given, problem);
                }
                continue;
            };
            let value = std::mem::take(value);
            self.path.push(Step::Field(field_name.to_string()));
            let value = self.coerce(&field.ty, value);
            self.path.pop();
            // The key is there: this keeps its place among the others.
            given.insert(field_name.as_str(), value);
        }
        JsonValue::Object(given)
    }

    fn check_one_of(&mut self, definition: &InputObjectType, given: &JsonMap) {
        let mut keys = given.iter();
        match (keys.next(), keys.next()) {
            (Some((key, JsonValue::Null)), None) => {
                self.path.push(Step::Field(shortened(key.as_str())));
                self.complain(
                    &JsonValue::Null,
                    format!("Field \"{}\" must be non-null.", shortened(key.as_str())),
                );
                self.path.pop();
            }
            (Some(_), None) => {}
            _ => {
                let problem =
                    format!("Exactly one key must be specified for OneOf type \"{}\".", definition.name);
                self.complain_object(given, problem);
            }
        }
    }

    fn complain_object(&mut self, value: &JsonMap, problem: String) {
        if self.complaints.len() >= MOST_ERRORS {
            return;
        }
        // Shown in part only: a few of its fields tell as much as thousands.
        let shown = value.iter().take(SHOWN).map(|(key, value)| (key.clone(), value.clone()));
        self.complain(&JsonValue::Object(shown.collect()), problem);
    }

    fn complain(&mut self, value: &JsonValue, problem: String) {
        if self.complaints.len() < MOST_ERRORS {
            let path = written(&self.path);
            self.complaints.push(Complaint { path, value: shown(value), problem });
        }
    }
}

/// The whole number that `number` is, `1.0` included: JSON has one kind of number only.
fn whole(number: &serde_json::Number) -> Option<i64> {
    number.as_i64().or_else(|| {
        let float = number.as_f64().filter(|float| float.fract() == 0.0 && float.abs() < 9e15)?;
        #[expect(
            clippy::cast_possible_truncation,
            reason = "whole and far within the range of i64, see above"
        )]
        let whole = float as i64;
        Some(whole)
    })
}

fn written(path: &[Step]) -> String {
    let mut text = String::new();
    for step in path {
        // Writing to a string cannot fail.
        let _ = match step {
            Step::Field(name) => write!(text, ".{name}"),
            Step::Item(index) => write!(text, "[{index}]"),
        };
    }
    text
}

fn shown(value: &JsonValue) -> String {
    shortened(&value.to_string())
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}
