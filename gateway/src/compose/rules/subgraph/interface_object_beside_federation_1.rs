//! `INTERFACE_OBJECT_USAGE_ERROR`: an `@interfaceObject` relies on an interface's key in a federation 1 subgraph.

use std::collections::BTreeMap;

use itertools::Itertools as _;

use crate::compose::report::{Code, Report};
use crate::compose::rules::Rule;
use crate::compose::subgraph::Subgraph;
use crate::compose::subgraph::upgrade::{Leftover, Upgraded};

pub(super) const RULE: Rule<Upgraded> = Rule {
    code: Code("INTERFACE_OBJECT_USAGE_ERROR"),
    page: include_str!("interface_object_beside_federation_1.md"),
    check,
};

fn check(upgraded: &Upgraded, report: &mut Report) {
    let mut keyed: BTreeMap<&str, Vec<&Leftover>> = BTreeMap::new();
    for interface in &upgraded.keyed_interfaces {
        keyed.entry(&interface.name).or_default().push(interface);
    }
    for (name, keyed) in keyed {
        let objects: Vec<&Subgraph> =
            upgraded.subgraphs.iter().filter(|subgraph| subgraph.is_interface_object(name)).collect();
        let old = keyed.iter().filter_map(|it| Some((upgraded.subgraphs.get(it.subgraph)?, it.location)));
        let Some((first, location)) = old.clone().next().filter(|_| !objects.is_empty()) else { continue };
        let message = format!(
            "`{name}` is an `@interfaceObject` in {}, but the key of the interface in {} is federation 1's, by which \
             no type is resolved",
            objects.iter().map(|subgraph| &subgraph.name).join(", "),
            old.map(|(subgraph, _)| &subgraph.name).join(", "),
        );
        report
            .error(RULE.code, first.span(location), message)
            .hint("move that subgraph to federation 2, or remove the `@key` from its interface");
    }
}
