//! `REQUIRES_UNSUPPORTED_ON_INTERFACE`: a `@requires` stands on a field of an interface.

use crate::compose::report::{Code, Report};
use crate::compose::rules::Rule;
use crate::compose::subgraph::Subgraph;
use crate::compose::subgraph::federation::names;

pub(super) const RULE: Rule<Subgraph> = Rule {
    code: Code("REQUIRES_UNSUPPORTED_ON_INTERFACE"),
    page: include_str!("requires_unsupported_on_interface.md"),
    check,
};

fn check(subgraph: &Subgraph, report: &mut Report) {
    for interface in subgraph.schema.types.values().filter_map(|ty| ty.as_interface()) {
        for field in interface.fields.values() {
            for application in field.directives.get_all(names::REQUIRES) {
                let message = format!(
                    "`@requires` stands on `{}.{}` of {}, a field of an interface",
                    interface.name, field.name, subgraph.name
                );
                report
                    .error(RULE.code, subgraph.span(application.location()), message)
                    .hint("put it on the field of each type that implements the interface");
            }
        }
    }
}
