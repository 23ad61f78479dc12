//! Brings a schema into the one form that the rest of composition knows: canonical directive names,
//! default root type names, no federation machinery.

use apollo_compiler::ast::{
    Directive, DirectiveDefinition, DirectiveLocation, InputValueDefinition, OperationType, Type, Value,
};
use apollo_compiler::schema::{ComponentName, ExtendedType, FieldDefinition};
use apollo_compiler::{Name, Node, Schema};

use super::federation::{self, DirectiveSpec, SCALARS, Version, names};
use super::links::{LINK_IDENTITY, Links};

/// Applies federation directives under their canonical names.
pub(super) fn canonicalise(schema: &mut Schema, links: &Links, version: Version) {
    let canonical = |local: &str| -> Option<Name> {
        let spec = directive_spec(links, version, local)?;
        Some(Name::new_unchecked(&spec.canonical()))
    };
    each_directive(schema, &mut |directive| {
        if let Some(name) = canonical(&directive.name) {
            directive.make_mut().name = name;
        }
    });
}

/// Removes what the specifications define: it is not the subgraph's own.
pub(super) fn strip(schema: &mut Schema, links: &Links, version: Version) {
    schema.directive_definitions.retain(|name, definition| {
        directive_spec(links, version, name).is_none()
            && links.link_directive.as_ref().is_none_or(|link| link != name)
            && !is_standard_one_of(definition)
    });
    if let Some(link) = &links.link_directive {
        schema.schema_definition.make_mut().directives.retain(|directive| directive.name != *link);
    }
    let mut machinery: Vec<String> = ["_Any", "_Entity", "_Service"].map(str::to_owned).into();
    if version == Version::ONE {
        machinery.push("_FieldSet".to_owned());
    }
    if let Some(link) = links.federation() {
        machinery.extend(SCALARS.iter().map(|bare| link.type_name(bare)));
    }
    for (link, _, scalar) in links.core_directives() {
        machinery.extend(scalar.map(|bare| link.type_name(bare)));
    }
    let link_spec = links.get(LINK_IDENTITY);
    for bare in ["Purpose", "Import"] {
        machinery.push(link_spec.map_or_else(|| format!("link__{bare}"), |link| link.type_name(bare)));
    }
    schema.types.retain(|name, _| !machinery.iter().any(|gone| name == gone.as_str()));
    if let Some(root) = &schema.schema_definition.query
        && let Some(ExtendedType::Object(object)) = schema.types.get_mut(&root.name)
    {
        let object = object.make_mut();
        object.fields.shift_remove("_entities");
        object.fields.shift_remove("_service");
    }
}

/// The federation directive that the schema calls `local`.
fn directive_spec(links: &Links, version: Version, local: &str) -> Option<&'static DirectiveSpec> {
    if version == Version::ONE {
        // Those of 2.0 that federation 1 lacks count as well where the schema defines them itself: the
        // upgrade would find them so.
        federation::directive(local).filter(|spec| spec.since <= Version::two(0))
    } else {
        links.federation_directive(local)
    }
}

/// `@oneOf` as GraphQL defines it needs no definition: only another directive of that name does.
fn is_standard_one_of(definition: &DirectiveDefinition) -> bool {
    definition.name == "oneOf"
        && definition.arguments.is_empty()
        && definition.locations == [DirectiveLocation::InputObject]
}

/// Calls the root types `Query`, `Mutation` and `Subscription`. A type that already has such a name
/// without being that root keeps it: its rule reports the clash.
pub(super) fn rename_roots(schema: &mut Schema) {
    for kind in [OperationType::Query, OperationType::Mutation, OperationType::Subscription] {
        let wanted = kind.default_type_name();
        let Some(current) = schema.root_operation(kind).cloned() else { continue };
        if current == wanted || schema.types.contains_key(&wanted) {
            continue;
        }
        rename_type(schema, &current, &wanted);
    }
}

fn rename_type(schema: &mut Schema, from: &Name, to: &Name) {
    let renamed = |name: &mut Name| {
        if name == from {
            // A location must be as long as its name, so the new name has none.
            *name = to.clone();
        }
    };
    let types = std::mem::take(&mut schema.types);
    schema.types = types
        .into_iter()
        .map(|(mut key, mut ty)| {
            renamed(&mut key);
            rename_inside(&mut ty, &renamed);
            (key, ty)
        })
        .collect();
    let definition = schema.schema_definition.make_mut();
    let roots = [&mut definition.query, &mut definition.mutation, &mut definition.subscription];
    for root in roots.into_iter().flatten() {
        renamed(&mut root.name);
    }
}

