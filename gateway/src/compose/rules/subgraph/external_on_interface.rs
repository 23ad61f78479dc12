//! `EXTERNAL_ON_INTERFACE`: a field of an interface is marked `@external`.

use crate::compose::report::{Code, Report};
use crate::compose::rules::Rule;
use crate::compose::subgraph::Subgraph;
use crate::compose::subgraph::federation::names;

pub(super) const RULE: Rule<Subgraph> =
    Rule { code: Code("EXTERNAL_ON_INTERFACE"), page: include_str!("external_on_interface.md"), check };

fn check(subgraph: &Subgraph, report: &mut Report) {
    for interface in subgraph.schema.types.values().filter_map(|ty| ty.as_interface()) {
        for field in interface.fields.values() {
            let Some(application) = field.directives.get(names::EXTERNAL) else { continue };
            let message = format!(
                "`{}.{}` of {} is `@external`, but no subgraph resolves a field of an interface",
                interface.name, field.name, subgraph.name
            );
            report
                .error(RULE.code, subgraph.span(application.location()), message)
                .hint("mark the fields of the implementing types instead");
        }
    }
}
