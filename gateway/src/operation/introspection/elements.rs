//! What the introspection schema says of each element of a schema (specification, section 4).

use std::borrow::Cow;

use apollo_compiler::ast::{Directive, DirectiveList};
use apollo_compiler::executable::Field;
use apollo_compiler::schema::{
    Component, ComponentName, DirectiveDefinition, EnumValueDefinition, ExtendedType, FieldDefinition,
    InputValueDefinition, Type,
};
use apollo_compiler::{Name, Node};

use super::selection::Request;
use crate::operation::api_schema::is_one_of;

/// An object of the introspection schema.
#[derive(Clone, Copy)]
pub(super) enum Thing<'a> {
    Schema,
    /// A `__Type` with a name.
    Definition(&'a ExtendedType),
    /// A `__Type` around another: a list, or non-null.
    Wrapper(&'a Type),
    /// What is within `NonNullList`.
    ListWithin(&'a Type),
    Field(&'a FieldDefinition),
    Input(&'a InputValueDefinition),
    EnumValue(&'a EnumValueDefinition),
    Directive(&'a DirectiveDefinition),
}

/// The value of a field of the introspection schema.
pub(super) enum Answer<'a> {
    Null,
    Boolean(bool),
    Text(Cow<'a, str>),
    Texts(Vec<&'a str>),
    Object(Thing<'a>),
    Objects(Vec<Thing<'a>>),
}

impl<'a> Answer<'a> {
    fn text(text: Option<&'a str>) -> Self {
        text.map_or(Self::Null, |text| Self::Text(Cow::Borrowed(text)))
    }
}

impl Thing<'_> {
    pub(super) fn type_name(self) -> &'static str {
        match self {
            Self::Schema => "__Schema",
            Self::Definition(_) | Self::Wrapper(_) | Self::ListWithin(_) => "__Type",
            Self::Field(_) => "__Field",
            Self::Input(_) => "__InputValue",
            Self::EnumValue(_) => "__EnumValue",
            Self::Directive(_) => "__Directive",
        }
    }
}

impl<'a> Request<'a> {
    /// The value of `field` of `thing`.
    pub(super) fn resolve(&self, thing: Thing<'a>, field: &Field) -> Answer<'a> {
        let name = field.name.as_str();
        if name == "__typename" {
            return Answer::Text(Cow::Borrowed(thing.type_name()));
        }
        match thing {
            Thing::Schema => self.of_schema(name),
            Thing::Definition(definition) => self.of_definition(definition, name, field),
            Thing::Wrapper(wrapper) => self.of_wrapper(wrapper, name),
            Thing::ListWithin(item) => match name {
                "kind" => Answer::Text(Cow::Borrowed("LIST")),
                "ofType" => self.of_type(item),
                _ => Answer::Null,
            },
            Thing::Field(definition) => match name {
                "args" => self.inputs(definition.arguments.iter(), field),
                "type" => self.of_type(&definition.ty),
                _ => of_element(
                    &definition.name,
                    definition.description.as_deref(),
                    &definition.directives,
                    name,
                ),
            },
            Thing::Input(definition) => match name {
                "type" => self.of_type(&definition.ty),
                "defaultValue" => match &definition.default_value {
                    Some(value) => Answer::Text(Cow::Owned(value.serialize().no_indent().to_string())),
                    None => Answer::Null,
                },
                _ => of_element(
                    &definition.name,
                    definition.description.as_deref(),
                    &definition.directives,
                    name,
                ),
            },
            Thing::EnumValue(definition) => {
                of_element(&definition.value, definition.description.as_deref(), &definition.directives, name)
            }
            Thing::Directive(definition) => match name {
                "name" => Answer::text(Some(&definition.name)),
                "description" => Answer::text(definition.description.as_deref()),
                "isRepeatable" => Answer::Boolean(definition.repeatable),
                "locations" => {
                    Answer::Texts(definition.locations.iter().map(|location| location.name()).collect())
                }
                "args" => self.inputs(definition.arguments.iter(), field),
                _ => Answer::Null,
            },
        }
    }

    /// The type called `name`.
    pub(super) fn named(&self, name: &str) -> Answer<'a> {
        let definition = self.schema.schema().types.get(name);
        definition.map_or(Answer::Null, |definition| Answer::Object(Thing::Definition(definition)))
    }

    fn of_schema(&self, name: &str) -> Answer<'a> {
        let schema = self.schema.schema();
        let root = |name: Option<&ComponentName>| name.map_or(Answer::Null, |name| self.named(name));
        match name {
            "description" => Answer::text(schema.schema_definition.description.as_deref()),
            "types" => Answer::Objects(schema.types.values().map(Thing::Definition).collect()),
            "queryType" => root(schema.schema_definition.query.as_ref()),
            "mutationType" => root(schema.schema_definition.mutation.as_ref()),
            "subscriptionType" => root(schema.schema_definition.subscription.as_ref()),
            "directives" => Answer::Objects(
                schema.directive_definitions.values().map(|found| Thing::Directive(found)).collect(),
            ),
            _ => Answer::Null,
        }
    }

    fn of_definition(&self, definition: &'a ExtendedType, name: &str, field: &Field) -> Answer<'a> {
        match (name, definition) {
            ("kind", _) => Answer::Text(Cow::Borrowed(kind(definition))),
            ("name", _) => Answer::text(Some(definition.name())),
            ("description", _) => Answer::text(definition.description().map(|text| &**text)),
            ("fields", ExtendedType::Object(found)) => self.fields(found.fields.values(), field),
            ("fields", ExtendedType::Interface(found)) => self.fields(found.fields.values(), field),
            ("interfaces", ExtendedType::Object(found)) => {
                self.types(found.implements_interfaces.iter().map(|one| &one.name))
            }
            ("interfaces", ExtendedType::Interface(found)) => {
                self.types(found.implements_interfaces.iter().map(|one| &one.name))
            }
            ("possibleTypes", ExtendedType::Interface(found)) => {
                self.types(self.schema.objects_of(&found.name))
            }
            ("possibleTypes", ExtendedType::Union(found)) => {
                self.types(found.members.iter().map(|one| &one.name))
            }
            ("enumValues", ExtendedType::Enum(found)) => {
                let all = self.includes_deprecated(field);
                let values = found.values.values().filter(|value| all || !value.directives.has("deprecated"));
                Answer::Objects(values.map(|value| Thing::EnumValue(value)).collect())
            }
            ("inputFields", ExtendedType::InputObject(found)) => {
                self.inputs(found.fields.values().map(|one| &one.node), field)
            }
            ("isOneOf", ExtendedType::InputObject(_)) => Answer::Boolean(is_one_of(definition)),
            ("specifiedByURL", ExtendedType::Scalar(found)) => {
                let url = found
                    .directives
                    .get("specifiedBy")
                    .and_then(|applied| applied.specified_argument_by_name("url"));
                Answer::text(url.and_then(|url| url.as_str()))
            }
            _ => Answer::Null,
        }
    }

    fn of_wrapper(&self, wrapper: &'a Type, name: &str) -> Answer<'a> {
        match (name, wrapper) {
            ("kind", Type::List(_)) => Answer::Text(Cow::Borrowed("LIST")),
            ("kind", _) => Answer::Text(Cow::Borrowed("NON_NULL")),
            ("ofType", Type::List(item)) => self.of_type(item),
            ("ofType", Type::NonNullList(item)) => Answer::Object(Thing::ListWithin(item)),
            ("ofType", Type::NonNullNamed(name) | Type::Named(name)) => self.named(name),
            _ => Answer::Null,
        }
    }

    fn of_type(&self, ty: &'a Type) -> Answer<'a> {
        match ty {
            Type::Named(name) => self.named(name),
            wrapper => Answer::Object(Thing::Wrapper(wrapper)),
        }
    }

    fn types<'n>(&self, names: impl Iterator<Item = &'n Name>) -> Answer<'a> {
        let types = &self.schema.schema().types;
        Answer::Objects(names.filter_map(|name| types.get(name)).map(Thing::Definition).collect())
    }

    fn fields(
        &self,
        fields: impl Iterator<Item = &'a Component<FieldDefinition>>,
        field: &Field,
    ) -> Answer<'a> {
        let all = self.includes_deprecated(field);
        let shown = fields.filter(|found| all || !found.directives.has("deprecated"));
        Answer::Objects(shown.map(|found| Thing::Field(found)).collect())
    }

    fn inputs(
        &self,
        inputs: impl Iterator<Item = &'a Node<InputValueDefinition>>,
        field: &Field,
    ) -> Answer<'a> {
        let all = self.includes_deprecated(field);
        let shown = inputs.filter(|found| all || !found.directives.has("deprecated"));
        Answer::Objects(shown.map(|found| Thing::Input(found)).collect())
    }

    fn includes_deprecated(&self, field: &Field) -> bool {
        field.specified_argument_by_name("includeDeprecated").and_then(|value| self.boolean(value))
            == Some(true)
    }
}

fn kind(definition: &ExtendedType) -> &'static str {
    match definition {
        ExtendedType::Scalar(_) => "SCALAR",
        ExtendedType::Object(_) => "OBJECT",
        ExtendedType::Interface(_) => "INTERFACE",
        ExtendedType::Union(_) => "UNION",
        ExtendedType::Enum(_) => "ENUM",
        ExtendedType::InputObject(_) => "INPUT_OBJECT",
    }
}

/// What fields, arguments, input fields and enum values have in common.
fn of_element<'a>(
    own_name: &'a Name,
    description: Option<&'a str>,
    directives: &'a DirectiveList,
    name: &str,
) -> Answer<'a> {
    let deprecated = directives.get("deprecated");
    match name {
        "name" => Answer::text(Some(own_name)),
        "description" => Answer::text(description),
        "isDeprecated" => Answer::Boolean(deprecated.is_some()),
        "deprecationReason" => {
            let reason = |applied: &'a Node<Directive>| match applied.specified_argument_by_name("reason") {
                Some(reason) => reason.as_str(),
                // The default value of the directive's argument.
                None => Some("No longer supported"),
            };
            Answer::text(deprecated.and_then(reason))
        }
        _ => Answer::Null,
    }
}
