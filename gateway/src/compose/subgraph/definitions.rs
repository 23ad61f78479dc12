//! The definitions that federation schemas may leave out: added when missing, checked when given.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use apollo_compiler::ast::{DirectiveDefinition, DirectiveLocation, Type, Value};
use apollo_compiler::collections::IndexMap;
use apollo_compiler::parser::SourceSpan;
use apollo_compiler::schema::{ExtendedType, ObjectType};
use apollo_compiler::{Name, Node, Schema, name};
use itertools::Itertools as _;

use super::federation::{self, DIRECTIVES, SCALARS, Version};
use super::links::{LINK_IDENTITY, Links};

/// What a wrong definition defines.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Defined {
    /// A directive of a specification.
    Directive,
    /// A type of a specification.
    Type,
}

/// A definition that is not the specification's.
#[derive(Clone, Debug)]
pub(crate) struct DefinitionFault {
    /// What it defines.
    pub(crate) of: Defined,
    /// What is wrong.
    pub(crate) message: String,
    /// Where it stands.
    pub(crate) location: Option<SourceSpan>,
}

/// Adds what is missing and reports what is given wrongly.
pub(super) fn complete(schema: &mut Schema, links: &Links, version: Version) -> Vec<DefinitionFault> {
    let mut faults = Vec::new();
    let expected = expected(links, version);
    // Names that clash are faults of the links; what else there is is still expected.
    let expected = Schema::builder().parse(expected, "federation").build();
    let expected = expected.unwrap_or_else(|with_errors| with_errors.partial);
    for (name, definition) in &expected.directive_definitions {
        if definition.is_built_in() {
            continue;
        }
        match schema.directive_definitions.get(name) {
            Some(given) if !given.is_built_in() => compare(given, definition, version, &mut faults),
            Some(_) => faults.push(DefinitionFault {
                of: Defined::Directive,
                message: format!("`@{name}` is the name of a directive that GraphQL defines"),
                location: None,
            }),
            None => {
                schema.directive_definitions.insert(name.clone(), definition.clone());
            }
        }
    }
    for (name, definition) in expected.types.iter().filter(|(_, ty)| !ty.is_built_in()) {
        match schema.types.get(name) {
            Some(given) => compare_types(given, definition, &mut faults),
            None => {
                schema.types.insert(name.clone(), definition.clone());
            }
        }
    }
    complete_operations(schema);
    faults
}

/// The SDL of everything that the linked specifications define, under its local names.
fn expected(links: &Links, version: Version) -> String {
    let mut sdl = String::new();
    if version == Version::ONE {
        for spec in DIRECTIVES.iter().filter(|spec| spec.in_federation_1) {
            sdl += &spec.definition(version, spec.name, |_| "_FieldSet".to_owned());
        }
        sdl += "scalar _FieldSet\n";
    }
    if let Some(link) = links.federation() {
        for spec in DIRECTIVES.iter().filter(|spec| spec.exists_in(version)) {
            sdl += &spec.definition(version, &link.directive_name(spec.name), |bare| link.type_name(bare));
        }
        for bare in SCALARS.iter().filter(|bare| federation::scalar_since(bare) <= version) {
            let _ = writeln!(sdl, "scalar {}", link.type_name(bare));
        }
        let mut scalars = BTreeSet::new();
        for (link, spec, scalar) in links.core_directives() {
            sdl += &spec.definition(Version::NEWEST, &link.directive_name(spec.name), |_| {
                scalar.map_or_else(|| "String".to_owned(), |bare| link.type_name(bare))
            });
            scalars.extend(scalar.map(|bare| link.type_name(bare)));
        }
        for scalar in scalars {
            let _ = writeln!(sdl, "scalar {scalar}");
        }
    }
    if let Some(own_name) = &links.link_directive {
        let link = links.get(LINK_IDENTITY);
        let local =
            |bare: &str| link.map_or_else(|| format!("{own_name}__{bare}"), |link| link.type_name(bare));
        let (purpose, import) = (local("Purpose"), local("Import"));
        let _ = write!(
            sdl,
            "directive @{own_name}(url: String, as: String, for: {purpose}, import: [{import}]) repeatable on SCHEMA\n\
             enum {purpose} {{ SECURITY EXECUTION }}\nscalar {import}\n"
        );
    }
    sdl
}

/// Adds `_service` to the query root, which makes the root valid in subgraphs that only have entities,
/// and `@oneOf`, which the parser does not know yet.
fn complete_operations(schema: &mut Schema) {
    let one_of = name!("oneOf");
    schema.directive_definitions.entry(one_of.clone()).or_insert_with(|| {
        Node::new(DirectiveDefinition {
            description: None,
            name: one_of,
            arguments: Vec::new(),
            repeatable: false,
            locations: vec![DirectiveLocation::InputObject],
        })
    });
    let machinery = "scalar _Any type _Service { sdl: String } type Query { _service: _Service }";
    let Ok(machinery) = Schema::builder().parse(machinery, "federation").build() else { return };
    for name in ["_Any", "_Service"] {
        if let (false, Some(ty)) = (schema.types.contains_key(name), machinery.types.get(name)) {
            schema.types.insert(ty.name().clone(), ty.clone());
        }
    }
    schema.types.shift_remove("_Entity");
    complete_query(schema, &machinery);
}

