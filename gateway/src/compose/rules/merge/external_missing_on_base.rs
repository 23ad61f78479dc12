//! `EXTERNAL_MISSING_ON_BASE`: every subgraph that declares a field calls it external.

use super::Rule;
use crate::compose::merge::model::FieldSource;
use crate::compose::merge::{Merged, wording};
use crate::compose::report::{Code, Report};

pub(super) const RULE: Rule =
    Rule { code: Code("EXTERNAL_MISSING_ON_BASE"), page: include_str!("external_missing_on_base.md"), check };

fn check(graph: &Merged<'_>, report: &mut Report) {
    for (_, field) in graph.fields() {
        if field.external().next().is_none() || field.sources.iter().any(|source| !source.facts.external) {
            continue;
        }
        let who = wording::list(field.external().map(|source| source.subgraph));
        report
            .error(
                RULE.code,
                field.external().next().map(FieldSource::span),
                format!("`{}` is `@external` in {who}, and no other subgraph has it", field.coordinate()),
            )
            .labels(field.external().map(|source| (source.span(), "external here")))
            .hint("define it, without `@external`, in the subgraph that resolves it");
    }
}
