//! `OVERRIDE_SOURCE_HAS_OVERRIDE`: the field to be overridden is itself an override.

use super::Rule;
use crate::compose::merge::Merged;
use crate::compose::merge::model::Kind;
use crate::compose::report::{Code, Report};

pub(super) const RULE: Rule = Rule {
    code: Code("OVERRIDE_SOURCE_HAS_OVERRIDE"),
    page: include_str!("override_source_has_override.md"),
    check,
};

fn check(graph: &Merged<'_>, report: &mut Report) {
    for ty in graph.of_kind(Kind::Object) {
        for (field, source, target) in ty.overridden_pairs() {
            let Some(over) = &source.facts.overrides else { continue };
            let Some(other) = &target.facts.overrides else { continue };
            if source.subgraph.name == target.subgraph.name {
                continue;
            }
            report
                .error(
                    RULE.code,
                    source.subgraph.span(over.location),
                    format!(
                        "`{}` in {} overrides {}, where the field has an `@override` as well",
                        field.coordinate(),
                        source.subgraph.name,
                        target.subgraph.name,
                    ),
                )
                .label(target.subgraph.span(other.location), "the other override")
                .hint("keep one `@override`, in the subgraph that shall resolve the field");
        }
    }
}
