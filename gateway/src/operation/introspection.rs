//! Answers `__schema` and `__type` from the API schema, straight to bytes. The compiler crate can do this too, but
//! without `isOneOf` and without a bound: a short query with aliases can ask for gigabytes.

use std::borrow::Cow;
use std::cell::Cell;

use apollo_compiler::ast::Value;
use apollo_compiler::collections::IndexMap;
use apollo_compiler::executable::{ExecutableDocument, Field, Selection, SelectionSet};
use apollo_compiler::response::{JsonMap, JsonValue};
use apollo_compiler::schema::{
    DirectiveDefinition, EnumValueDefinition, ExtendedType, FieldDefinition, InputValueDefinition, Type,
};
use apollo_compiler::{Name, Node};

use super::api_schema::{ApiSchema, is_one_of};

/// Longest answer, in bytes: many times what the usual tools ask of a schema of 10,000 types.
const LONGEST: usize = 32 << 20;

/// Most selections looked at for one answer: also those that are skipped cost time.
const MOST_VISITED: usize = 50_000_000;

/// The answer would be longer than we are willing to write.
#[derive(Debug)]
pub(super) struct TooLong;

/// Fields to select by response key, in the order of the answer; those of one key share name and arguments.
pub(super) type Grouped<'a> = IndexMap<&'a Name, Vec<&'a Node<Field>>>;

/// What selections are collected with.
pub(super) struct Request<'a> {
    schema: &'a ApiSchema,
    document: &'a ExecutableDocument,
    variables: &'a JsonMap,
    visited: Cell<usize>,
}

impl<'a> Request<'a> {
    pub(super) fn new(
        schema: &'a ApiSchema,
        document: &'a ExecutableDocument,
        variables: &'a JsonMap,
    ) -> Self {
        Self { schema, document, variables, visited: Cell::new(0) }
    }

    /// `CollectFields` of the specification, for an object of type `object`.
    pub(super) fn collect(
        &self,
        object: &str,
        selections: impl Iterator<Item = &'a SelectionSet>,
    ) -> Grouped<'a> {
        let mut grouped = Grouped::default();
        let mut spread = Vec::new();
        for set in selections {
            self.collect_into(object, set, &mut spread, &mut grouped);
        }
        grouped
    }

    fn collect_into(
        &self,
        object: &str,
        set: &'a SelectionSet,
        spread: &mut Vec<&'a Name>,
        grouped: &mut Grouped<'a>,
    ) {
        self.visited.set(self.visited.get() + set.selections.len());
        for selection in set.selections.iter().filter(|selection| self.is_included(selection)) {
            match selection {
                Selection::Field(field) => grouped.entry(field.response_key()).or_default().push(field),
                Selection::InlineFragment(fragment) => {
                    if fragment
                        .type_condition
                        .as_ref()
                        .is_none_or(|condition| self.applies(condition, object))
                    {
                        self.collect_into(object, &fragment.selection_set, spread, grouped);
                    }
                }
                Selection::FragmentSpread(found) => {
                    let name = &found.fragment_name;
                    let Some(fragment) = self.document.fragments.get(name) else { continue };
                    if !spread.contains(&name) && self.applies(fragment.type_condition(), object) {
                        spread.push(name);
                        self.collect_into(object, &fragment.selection_set, spread, grouped);
                    }
                }
            }
        }
    }

    fn applies(&self, condition: &str, object: &str) -> bool {
        condition == object || self.schema.schema().is_subtype(condition, object)
    }

    fn is_included(&self, selection: &Selection) -> bool {
        let given = |directive: &str| {
            let argument = selection.directives().get(directive)?.specified_argument_by_name("if")?;
            self.boolean(argument)
        };
        given("skip") != Some(true) && given("include") != Some(false)
    }

    fn boolean(&self, value: &Value) -> Option<bool> {
        match value {
            Value::Boolean(value) => Some(*value),
            Value::Variable(name) => self.variables.get(name.as_str()).and_then(JsonValue::as_bool),
            _ => None,
        }
    }

    /// The JSON of the root field `__schema` or `__type`, whose occurrences are `fields`.
    pub(super) fn answer(&self, fields: &[&'a Node<Field>]) -> Result<Vec<u8>, TooLong> {
        let Some(first) = fields.first() else { return Ok(b"null".to_vec()) };
        let mut writer = Writer { request: self, bytes: Vec::new() };
        let value = if first.name == "__schema" {
            Answer::Object(Thing::Schema)
        } else {
            let name = first.specified_argument_by_name("name").and_then(|value| self.text(value));
            self.named(&name.unwrap_or_default())
        };
        writer.write(value, fields)?;
        Ok(writer.bytes)
    }

    fn text(&self, value: &'a Value) -> Option<Cow<'a, str>> {
        match value {
            Value::String(text) => Some(Cow::Borrowed(text)),
            Value::Variable(name) => self
                .variables
                .get(name.as_str())
                .and_then(JsonValue::as_str)
                .map(|text| Cow::Owned(text.to_owned())),
            _ => None,
        }
    }

    fn named(&self, name: &str) -> Answer<'a> {
        let definition = self.schema.schema().types.get(name);
        definition.map_or(Answer::Null, |definition| Answer::Object(Thing::Definition(definition)))
    }
}

