//! Access requirements of interfaces: what any implementation demands, its interface demands as well.
//!
//! A query through the interface could otherwise read what each object protects.

use std::collections::BTreeMap;

use apollo_compiler::ast::Directive;
use apollo_compiler::{Name, Node};

use super::applied::Carried;
use super::model::{Kind, MergedType};
use crate::compose::subgraph::federation::names;

/// The directives that demand something of whoever asks.
const REQUIREMENTS: [&str; 3] = [names::AUTHENTICATED, names::REQUIRES_SCOPES, names::POLICY];

/// Adds to each interface, and to each of its fields, the requirements of the objects that implement it.
pub(super) fn raise_to_interfaces(types: &mut BTreeMap<Name, MergedType<'_>>, carried: &Carried) {
    let interfaces: Vec<Name> =
        types.values().filter(|ty| ty.kind == Some(Kind::Interface)).map(|ty| ty.name.clone()).collect();
    for interface in interfaces {
        let objects: Vec<&MergedType<'_>> = types
            .values()
            .filter(|ty| ty.kind == Some(Kind::Object) && ty.implements.contains_key(&interface))
            .collect();
        let demands = |directives: &[Node<Directive>]| -> Vec<Node<Directive>> {
            directives
                .iter()
                .filter(|directive| REQUIREMENTS.contains(&directive.name.as_str()))
                .cloned()
                .collect()
        };
        let of_type: Vec<_> = objects.iter().map(|object| demands(&object.directives)).collect();
        let mut of_fields: BTreeMap<Name, Vec<Vec<Node<Directive>>>> = BTreeMap::new();
        for field in objects.iter().flat_map(|object| object.fields.values()) {
            of_fields.entry(field.name.clone()).or_default().push(demands(&field.directives));
        }
        let Some(interface) = types.get_mut(&interface) else { continue };
        interface.directives.extend(carried.merge(&of_type));
        for (name, demands) in of_fields {
            if let Some(field) = interface.fields.get_mut(&name) {
                field.directives.extend(carried.merge(&demands));
            }
        }
    }
}
