//! The API schema: what clients see of a supergraph. Federation's machinery and inaccessible elements are
//! taken out; what the compiler crate does not know of the specification (`@oneOf`) is put in.

use std::collections::BTreeSet;

use apollo_compiler::ast::{self, Directive, DirectiveDefinition, DirectiveLocation, Value};
use apollo_compiler::schema::{Component, ExtendedType, FieldDefinition, Implementers};
use apollo_compiler::validation::Valid;
use apollo_compiler::{Name, Node, Schema, name, ty};

/// The schema of the API, and what is looked up in it for every operation.
#[derive(Debug)]
pub(crate) struct ApiSchema {
    schema: Valid<Schema>,
    implementers: apollo_compiler::collections::HashMap<Name, Implementers>,
}

/// Why a supergraph yields no API schema.
#[derive(Debug, thiserror::Error)]
#[error("the supergraph is not a valid schema: {0}")]
pub(crate) struct SchemaFault(String);

impl ApiSchema {
    /// The API schema of a supergraph (join spec), or of a schema without any federation in it.
    pub(crate) fn from_supergraph(sdl: &str) -> Result<Self, SchemaFault> {
        let parsed = Schema::builder().adopt_orphan_extensions().parse(sdl, "supergraph.graphql").build();
        let mut schema = parsed.map_err(|failed| SchemaFault(first_of(&failed.errors)))?;
        let features = Features::of(&schema);
        hide_inaccessible(&mut schema, &features.inaccessible);
        features.remove_from(&mut schema);
        admit_one_of(&mut schema);
        let mut schema =
            schema.validate().map_err(|failed| SchemaFault(first_of(&failed.errors)))?.into_inner();
        describe_one_of(&mut schema);
        // Valid: the only change since validation is one more field of an introspection type.
        let schema = Valid::assume_valid(schema);
        Ok(Self { implementers: schema.implementers_map(), schema })
    }

    /// The schema itself.
    pub(crate) fn schema(&self) -> &Valid<Schema> {
        &self.schema
    }

    /// The object types of an interface, in the order of the schema.
    pub(crate) fn objects_of(&self, interface: &str) -> impl Iterator<Item = &Name> {
        self.implementers.get(interface).into_iter().flat_map(|found| &found.objects)
    }
}

/// Whether an input object takes exactly one of its fields.
pub(super) fn is_one_of(definition: &ExtendedType) -> bool {
    definition.directives().has("oneOf")
}

fn first_of(errors: &apollo_compiler::validation::DiagnosticList) -> String {
    errors.iter().next().map_or_else(String::new, |first| first.to_string())
}

/// The specifications that a supergraph links, and the names they brought along
/// (<https://specs.apollo.dev/link/v1.0/>).
struct Features {
    /// `join` for `join__Graph`, `@join__type` and `@join`.
    namespaces: BTreeSet<String>,
    /// Names imported without their namespace: `@tag`, `Import`.
    imports: BTreeSet<String>,
    /// What `@inaccessible` is called here.
    inaccessible: String,
}

impl Features {
    fn of(schema: &Schema) -> Self {
        let mut features = Self {
            namespaces: ["link", "core", "join"].map(str::to_owned).into(),
            imports: BTreeSet::new(),
            inaccessible: "inaccessible".to_owned(),
        };
        let directives = &schema.schema_definition.directives;
        for link in directives.iter().filter(|found| found.name == "link" || found.name == "core") {
            features.add(link);
        }
        features
    }

    fn add(&mut self, link: &Directive) {
        let text =
            |argument: &str| link.specified_argument_by_name(argument).and_then(|found| found.as_str());
        let Some(url) = text("url").or_else(|| text("feature")) else { return };
        let mut segments = url.trim_end_matches('/').rsplit('/');
        let last = segments.next().unwrap_or_default();
        let is_version =
            last.strip_prefix('v').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
        let feature = if is_version { segments.next().unwrap_or_default() } else { last };
        let namespace = text("as").unwrap_or(feature);
        self.namespaces.insert(namespace.to_owned());
        let imports = link.specified_argument_by_name("import").and_then(|found| found.as_list());
        let imported = imports.unwrap_or_default().iter().filter_map(|import| imported_name(import));
        for (original, local) in imported {
            if feature == "inaccessible" && original == "@inaccessible" {
                self.inaccessible = local.trim_start_matches('@').to_owned();
            }
            self.imports.insert(local.to_owned());
        }
        if feature == "inaccessible" && self.imports.is_empty() {
            self.inaccessible = namespace.to_owned();
        }
    }

    fn has_type(&self, name: &str) -> bool {
        self.imports.contains(name) || self.is_namespaced(name)
    }

    fn has_directive(&self, name: &str) -> bool {
        // A specification's main directive bears the specification's own name.
        self.imports.contains(&format!("@{name}"))
            || self.namespaces.contains(name)
            || self.is_namespaced(name)
    }

    fn is_namespaced(&self, name: &str) -> bool {
        name.split_once("__").is_some_and(|(namespace, _)| self.namespaces.contains(namespace))
    }

    /// Takes out the definitions of the specifications, and every use of a directive that is then undefined.
    fn remove_from(&self, schema: &mut Schema) {
        schema.types.retain(|name, _| !self.has_type(name));
        schema.directive_definitions.retain(|name, _| !self.has_directive(name));
        let mut kept: BTreeSet<String> =
            schema.directive_definitions.keys().map(ToString::to_string).collect();
        kept.insert("oneOf".to_owned());
        schema
            .schema_definition
            .make_mut()
            .directives
            .0
            .retain(|applied| kept.contains(applied.name.as_str()));
        for definition in schema.types.values_mut().filter(|definition| !definition.is_built_in()) {
            keep_directives(definition, &kept);
        }
    }
}

