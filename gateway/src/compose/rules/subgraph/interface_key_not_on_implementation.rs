//! `INTERFACE_KEY_NOT_ON_IMPLEMENTATION`: a key of an interface is missing, or not resolvable, on an implementation.

use apollo_compiler::schema::ExtendedType;

use crate::compose::report::{Code, Report};
use crate::compose::rules::Rule;
use crate::compose::subgraph::Subgraph;
use crate::compose::subgraph::field_sets::same_selections;
use crate::compose::subgraph::metadata::{Key, implementations};

pub(super) const RULE: Rule<Subgraph> = Rule {
    code: Code("INTERFACE_KEY_NOT_ON_IMPLEMENTATION"),
    page: include_str!("interface_key_not_on_implementation.md"),
    check,
};

fn check(subgraph: &Subgraph, report: &mut Report) {
    for interface in subgraph.schema.types.values().filter_map(|ty| ty.as_interface()) {
        for key in subgraph.keys(&interface.name) {
            for object in implementations(&subgraph.schema, &interface.name) {
                let same = |other: &&Key| same_selections(&other.fields.selections, &key.fields.selections);
                let wrong = match subgraph.keys(&object).iter().find(same) {
                    None => "lacks",
                    Some(own) if key.resolvable && !own.resolvable => "cannot be resolved by",
                    Some(_) => continue,
                };
                let message = format!(
                    "`{object}` of {} {wrong} the key `{}` of its interface `{}`",
                    subgraph.name, key.fields.text, interface.name
                );
                let location = subgraph.schema.types.get(&object).and_then(ExtendedType::location);
                report
                    .error(RULE.code, subgraph.span(location), message)
                    .label(subgraph.span(key.fields.location), "the interface's key")
                    .hint("put the same resolvable `@key` on every type that implements the interface");
            }
        }
    }
}
