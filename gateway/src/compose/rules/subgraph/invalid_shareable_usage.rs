//! `INVALID_SHAREABLE_USAGE`: a `@shareable` stands on a field of an interface, or twice on the same declaration.

use crate::compose::report::{Code, Report};
use crate::compose::rules::Rule;
use crate::compose::subgraph::Subgraph;
use crate::compose::subgraph::federation::names;

pub(super) const RULE: Rule<Subgraph> =
    Rule { code: Code("INVALID_SHAREABLE_USAGE"), page: include_str!("invalid_shareable_usage.md"), check };

fn check(subgraph: &Subgraph, report: &mut Report) {
    for (ty, field) in subgraph.fields() {
        let marks: Vec<_> = field.directives.get_all(names::SHAREABLE).collect();
        let coordinate = format!("{}.{}", ty.name(), field.name);
        if let (true, Some(mark)) = (ty.is_interface(), marks.first()) {
            let message =
                format!("`{coordinate}` of {} is `@shareable`, a field of an interface", subgraph.name);
            report
                .error(RULE.code, subgraph.span(mark.location()), message)
                .hint("mark the fields of the implementing types instead");
        } else if let Some(second) = marks.get(1) {
            let message = format!("`{coordinate}` of {} is marked `@shareable` twice", subgraph.name);
            report.error(RULE.code, subgraph.span(second.location()), message).hint("remove one of the two");
        }
    }
    for object in subgraph.schema.types.values().filter_map(|ty| ty.as_object()) {
        let mut seen = Vec::new();
        for mark in object.directives.get_all(names::SHAREABLE) {
            if seen.contains(&&mark.origin) {
                let message = format!(
                    "one declaration of `{}` in {} is marked `@shareable` twice",
                    object.name, subgraph.name
                );
                report
                    .error(RULE.code, subgraph.span(mark.location()), message)
                    .hint("once on each definition and extension is enough");
                break;
            }
            seen.push(&mark.origin);
        }
    }
}
