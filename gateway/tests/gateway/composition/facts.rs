//! A schema as a set of statements, so that two of them can be compared without regard to order.

use std::collections::{BTreeMap, BTreeSet};

use apollo_compiler::Node;
use apollo_compiler::Schema;
use apollo_compiler::ast::{Directive, FieldDefinition, InputValueDefinition, Type, Value};
use apollo_compiler::schema::ExtendedType;

/// Statements by the kind of thing that they are about.
pub(super) type Facts = BTreeMap<String, BTreeSet<String>>;

/// What an API schema says.
pub(super) fn of_api(sdl: &str) -> Facts {
    let mut reader = Reader::default();
    let schema = parse(sdl);
    reader.schema(&schema);
    reader.facts
}

/// What a supergraph says: its types, and every directive applied to them.
pub(super) fn of_supergraph(sdl: &str) -> Facts {
    let mut reader = Reader::default();
    let schema = parse(sdl);
    reader.schema(&schema);
    for (name, definition) in &schema.directive_definitions {
        if !definition.is_built_in() {
            reader.say("directive definition", format!("@{name} {}", printed(definition)));
        }
    }
    reader.facts
}

fn parse(sdl: &str) -> Schema {
    match Schema::parse(sdl, "schema.graphql") {
        Ok(schema) => schema,
        Err(with_errors) => with_errors.partial,
    }
}

/// One definition on one line, with its arguments and locations sorted.
fn printed(definition: &apollo_compiler::ast::DirectiveDefinition) -> String {
    let mut locations: Vec<String> = definition.locations.iter().map(ToString::to_string).collect();
    locations.sort();
    let mut arguments: Vec<String> = definition.arguments.iter().map(|argument| input(argument)).collect();
    arguments.sort();
    let repeatable = if definition.repeatable { " repeatable" } else { "" };
    format!("({}){repeatable} on {}", arguments.join(", "), locations.join(" | "))
}

#[derive(Default)]
struct Reader {
    facts: Facts,
}

impl Reader {
    fn say(&mut self, kind: &str, fact: impl Into<String>) {
        self.facts.entry(kind.to_owned()).or_default().insert(fact.into());
    }

    fn schema(&mut self, schema: &Schema) {
        let definition = &schema.schema_definition;
        let roots = [
            ("query", &definition.query),
            ("mutation", &definition.mutation),
            ("subscription", &definition.subscription),
        ];
        for (operation, root) in roots {
            if let Some(root) = root {
                self.say("root", format!("{operation}: {root}"));
            }
        }
        self.described("schema", definition.description.as_ref());
        self.applied("schema", definition.directives.iter().map(|directive| &**directive));
        for (name, ty) in schema.types.iter().filter(|(_, ty)| !ty.is_built_in()) {
            self.ty(name, ty);
        }
    }

    fn ty(&mut self, name: &str, ty: &ExtendedType) {
        self.applied(name, ty.directives().iter().map(|directive| &**directive));
        self.described(name, ty.description());
        match ty {
            ExtendedType::Scalar(_) => self.say("type", format!("scalar {name}")),
            ExtendedType::Object(object) => {
                self.say("type", format!("type {name}"));
                for interface in &object.implements_interfaces {
                    self.say("implementation", format!("{name} implements {interface}"));
                }
                object.fields.values().for_each(|field| self.field(name, field));
            }
            ExtendedType::Interface(interface) => {
                self.say("type", format!("interface {name}"));
                for implemented in &interface.implements_interfaces {
                    self.say("implementation", format!("{name} implements {implemented}"));
                }
                interface.fields.values().for_each(|field| self.field(name, field));
            }
            ExtendedType::Union(union) => {
                self.say("type", format!("union {name}"));
                for member in &union.members {
                    self.say("member", format!("{name} = {member}"));
                }
            }
            ExtendedType::Enum(values) => {
                self.say("type", format!("enum {name}"));
                for (value, definition) in &values.values {
                    let coordinate = format!("{name}.{value}");
                    self.say("enum value", coordinate.clone());
                    self.described(&coordinate, definition.description.as_ref());
                    self.applied(&coordinate, definition.directives.iter());
                }
            }
            ExtendedType::InputObject(object) => {
                self.say("type", format!("input {name}"));
                for field in object.fields.values() {
                    self.input("input field", &format!("{name}."), field);
                }
            }
        }
    }