/// An object of the introspection schema.
#[derive(Clone, Copy)]
enum Thing<'a> {
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
enum Answer<'a> {
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
    fn type_name(self) -> &'static str {
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
    fn resolve(&self, thing: Thing<'a>, field: &Field) -> Answer<'a> {
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

    fn of_schema(&self, name: &str) -> Answer<'a> {
        let schema = self.schema.schema();
        let root = |name: Option<&apollo_compiler::schema::ComponentName>| {
            name.map_or(Answer::Null, |name| self.named(name))
        };
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
        fields: impl Iterator<Item = &'a apollo_compiler::schema::Component<FieldDefinition>>,
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
    directives: &'a apollo_compiler::ast::DirectiveList,
    name: &str,
) -> Answer<'a> {
    let deprecated = directives.get("deprecated");
    match name {
        "name" => Answer::text(Some(own_name)),
        "description" => Answer::text(description),
        "isDeprecated" => Answer::Boolean(deprecated.is_some()),
        "deprecationReason" => {
            let reason = |applied: &'a Node<apollo_compiler::ast::Directive>| match applied
                .specified_argument_by_name("reason")
            {
                Some(reason) => reason.as_str(),
                // The default value of the directive's argument.
                None => Some("No longer supported"),
            };
            Answer::text(deprecated.and_then(reason))
        }
        _ => Answer::Null,
    }
}

struct Writer<'r, 'a> {
    request: &'r Request<'a>,
    bytes: Vec<u8>,
}

impl<'a> Writer<'_, 'a> {
    fn write(&mut self, answer: Answer<'a>, fields: &[&'a Node<Field>]) -> Result<(), TooLong> {
        if self.bytes.len() > LONGEST || self.request.visited.get() > MOST_VISITED {
            return Err(TooLong);
        }
        match answer {
            Answer::Null => self.bytes.extend_from_slice(b"null"),
            Answer::Boolean(value) => self.bytes.extend_from_slice(if value { b"true" } else { b"false" }),
            Answer::Text(text) => self.write_text(&text),
            Answer::Texts(texts) => self.write_list(texts, |writer, text| {
                writer.write_text(text);
                Ok(())
            })?,
            Answer::Object(thing) => {
                let grouped = self.collect(thing, fields);
                self.write_object(thing, &grouped)?;
            }
            Answer::Objects(things) => {
                // All items are of one type: what is selected is collected once.
                let Some(first) = things.first() else {
                    self.bytes.extend_from_slice(b"[]");
                    return Ok(());
                };
                let grouped = self.collect(*first, fields);
                self.write_list(things, |writer, thing| writer.write_object(thing, &grouped))?;
            }
        }
        Ok(())
    }

    fn collect(&self, thing: Thing<'a>, fields: &[&'a Node<Field>]) -> Grouped<'a> {
        self.request.collect(thing.type_name(), fields.iter().map(|field| &field.selection_set))
    }

    fn write_object(&mut self, thing: Thing<'a>, grouped: &Grouped<'a>) -> Result<(), TooLong> {
        self.bytes.push(b'{');
        let mut separator: &[u8] = b"";
        for (key, fields) in grouped {
            let Some(first) = fields.first() else { continue };
            self.bytes.extend_from_slice(separator);
            separator = b",";
            self.write_text(key);
            self.bytes.push(b':');
            self.write(self.request.resolve(thing, first), fields)?;
        }
        self.bytes.push(b'}');
        Ok(())
    }

    fn write_list<T>(
        &mut self,
        items: Vec<T>,
        mut write: impl FnMut(&mut Self, T) -> Result<(), TooLong>,
    ) -> Result<(), TooLong> {
        self.bytes.push(b'[');
        let mut separator: &[u8] = b"";
        for item in items {
            self.bytes.extend_from_slice(separator);
            separator = b",";
            write(self, item)?;
        }
        self.bytes.push(b']');
        Ok(())
    }

    fn write_text(&mut self, text: &str) {
        // Writing a string to memory cannot fail.
        let _ = serde_json::to_writer(&mut self.bytes, text);
    }
}
