//! `INCONSISTENT_BUT_COMPATIBLE_FIELD_TYPE`: subgraphs give a field types that differ but fit.

use apollo_compiler::Node;

use crate::compose::merge::model::{Agreement, FieldSource, Kind, Source};
use crate::compose::merge::{Merged, wording};
use crate::compose::report::{Code, Report};
use crate::compose::rules::merge::Rule;

pub(super) const RULE: Rule = Rule {
    code: Code("INCONSISTENT_BUT_COMPATIBLE_FIELD_TYPE"),
    page: include_str!("inconsistent_but_compatible_field_type.md"),
    check,
};

fn check(graph: &Merged<'_>, report: &mut Report) {
    for (_, field) in graph.fields() {
        let (Agreement::Compatible, Some(ty)) = (field.ty.agreement, &field.ty.ty) else { continue };
        let said = field.deciding().map(|s| (format!("`{}`", s.definition.ty), s.subgraph));
        report
            .doubt(
                RULE.code,
                field.deciding().find(|s| s.definition.ty != *ty).map(FieldSource::span),
                format!(
                    "`{}` is of type {}: clients see `{ty}`",
                    field.coordinate(),
                    wording::by_value(said)
                ),
            )
            .hint("give it the same type in every subgraph");
    }
    for ty in graph.of_kind(Kind::Input) {
        for input in ty.inputs.values().filter(|input| input.is_kept()) {
            let (Agreement::Compatible, Some(kept)) = (input.ty.agreement, &input.ty.ty) else { continue };
            let said = input.sources.iter().map(|s| (format!("`{}`", s.node.ty), s.subgraph));
            report
                .doubt(
                    RULE.code,
                    input.sources.iter().find(|s| *s.node.ty != *kept).map(Source::<Node<_>>::span),
                    format!(
                        "`{}.{}` is of type {}: clients see `{kept}`",
                        ty.name,
                        input.name,
                        wording::by_value(said)
                    ),
                )
                .hint("give it the same type in every subgraph");
        }
    }
}
