//! Which directives a schema applies anywhere.

use std::collections::BTreeSet;

use apollo_compiler::ast::{Directive, InputValueDefinition};
use apollo_compiler::schema::ExtendedType;
use apollo_compiler::{Name, Node, Schema};

/// The names of all directives that stand on the schema or any of its elements.
pub(super) fn names(schema: &Schema) -> BTreeSet<Name> {
    let mut names = BTreeSet::new();
    let mut note = |directive: &Node<Directive>| {
        names.insert(directive.name.clone());
    };
    schema.schema_definition.directives.iter().for_each(|directive| note(&directive.node));
    for definition in schema.directive_definitions.values() {
        in_inputs(definition.arguments.iter(), &mut note);
    }
    for ty in schema.types.values().filter(|ty| !ty.is_built_in()) {
        in_type(ty, &mut note);
    }
    names
}

fn in_type(ty: &ExtendedType, note: &mut impl FnMut(&Node<Directive>)) {
    ty.directives().iter().for_each(|directive| note(&directive.node));
    let fields = match ty {
        ExtendedType::Object(object) => &object.fields,
        ExtendedType::Interface(interface) => &interface.fields,
        ExtendedType::Enum(enumeration) => {
            enumeration.values.values().flat_map(|value| value.directives.iter()).for_each(note);
            return;
        }
        ExtendedType::InputObject(input) => {
            in_inputs(input.fields.values().map(|field| &field.node), note);
            return;
        }
        ExtendedType::Scalar(_) | ExtendedType::Union(_) => return,
    };
    for field in fields.values() {
        field.directives.iter().for_each(&mut *note);
        in_inputs(field.arguments.iter(), note);
    }
}

fn in_inputs<'a>(
    inputs: impl Iterator<Item = &'a Node<InputValueDefinition>>,
    note: &mut impl FnMut(&Node<Directive>),
) {
    inputs.flat_map(|input| input.directives.iter()).for_each(note);
}
