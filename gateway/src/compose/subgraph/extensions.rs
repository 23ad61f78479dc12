//! Extensions of types: which types have nothing else, and which extensions fit no definition.

use apollo_compiler::ast::{Definition, Document};
use apollo_compiler::schema::{ComponentOrigin, ExtendedType};
use apollo_compiler::{Name, Schema};

use super::draft::GraphQlFault;

const BUILT_IN_SCALARS: [&str; 5] = ["Int", "Float", "String", "Boolean", "ID"];

/// Types of which every part stands in an extension.
pub(super) fn only_extended(schema: &Schema) -> Vec<Name> {
    schema
        .types
        .values()
        .filter(|ty| !ty.is_built_in() && is_all_extension(ty))
        .map(|ty| ty.name().clone())
        .collect()
}

/// Whether every part of a type stands in an extension: then the type has the location of the first of
/// them, not of a definition.
pub(super) fn is_all_extension(ty: &ExtendedType) -> bool {
    ty.extensions().iter().any(|extension| extension.location() == ty.location())
        && ty.iter_origins().all(|origin| *origin != ComponentOrigin::Definition)
}

/// Extensions that stand before a definition of another kind: building a schema drops them in silence.
pub(super) fn lost(document: &Document) -> Vec<GraphQlFault> {
    let mut lost = Vec::new();
    for (at, extension) in document.definitions.iter().enumerate() {
        let Some(name) = extension.name() else { continue };
        let Some(extended) = extended_kind(extension) else { continue };
        let later = document.definitions.iter().skip(at).filter(|other| other.name() == Some(name));
        if let Some(kind) = later.filter_map(defined_kind).find(|kind| *kind != extended) {
            let message = format!("`{name}` is extended as {extended}, but is {kind}");
            lost.push(GraphQlFault { message, location: extension.location() });
        }
    }
    lost
}

/// Extensions of scalars that GraphQL itself defines: nothing of them could reach the supergraph.
pub(super) fn of_built_in_scalars(document: &Document) -> impl Iterator<Item = GraphQlFault> {
    let extensions =
        document.definitions.iter().filter_map(|definition| definition.as_scalar_type_extension());
    extensions.filter(|extension| BUILT_IN_SCALARS.contains(&extension.name.as_str())).map(|extension| {
        GraphQlFault {
            message: format!("`{}` is built in and cannot be extended", extension.name),
            location: extension.location(),
        }
    })
}

fn defined_kind(definition: &Definition) -> Option<&'static str> {
    Some(match definition {
        Definition::ScalarTypeDefinition(_) => "a scalar",
        Definition::ObjectTypeDefinition(_) => "an object type",
        Definition::InterfaceTypeDefinition(_) => "an interface",
        Definition::UnionTypeDefinition(_) => "a union",
        Definition::EnumTypeDefinition(_) => "an enum",
        Definition::InputObjectTypeDefinition(_) => "an input object",
        _ => return None,
    })
}

fn extended_kind(definition: &Definition) -> Option<&'static str> {
    Some(match definition {
        Definition::ScalarTypeExtension(_) => "a scalar",
        Definition::ObjectTypeExtension(_) => "an object type",
        Definition::InterfaceTypeExtension(_) => "an interface",
        Definition::UnionTypeExtension(_) => "a union",
        Definition::EnumTypeExtension(_) => "an enum",
        Definition::InputObjectTypeExtension(_) => "an input object",
        _ => return None,
    })
}