fn rename_inside(ty: &mut ExtendedType, renamed: &impl Fn(&mut Name)) {
    match ty {
        ExtendedType::Object(object) => {
            let object = object.make_mut();
            renamed(&mut object.name);
            for field in object.fields.values_mut() {
                rename_in_field(field.make_mut(), renamed);
            }
        }
        ExtendedType::Interface(interface) => {
            for field in interface.make_mut().fields.values_mut() {
                rename_in_field(field.make_mut(), renamed);
            }
        }
        ExtendedType::Union(union) => {
            let union = union.make_mut();
            union.members = std::mem::take(&mut union.members)
                .into_iter()
                .map(|mut member: ComponentName| {
                    renamed(&mut member.name);
                    member
                })
                .collect();
        }
        ExtendedType::InputObject(_) | ExtendedType::Enum(_) | ExtendedType::Scalar(_) => {}
    }
}

fn rename_in_field(field: &mut FieldDefinition, renamed: &impl Fn(&mut Name)) {
    rename_in_type(&mut field.ty, renamed);
}

fn rename_in_type(ty: &mut Type, renamed: &impl Fn(&mut Name)) {
    match ty {
        Type::Named(name) | Type::NonNullNamed(name) => renamed(name),
        Type::List(item) | Type::NonNullList(item) => rename_in_type(item, renamed),
    }
}

/// Calls `change` with every argument and input field of the schema.
pub(super) fn each_input(schema: &mut Schema, change: &mut impl FnMut(&mut Node<InputValueDefinition>)) {
    for definition in schema.directive_definitions.values_mut().filter(|given| !given.is_built_in()) {
        definition.make_mut().arguments.iter_mut().for_each(&mut *change);
    }
    for ty in schema.types.values_mut().filter(|ty| !ty.is_built_in()) {
        let fields = match ty {
            ExtendedType::Object(object) => &mut object.make_mut().fields,
            ExtendedType::Interface(interface) => &mut interface.make_mut().fields,
            ExtendedType::InputObject(input) => {
                input.make_mut().fields.values_mut().for_each(|field| change(&mut field.node));
                continue;
            }
            _ => continue,
        };
        for field in fields.values_mut() {
            field.make_mut().arguments.iter_mut().for_each(&mut *change);
        }
    }
}

/// Calls `change` with every directive application of the schema.
pub(super) fn each_directive(schema: &mut Schema, change: &mut impl FnMut(&mut Node<Directive>)) {
    for directive in &mut schema.schema_definition.make_mut().directives.0 {
        change(&mut directive.node);
    }
    for definition in schema.directive_definitions.values_mut() {
        if definition.arguments.iter().any(|argument| !argument.directives.is_empty()) {
            each_in_inputs(&mut definition.make_mut().arguments, change);
        }
    }
    for ty in schema.types.values_mut().filter(|ty| !ty.is_built_in()) {
        let directives = match ty {
            ExtendedType::Scalar(scalar) => &mut scalar.make_mut().directives,
            ExtendedType::Object(object) => {
                let object = object.make_mut();
                for field in object.fields.values_mut() {
                    each_in_field(field.make_mut(), change);
                }
                &mut object.directives
            }
            ExtendedType::Interface(interface) => {
                let interface = interface.make_mut();
                for field in interface.fields.values_mut() {
                    each_in_field(field.make_mut(), change);
                }
                &mut interface.directives
            }
            ExtendedType::Union(union) => &mut union.make_mut().directives,
            ExtendedType::Enum(enumeration) => {
                let enumeration = enumeration.make_mut();
                for value in enumeration.values.values_mut() {
                    value.make_mut().directives.iter_mut().for_each(&mut *change);
                }
                &mut enumeration.directives
            }
            ExtendedType::InputObject(input) => {
                let input = input.make_mut();
                for field in input.fields.values_mut() {
                    field.make_mut().directives.iter_mut().for_each(&mut *change);
                }
                &mut input.directives
            }
        };
        directives.iter_mut().for_each(|directive| change(&mut directive.node));
    }
}

fn each_in_field(field: &mut FieldDefinition, change: &mut impl FnMut(&mut Node<Directive>)) {
    each_in_inputs(&mut field.arguments, change);
    field.directives.iter_mut().for_each(change);
}

fn each_in_inputs(inputs: &mut [Node<InputValueDefinition>], change: &mut impl FnMut(&mut Node<Directive>)) {
    for input in inputs {
        input.make_mut().directives.iter_mut().for_each(&mut *change);
    }
}

/// Federation 1 let `fields` be a list of strings, or a bare word.
pub(super) fn join_field_lists(schema: &mut Schema) {
    each_directive(schema, &mut |directive| {
        if !matches!(directive.name.as_str(), names::KEY | names::REQUIRES | names::PROVIDES) {
            return;
        }
        let joined = match directive.specified_argument_by_name("fields").map(|value| &**value) {
            Some(Value::List(items)) => items
                .iter()
                .map(|item| item.as_str())
                .collect::<Option<Vec<_>>>()
                .map(|items| items.join(" ")),
            Some(Value::Enum(word)) => Some(word.to_string()),
            _ => None,
        };
        if let Some(joined) = joined
            && let Some(value) = directive.make_mut().specified_argument_by_name_mut("fields")
        {
            *value = value.same_location(Value::String(joined));
        }
    });
}
