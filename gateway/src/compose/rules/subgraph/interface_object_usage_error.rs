//! `INTERFACE_OBJECT_USAGE_ERROR`: an `@interfaceObject` stands on a type without a key.

use crate::compose::report::{Code, Report};
use crate::compose::rules::Rule;
use crate::compose::subgraph::Subgraph;
use crate::compose::subgraph::federation::names;

pub(super) const RULE: Rule<Subgraph> = Rule {
    code: Code("INTERFACE_OBJECT_USAGE_ERROR"),
    page: include_str!("interface_object_usage_error.md"),
    check,
};

fn check(subgraph: &Subgraph, report: &mut Report) {
    for object in subgraph.schema.types.values().filter_map(|ty| ty.as_object()) {
        let Some(application) = object.directives.get(names::INTERFACE_OBJECT) else { continue };
        if object.directives.has(names::KEY) {
            continue;
        }
        let message =
            format!("`{}` of {} is an `@interfaceObject` without a `@key`", object.name, subgraph.name);
        report
            .error(RULE.code, subgraph.span(application.location()), message)
            .hint("give it a key of the interface that it stands for");
    }
}