/// A subgraph without a query root gets one under a name that its SDL cannot mean: a reference to a
/// missing `Query` stays wrong.
fn complete_query(schema: &mut Schema, machinery: &Schema) {
    let query = match &schema.schema_definition.query {
        Some(root) if schema.types.contains_key(&root.name) => root.name.clone(),
        Some(_) => return,
        None if schema.types.contains_key("Query") => name!("Query"),
        None => name!("_ImplicitQuery"),
    };
    schema.schema_definition.make_mut().query.get_or_insert_with(|| query.clone().into());
    let root = schema.types.entry(query.clone()).or_insert_with(|| {
        ExtendedType::Object(Node::new(ObjectType {
            description: None,
            name: query.clone(),
            implements_interfaces: apollo_compiler::collections::IndexSet::default(),
            directives: apollo_compiler::schema::DirectiveList::default(),
            fields: IndexMap::default(),
        }))
    });
    let ExtendedType::Object(root) = root else { return };
    let root = root.make_mut();
    root.fields.shift_remove("_entities");
    if let Some(service) = machinery.get_object("Query").and_then(|query| query.fields.get("_service")) {
        root.fields.insert(service.name.clone(), service.clone());
    }
}

fn compare(
    given: &Node<DirectiveDefinition>,
    expected: &DirectiveDefinition,
    version: Version,
    faults: &mut Vec<DefinitionFault>,
) {
    let mut fault = |message: String, location: Option<SourceSpan>| {
        let message = format!("the definition of `@{}` {message}", given.name);
        faults.push(DefinitionFault { of: Defined::Directive, message, location });
    };
    for argument in &expected.arguments {
        let Some(found) = given.argument_by_name(&argument.name) else {
            if argument.is_required() && version != Version::ONE {
                fault(format!("lacks the argument `{}`", argument.name), given.location());
            }
            continue;
        };
        if !accepts(&found.ty, &argument.ty, version) {
            let message =
                format!("gives `{}` the type `{}` instead of `{}`", argument.name, found.ty, argument.ty);
            fault(message, found.location());
        }
        if !same_default(found.default_value.as_deref(), argument.default_value.as_deref()) {
            fault(format!("gives `{}` another default value", argument.name), found.location());
        }
    }
    for argument in &given.arguments {
        if expected.argument_by_name(&argument.name).is_none() {
            fault(format!("has an unknown argument `{}`", argument.name), argument.location());
        }
    }
    if given.repeatable && !expected.repeatable {
        fault("makes it repeatable".to_owned(), given.location());
    }
    let foreign = given.locations.iter().filter(|location| !expected.locations.contains(location)).join(", ");
    if !foreign.is_empty() {
        fault(format!("allows it on {foreign}"), given.location());
    }
}

/// An argument may be stricter than the specification's, and a string may stand for its scalars.
fn accepts(given: &Type, expected: &Type, version: Version) -> bool {
    let given = match given {
        Type::NonNullNamed(name) if !expected.is_non_null() => &Type::Named(name.clone()),
        Type::NonNullList(item) if !expected.is_non_null() => &Type::List(item.clone()),
        other => other,
    };
    let relaxed = match expected {
        Type::NonNullNamed(name) if version == Version::ONE => Type::Named(name.clone()),
        other => other.clone(),
    };
    let as_string = |ty: &Type| {
        let inner = ty.inner_named_type();
        let is_scalar = inner != "Boolean" && inner != "Int" && !inner.ends_with("Purpose");
        if is_scalar { replace_inner(ty, &name!("String")) } else { ty.clone() }
    };
    [expected, &relaxed].into_iter().any(|expected| given == expected || *given == as_string(expected))
}

fn replace_inner(ty: &Type, inner: &Name) -> Type {
    match ty {
        Type::Named(_) => Type::Named(inner.clone()),
        Type::NonNullNamed(_) => Type::NonNullNamed(inner.clone()),
        Type::List(item) => Type::List(Box::new(replace_inner(item, inner))),
        Type::NonNullList(item) => Type::NonNullList(Box::new(replace_inner(item, inner))),
    }
}

fn same_default(given: Option<&Value>, expected: Option<&Value>) -> bool {
    let given = given.filter(|value| !value.is_null());
    given == expected
}

fn compare_types(given: &ExtendedType, expected: &ExtendedType, faults: &mut Vec<DefinitionFault>) {
    let name = given.name();
    let message = match (given, expected) {
        (ExtendedType::Enum(given), ExtendedType::Enum(expected)) => {
            let same = given.values.len() == expected.values.len()
                && expected.values.keys().all(|value| given.values.contains_key(value));
            (!same).then(|| format!("`{name}` must have the values {}", expected.values.keys().join(", ")))
        }
        (ExtendedType::Scalar(_), ExtendedType::Scalar(_)) => None,
        (_, ExtendedType::Enum(_)) => Some(format!("`{name}` must be an enum")),
        _ => Some(format!("`{name}` must be a scalar")),
    };
    if let Some(message) = message {
        faults.push(DefinitionFault { of: Defined::Type, message, location: given.location() });
    }
}