    fn field(&mut self, parent: &str, field: &FieldDefinition) {
        let coordinate = format!("{parent}.{}", field.name);
        self.say("field", format!("{coordinate}: {}", field.ty));
        self.described(&coordinate, field.description.as_ref());
        self.applied(&coordinate, field.directives.iter());
        for argument in &field.arguments {
            self.input("argument", &format!("{coordinate}:"), argument);
        }
    }

    fn input(&mut self, kind: &str, before: &str, value: &InputValueDefinition) {
        self.say(kind, format!("{before}{}", input(value)));
        let coordinate = format!("{before}{}", value.name);
        self.described(&coordinate, value.description.as_ref());
        self.applied(&coordinate, value.directives.iter());
    }

    fn described(&mut self, coordinate: &str, description: Option<&Node<str>>) {
        if let Some(description) = description {
            self.say("description", format!("{coordinate}: {:?}", description.as_str()));
        }
    }

    fn applied<'d>(&mut self, coordinate: &str, directives: impl Iterator<Item = &'d Node<Directive>>) {
        let mut times: BTreeMap<String, usize> = BTreeMap::new();
        for directive in directives {
            let written = written(directive);
            let count = times.entry(written.clone()).or_default();
            *count += 1;
            let again = if *count > 1 { format!(" (time {count})") } else { String::new() };
            self.say(&format!("@{}", directive.name), format!("{coordinate} {written}{again}"));
        }
    }
}

fn input(value: &InputValueDefinition) -> String {
    let default = value.default_value.as_ref().map(|default| format!(" = {}", coerced(default, &value.ty)));
    let default = default.unwrap_or_default();
    format!("{}: {}{default}", value.name, value.ty)
}

/// One value stands for a list of it.
fn coerced(value: &Value, ty: &Type) -> String {
    match (ty, value) {
        (Type::List(item) | Type::NonNullList(item), Value::List(values)) => {
            format!("[{}]", values.iter().map(|value| coerced(value, item)).collect::<Vec<_>>().join(", "))
        }
        (_, Value::Null) => "null".to_owned(),
        (Type::List(item) | Type::NonNullList(item), single) => format!("[{}]", coerced(single, item)),
        _ => literal(value),
    }
}

/// A directive with its arguments sorted, imports too, and the blanks of its field sets evened out.
fn written(directive: &Directive) -> String {
    let mut arguments: Vec<String> = directive
        .arguments
        .iter()
        .map(|argument| match &*argument.value {
            Value::List(imports) if argument.name == "import" => {
                let imports: BTreeSet<String> = imports.iter().map(|import| literal(import)).collect();
                format!("import: {imports:?}")
            }
            value => format!("{}: {}", argument.name, literal(value)),
        })
        .collect();
    arguments.sort();
    format!("@{}({})", directive.name, arguments.join(", "))
}

fn literal(value: &Value) -> String {
    match value {
        Value::String(text) => format!("{:?}", even(text)),
        Value::List(values) => {
            format!("[{}]", values.iter().map(|value| literal(value)).collect::<Vec<_>>().join(", "))
        }
        Value::Object(members) => {
            let mut members: Vec<String> =
                members.iter().map(|(name, value)| format!("{name}: {}", literal(value))).collect();
            members.sort();
            format!("{{{}}}", members.join(", "))
        }
        other => other.to_string(),
    }
}

/// Blanks in field sets carry no meaning.
fn even(text: &str) -> String {
    let spaced = text.replace('{', " { ").replace('}', " } ").replace(',', " ");
    spaced.split_whitespace().collect::<Vec<_>>().join(" ")
}
