//! `FIELD_TYPE_MISMATCH`: subgraphs give a field types that no single type covers.

use super::Rule;
use crate::compose::merge::model::{Agreement, FieldSource, Kind, MergedField, MergedInput, MergedType};
use crate::compose::merge::{Merged, wording};
use crate::compose::report::{Code, Report};

pub(super) const RULE: Rule =
    Rule { code: Code("FIELD_TYPE_MISMATCH"), page: include_str!("field_type_mismatch.md"), check };

fn check(graph: &Merged<'_>, report: &mut Report) {
    for (_, field) in graph.fields() {
        check_field(field, report);
    }
    for ty in graph.of_kind(Kind::Input) {
        for input in ty.inputs.values().filter(|input| input.is_kept()) {
            check_input(ty, input, report);
        }
    }
}

fn check_field(field: &MergedField<'_>, report: &mut Report) {
    if field.ty.agreement != Agreement::Incompatible {
        return;
    }
    let said = field.deciding().map(|s| (format!("`{}`", s.definition.ty), s.subgraph));
    report
        .error(
            RULE.code,
            field.deciding().next().map(FieldSource::span),
            format!("`{}` is of type {}", field.coordinate(), wording::by_value(said)),
        )
        .labels(field.deciding().map(|s| (s.span(), format!("`{}` here", s.definition.ty))))
        .hint("give it one type, or types of which one covers the others: nullable, interface or union");
}

fn check_input(ty: &MergedType<'_>, input: &MergedInput<'_>, report: &mut Report) {
    if input.ty.agreement != Agreement::Incompatible {
        return;
    }
    let said = input.sources.iter().map(|s| (format!("`{}`", s.node.ty), s.subgraph));
    report
        .error(
            RULE.code,
            input.span(),
            format!("`{}.{}` is of type {}", ty.name, input.name, wording::by_value(said)),
        )
        .labels(input.sources.iter().map(|s| (s.span(), format!("`{}` here", s.node.ty))))
        .hint("give it one type; nullability may differ");
}
