//! `KEY_UNSUPPORTED_ON_INTERFACE`: a `@key` stands on an interface before federation 2.3.

use crate::compose::report::{Code, Report};
use crate::compose::rules::Rule;
use crate::compose::subgraph::Subgraph;
use crate::compose::subgraph::federation::Version;

pub(super) const RULE: Rule<Subgraph> = Rule {
    code: Code("KEY_UNSUPPORTED_ON_INTERFACE"),
    page: include_str!("key_unsupported_on_interface.md"),
    check,
};

fn check(subgraph: &Subgraph, report: &mut Report) {
    if subgraph.version >= Version::two(3) || !subgraph.is_federation_2() {
        return;
    }
    for interface in subgraph.schema.types.values().filter_map(|ty| ty.as_interface()) {
        if subgraph.has_unread_keys(&interface.name) {
            continue;
        }
        for key in subgraph.keys(&interface.name) {
            let message = format!("`@key` stands on the interface `{}` of {}", interface.name, subgraph.name);
            report
                .error(RULE.code, subgraph.span(key.fields.location), message)
                .hint("keys on interfaces need federation v2.3 or newer");
        }
    }
}
