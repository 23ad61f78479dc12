//! Changes to what a type is, and to what it implements.

use apollo_compiler::Node;
use apollo_compiler::ast::{Definition, Document, EnumTypeDefinition, ScalarTypeDefinition};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;

use super::pick;

/// A type implements an interface of its document, whether it fits or not.
pub(super) fn add_implementation(documents: &mut [Document], random: &mut StdRng) -> Option<()> {
    let document = pick(documents, random)?;
    let interfaces: Vec<_> = document
        .definitions
        .iter()
        .filter_map(|definition| Some(definition.as_interface_type_definition()?.name.clone()))
        .collect();
    let interface = interfaces.choose(random)?;
    let mut objects: Vec<_> = document
        .definitions
        .iter_mut()
        .filter_map(|definition| match definition {
            Definition::ObjectTypeDefinition(object) => Some(object),
            _ => None,
        })
        .filter(|object| !object.implements_interfaces.contains(interface))
        .collect();
    pick(&mut objects, random)?.make_mut().implements_interfaces.push(interface.clone());
    Some(())
}

/// An enum becomes a scalar, or the other way round.
pub(super) fn change_kind(documents: &mut [Document], random: &mut StdRng) -> Option<()> {
    let document = pick(documents, random)?;
    let mut leaves: Vec<&mut Definition> = document
        .definitions
        .iter_mut()
        .filter(|definition| {
            matches!(definition, Definition::EnumTypeDefinition(_) | Definition::ScalarTypeDefinition(_))
        })
        .collect();
    let changed = pick(&mut leaves, random)?;
    let (name, description) = (changed.name()?.clone(), None);
    let directives = changed.directives().clone();
    **changed = match changed {
        Definition::EnumTypeDefinition(_) => {
            Definition::ScalarTypeDefinition(Node::new(ScalarTypeDefinition {
                description,
                name,
                directives,
            }))
        }
        _ => {
            let values = Document::parse("enum E { ONE TWO }", "enum").ok()?;
            let values = values.definitions.first()?.as_enum_type_definition()?.values.clone();
            let changed = EnumTypeDefinition { description, name, directives, values };
            Definition::EnumTypeDefinition(Node::new(changed))
        }
    };
    Some(())
}