fn imported_name(import: &Value) -> Option<(&str, &str)> {
    match import {
        Value::String(name) => Some((name, name)),
        Value::Object(entries) => {
            let entry = |key: &str| {
                entries.iter().find(|(name, _)| name == key).and_then(|(_, value)| value.as_str())
            };
            let original = entry("name")?;
            Some((original, entry("as").unwrap_or(original)))
        }
        _ => None,
    }
}

fn keep_directives(definition: &mut ExtendedType, kept: &BTreeSet<String>) {
    let keep = |directives: &mut ast::DirectiveList| {
        directives.0.retain(|applied| kept.contains(applied.name.as_str()))
    };
    let keep_on_field = |field: &mut Component<FieldDefinition>| {
        let field = field.make_mut();
        keep(&mut field.directives);
        for argument in &mut field.arguments {
            keep(&mut argument.make_mut().directives);
        }
    };
    let on_type = directives_mut(definition);
    on_type.0.retain(|applied| kept.contains(applied.name.as_str()));
    match definition {
        ExtendedType::Scalar(_) | ExtendedType::Union(_) => {}
        ExtendedType::Object(object) => object.make_mut().fields.values_mut().for_each(keep_on_field),
        ExtendedType::Interface(interface) => {
            interface.make_mut().fields.values_mut().for_each(keep_on_field)
        }
        ExtendedType::Enum(names) => {
            names.make_mut().values.values_mut().for_each(|value| keep(&mut value.make_mut().directives));
        }
        ExtendedType::InputObject(input) => {
            input.make_mut().fields.values_mut().for_each(|field| keep(&mut field.make_mut().directives));
        }
    }
}

fn directives_mut(definition: &mut ExtendedType) -> &mut apollo_compiler::schema::DirectiveList {
    match definition {
        ExtendedType::Scalar(found) => &mut found.make_mut().directives,
        ExtendedType::Object(found) => &mut found.make_mut().directives,
        ExtendedType::Interface(found) => &mut found.make_mut().directives,
        ExtendedType::Union(found) => &mut found.make_mut().directives,
        ExtendedType::Enum(found) => &mut found.make_mut().directives,
        ExtendedType::InputObject(found) => &mut found.make_mut().directives,
    }
}

/// Takes out what bears the directive `inaccessible`, and what refers to it.
fn hide_inaccessible(schema: &mut Schema, inaccessible: &str) {
    let is_hidden = |directives: &ast::DirectiveList| directives.has(inaccessible);
    let hidden: BTreeSet<Name> = schema
        .types
        .iter()
        .filter(|(_, definition)| definition.directives().has(inaccessible))
        .map(|(name, _)| name.clone())
        .collect();
    schema.types.retain(|name, _| !hidden.contains(name));
    let shows_field = |field: &mut Component<FieldDefinition>| {
        let field = field.make_mut();
        field.arguments.retain(|argument| !is_hidden(&argument.directives));
        !is_hidden(&field.directives) && !hidden.contains(field.ty.inner_named_type())
    };
    for definition in schema.types.values_mut().filter(|definition| !definition.is_built_in()) {
        match definition {
            ExtendedType::Scalar(_) => {}
            ExtendedType::Object(object) => {
                let object = object.make_mut();
                object.fields.retain(|_, field| shows_field(field));
                object.implements_interfaces.retain(|interface| !hidden.contains(&interface.name));
            }
            ExtendedType::Interface(interface) => {
                let interface = interface.make_mut();
                interface.fields.retain(|_, field| shows_field(field));
                interface.implements_interfaces.retain(|parent| !hidden.contains(&parent.name));
            }
            ExtendedType::Union(union) => {
                union.make_mut().members.retain(|member| !hidden.contains(&member.name))
            }
            ExtendedType::Enum(names) => {
                names.make_mut().values.retain(|_, value| !is_hidden(&value.directives))
            }
            ExtendedType::InputObject(input) => {
                input.make_mut().fields.retain(|_, field| {
                    !is_hidden(&field.directives) && !hidden.contains(field.ty.inner_named_type())
                });
            }
        }
    }
}

/// Defines `@oneOf` (September 2025 edition, section 3.13.5), which the compiler crate does not know.
fn admit_one_of(schema: &mut Schema) {
    let definition = DirectiveDefinition {
        description: Some(Node::new_str("Indicates that an input object takes exactly one of its fields.")),
        name: name!("oneOf"),
        arguments: Vec::new(),
        repeatable: false,
        locations: vec![DirectiveLocation::InputObject],
    };
    schema.directive_definitions.entry(name!("oneOf")).or_insert_with(|| Node::new(definition));
}

/// Lets operations ask for `__Type.isOneOf`.
fn describe_one_of(schema: &mut Schema) {
    let Some(ExtendedType::Object(definition)) = schema.types.get_mut("__Type") else { return };
    let field = FieldDefinition {
        description: None,
        name: name!("isOneOf"),
        arguments: Vec::new(),
        ty: ty!(Boolean),
        directives: ast::DirectiveList::new(),
    };
    definition.make_mut().fields.insert(name!("isOneOf"), Component::new(field));
}
