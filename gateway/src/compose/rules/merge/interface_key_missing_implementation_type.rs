//! `INTERFACE_KEY_MISSING_IMPLEMENTATION_TYPE`: a subgraph resolves an interface by a key without knowing
//! all of its implementations.

use super::Rule;
use crate::compose::merge::Merged;
use crate::compose::merge::model::Kind;
use crate::compose::report::{Code, Report};

pub(super) const RULE: Rule = Rule {
    code: Code("INTERFACE_KEY_MISSING_IMPLEMENTATION_TYPE"),
    page: include_str!("interface_key_missing_implementation_type.md"),
    check,
};

fn check(graph: &Merged<'_>, report: &mut Report) {
    for interface in graph.of_kind(Kind::Interface) {
        for source in interface.sources.iter().filter(|source| source.node.is_interface()) {
            let keys = source.subgraph.keys(&interface.name);
            let Some(key) = keys.iter().find(|key| key.resolvable) else { continue };
            for object in graph.of_kind(Kind::Object) {
                let Some(implementing) = object.implements.get(&interface.name) else { continue };
                if implementing.iter().any(|subgraph| subgraph.name == source.subgraph.name) {
                    continue;
                }
                report
                    .error(
                        RULE.code,
                        source.subgraph.span(key.fields.location),
                        format!(
                            "{} resolves `{}` by its key `{}` but does not have `{}` as its implementation",
                            source.subgraph.name, interface.name, key.fields.text, object.name
                        ),
                    )
                    .hint(format!("define `{}` there, implementing `{}`", object.name, interface.name));
            }
        }
    }
}
