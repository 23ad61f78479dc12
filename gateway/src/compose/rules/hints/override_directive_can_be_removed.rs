//! `OVERRIDE_DIRECTIVE_CAN_BE_REMOVED`: an override takes nothing from anyone.

use crate::compose::merge::Merged;
use crate::compose::merge::model::Kind;
use crate::compose::report::{Code, Report};
use crate::compose::rules::merge::Rule;

pub(super) const RULE: Rule = Rule {
    code: Code("OVERRIDE_DIRECTIVE_CAN_BE_REMOVED"),
    page: include_str!("override_directive_can_be_removed.md"),
    check,
};

fn check(graph: &Merged<'_>, report: &mut Report) {
    for field in graph.of_kind(Kind::Object).flat_map(|ty| ty.fields.values()) {
        for source in field.declaring() {
            let Some(over) = &source.facts.overrides else { continue };
            let exists = graph.subgraphs.iter().any(|subgraph| *subgraph.name == *over.from);
            let resolves =
                field.declaring().any(|other| *other.subgraph.name == *over.from && !other.facts.external);
            if !exists || resolves {
                continue;
            }
            report
                .doubt(
                    RULE.code,
                    source.subgraph.span(over.location),
                    format!("{} no longer resolves `{}`", over.from, field.coordinate()),
                )
                .hint(format!("remove the `@override` in {}", source.subgraph.name));
        }
    }
}
