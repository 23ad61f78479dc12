//! Elements of one name in both schemas, side by side.

use apollo_compiler::ast::{FieldDefinition, InputValueDefinition};
use apollo_compiler::collections::IndexMap;
use apollo_compiler::schema::{Component, ExtendedType, InputObjectType};
use apollo_compiler::{Name, Node, Schema};

pub(super) type Fields = IndexMap<Name, Component<FieldDefinition>>;

/// The types of both schemas, built-in ones left out.
pub(super) fn types<'a>(
    old: &'a Schema,
    new: &'a Schema,
) -> impl Iterator<Item = (&'a Name, &'a ExtendedType, &'a ExtendedType)> {
    old.types
        .iter()
        .filter(|(_, ty)| !ty.is_built_in())
        .filter_map(|(name, ty)| Some((name, ty, new.types.get(name)?)))
}

/// The fields of the object and interface types of both schemas, by type.
pub(super) fn fields_of_types<'a>(
    old: &'a Schema,
    new: &'a Schema,
) -> impl Iterator<Item = (&'a Name, &'a Fields, &'a Fields)> {
    types(old, new).filter_map(|(name, before, after)| Some((name, fields(before)?, fields(after)?)))
}

/// The fields of both schemas, with their coordinate.
pub(super) fn fields_of_both<'a>(
    old: &'a Schema,
    new: &'a Schema,
) -> impl Iterator<Item = (String, &'a FieldDefinition, &'a FieldDefinition)> {
    fields_of_types(old, new).flat_map(|(ty, before, after)| {
        before
            .iter()
            .filter_map(move |(name, field)| Some((format!("{ty}.{name}"), &***field, &***after.get(name)?)))
    })
}

/// The input object types of both schemas.
pub(super) fn inputs<'a>(
    old: &'a Schema,
    new: &'a Schema,
) -> impl Iterator<Item = (&'a Name, &'a InputObjectType, &'a InputObjectType)> {
    types(old, new).filter_map(|(name, before, after)| match (before, after) {
        (ExtendedType::InputObject(before), ExtendedType::InputObject(after)) => {
            Some((name, &**before, &**after))
        }
        _ => None,
    })
}

/// The argument of this name.
pub(super) fn argument<'a>(
    arguments: &'a [Node<InputValueDefinition>],
    name: &str,
) -> Option<&'a InputValueDefinition> {
    arguments.iter().find(|argument| argument.name == name).map(|argument| &**argument)
}

fn fields(ty: &ExtendedType) -> Option<&Fields> {
    match ty {
        ExtendedType::Object(object) => Some(&object.fields),
        ExtendedType::Interface(interface) => Some(&interface.fields),
        _ => None,
    }
}
