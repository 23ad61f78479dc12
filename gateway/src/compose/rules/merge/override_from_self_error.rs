//! `OVERRIDE_FROM_SELF_ERROR`: a subgraph overrides a field of its own.

use super::Rule;
use crate::compose::merge::Merged;
use crate::compose::merge::model::Kind;
use crate::compose::report::{Code, Report};

pub(super) const RULE: Rule =
    Rule { code: Code("OVERRIDE_FROM_SELF_ERROR"), page: include_str!("override_from_self_error.md"), check };

fn check(graph: &Merged<'_>, report: &mut Report) {
    for ty in graph.of_kind(Kind::Object) {
        for field in ty.fields.values() {
            for source in field.declaring() {
                let Some(over) = &source.facts.overrides else { continue };
                if over.from != *source.subgraph.name {
                    continue;
                }
                report
                    .error(
                        RULE.code,
                        source.subgraph.span(over.location),
                        format!("`{}` in {} overrides itself", field.coordinate(), source.subgraph.name),
                    )
                    .hint("name the subgraph that the field moves away from");
            }
        }
    }
}
