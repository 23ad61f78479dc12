//! `COST_APPLIED_TO_INTERFACE_FIELD`: a `@cost` stands on a field of an interface.

use crate::compose::report::{Code, Report};
use crate::compose::rules::Rule;
use crate::compose::subgraph::Subgraph;
use crate::compose::subgraph::federation::names;

pub(super) const RULE: Rule<Subgraph> = Rule {
    code: Code("COST_APPLIED_TO_INTERFACE_FIELD"),
    page: include_str!("cost_applied_to_interface_field.md"),
    check,
};

fn check(subgraph: &Subgraph, report: &mut Report) {
    for interface in subgraph.schema.types.values().filter_map(|ty| ty.as_interface()) {
        for field in interface.fields.values() {
            let Some(application) = field.directives.get(names::COST) else { continue };
            let message = format!(
                "`@cost` stands on `{}.{}` of {}, a field of an interface",
                interface.name, field.name, subgraph.name
            );
            report
                .error(RULE.code, subgraph.span(application.location()), message)
                .hint("put it on the fields of the implementing types");
        }
    }
}
