//! Default values and deprecations, which the parser's validation leaves unchecked.
//!
//! Values are judged by shape, as the reference composer does: a default may leave out required fields
//! of an input object, and may name an enum value in quotes.

use apollo_compiler::ast::{InputValueDefinition, Type, Value};
use apollo_compiler::parser::SourceSpan;
use apollo_compiler::schema::ExtendedType;
use apollo_compiler::{Name, Node, Schema};

use super::normalise::each_input;

/// What is wrong with an argument or input field.
pub(crate) struct InputFault {
    /// What.
    pub(crate) message: String,
    /// Where.
    pub(crate) location: Option<SourceSpan>,
}

/// Every default value that does not fit its type, and every required input that is deprecated.
pub(crate) fn faults(schema: &Schema) -> Vec<InputFault> {
    let mut found = Vec::new();
    for definition in schema.directive_definitions.values().filter(|definition| !definition.is_built_in()) {
        for argument in &definition.arguments {
            check(schema, &format!("@{}({}:)", definition.name, argument.name), argument, &mut found);
        }
    }
    for ty in schema.types.values().filter(|ty| !ty.is_built_in()) {
        let fields = match ty {
            ExtendedType::Object(object) => &object.fields,
            ExtendedType::Interface(interface) => &interface.fields,
            ExtendedType::InputObject(input) => {
                for field in input.fields.values() {
                    check(schema, &format!("{}.{}", input.name, field.name), field, &mut found);
                }
                continue;
            }
            _ => continue,
        };
        for field in fields.values() {
            for argument in &field.arguments {
                let coordinate = format!("{}.{}({}:)", ty.name(), field.name, argument.name);
                check(schema, &coordinate, argument, &mut found);
            }
        }
    }
    found
}

/// Turns quoted enum values in defaults into enum values, and bare words where a scalar is wanted into
/// strings, which is how they reach a subgraph in variables.
pub(super) fn fit_enum_values(schema: &mut Schema) {
    let known = schema.clone();
    each_input(schema, &mut |input| {
        let fitted = input.default_value.as_ref().and_then(|value| fitted(&known, value, &input.ty));
        if fitted.is_some() {
            input.make_mut().default_value = fitted;
        }
    });
}

/// The value with its enum values as their types want them; `None` when they are so already.
fn fitted(schema: &Schema, value: &Node<Value>, ty: &Type) -> Option<Node<Value>> {
    match (ty, &**value) {
        (Type::List(item) | Type::NonNullList(item), Value::List(values)) => {
            let values = changed_items(values, |value| fitted(schema, value, item))?;
            Some(value.same_location(Value::List(values)))
        }
        (Type::List(item) | Type::NonNullList(item), _) => fitted(schema, value, item),
        (Type::Named(name) | Type::NonNullNamed(name), inner) => match (schema.types.get(name)?, inner) {
            (ExtendedType::Enum(_), Value::String(text)) => {
                Name::new(text).ok().map(|name| value.same_location(Value::Enum(name)))
            }
            (ExtendedType::Scalar(_), _) => quoted(value),
            (ExtendedType::InputObject(ty), Value::Object(fields)) => {
                let fields =
                    changed_fields(fields, |name, value| fitted(schema, value, &ty.fields.get(name)?.ty))?;
                Some(value.same_location(Value::Object(fields)))
            }
            _ => None,
        },
    }
}

/// The value of a scalar with its bare words in quotes; `None` when it has none.
fn quoted(value: &Node<Value>) -> Option<Node<Value>> {
    let quoted = match &**value {
        Value::Enum(word) => Value::String(word.to_string()),
        Value::List(values) => Value::List(changed_items(values, quoted)?),
        Value::Object(fields) => Value::Object(changed_fields(fields, |_, value| quoted(value))?),
        _ => return None,
    };
    Some(value.same_location(quoted))
}

/// The items with `change` applied; `None` when it changes none.
fn changed_items(
    items: &[Node<Value>],
    change: impl Fn(&Node<Value>) -> Option<Node<Value>>,
) -> Option<Vec<Node<Value>>> {
    let changed: Vec<Option<Node<Value>>> = items.iter().map(change).collect();
    changed.iter().any(Option::is_some).then(|| {
        changed.into_iter().zip(items).map(|(new, old)| new.unwrap_or_else(|| old.clone())).collect()
    })
}

/// The fields with `change` applied; `None` when it changes none.
fn changed_fields(
    fields: &[(Name, Node<Value>)],
    change: impl Fn(&Name, &Node<Value>) -> Option<Node<Value>>,
) -> Option<Vec<(Name, Node<Value>)>> {
    let changed: Vec<Option<Node<Value>>> = fields.iter().map(|(name, value)| change(name, value)).collect();
    changed.iter().any(Option::is_some).then(|| {
        let pairs = changed.into_iter().zip(fields);
        pairs.map(|(new, (name, old))| (name.clone(), new.unwrap_or_else(|| old.clone()))).collect()
    })
}

fn check(schema: &Schema, coordinate: &str, input: &InputValueDefinition, found: &mut Vec<InputFault>) {
    if let Some(value) = &input.default_value
        && !fits(schema, value, &input.ty)
    {
        let message = format!("the default value `{value}` of `{coordinate}` does not fit `{}`", input.ty);
        found.push(InputFault { message, location: value.location() });
    }
    if let Some(deprecated) = input.directives.get("deprecated").filter(|_| input.is_required()) {
        let message = format!("`{coordinate}` is required and cannot be deprecated");
        found.push(InputFault { message, location: deprecated.location() });
    }
}

/// Whether a constant value has the shape of a type.
fn fits(schema: &Schema, value: &Value, ty: &Type) -> bool {
    match (ty, value) {
        (Type::NonNullNamed(_) | Type::NonNullList(_), Value::Null) | (_, Value::Variable(_)) => false,
        (_, Value::Null) => true,
        (Type::List(item) | Type::NonNullList(item), Value::List(values)) => {
            values.iter().all(|value| fits(schema, value, item))
        }
        (Type::List(item) | Type::NonNullList(item), single) => fits(schema, single, item),
        (Type::Named(name) | Type::NonNullNamed(name), value) => match schema.types.get(name) {
            Some(ExtendedType::Scalar(_)) => fits_scalar(name, value),
            Some(ExtendedType::Enum(ty)) => match value {
                Value::Enum(name) => ty.values.contains_key(name),
                Value::String(name) => ty.values.contains_key(name.as_str()),
                _ => false,
            },
            Some(ExtendedType::InputObject(ty)) => value.as_object().is_some_and(|fields| {
                fields.iter().all(|(name, value)| {
                    ty.fields.get(name).is_some_and(|field| fits(schema, value, &field.ty))
                })
            }),
            // Output types and unknown ones are reported as such.
            _ => true,
        },
    }
}

fn fits_scalar(name: &str, value: &Value) -> bool {
    match name {
        "Int" => matches!(value, Value::Int(_)),
        "Float" => matches!(value, Value::Int(_) | Value::Float(_)),
        "String" => matches!(value, Value::String(_)),
        "Boolean" => matches!(value, Value::Boolean(_)),
        "ID" => matches!(value, Value::String(_) | Value::Int(_)),
        _ => true,
    }
}
