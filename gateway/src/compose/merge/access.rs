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
        let own = types.get(&interface);
        let on_type = own.into_iter().chain(objects.iter().copied()).map(|ty| demands(&ty.directives));
        let on_type = carried.merge(&on_type.collect::<Vec<_>>());
        let mut on_fields: BTreeMap<Name, Vec<Vec<Node<Directive>>>> = BTreeMap::new();
        for field in own.into_iter().chain(objects.iter().copied()).flat_map(|ty| ty.fields.values()) {
            on_fields.entry(field.name.clone()).or_default().push(demands(&field.directives));
        }
        let Some(interface) = types.get_mut(&interface) else { continue };
        replace_demands(&mut interface.directives, on_type);
        for (name, on_field) in on_fields {
            if let Some(field) = interface.fields.get_mut(&name) {
                replace_demands(&mut field.directives, carried.merge(&on_field));
            }
        }
    }
}

fn is_demand(directive: &Node<Directive>) -> bool {
    REQUIREMENTS.contains(&directive.name.as_str())
}

fn demands(directives: &[Node<Directive>]) -> Vec<Node<Directive>> {
    directives.iter().filter(|directive| is_demand(directive)).cloned().collect()
}

fn replace_demands(directives: &mut Vec<Node<Directive>>, demands: Vec<Node<Directive>>) {
    directives.retain(|directive| !is_demand(directive));
    directives.extend(demands);
}
