//! `REFERENCED_INACCESSIBLE`: what clients see is of a type that they do not.

use crate::compose::merge::Merged;
use crate::compose::merge::model::FieldSource;
use crate::compose::report::{Code, Report, Span};
use crate::compose::rules::merge::Rule;

pub(super) const RULE: Rule =
    Rule { code: Code("REFERENCED_INACCESSIBLE"), page: include_str!("referenced_inaccessible.md"), check };

fn check(graph: &Merged<'_>, report: &mut Report) {
    for (_, field) in graph.visible_fields() {
        let span = field.deciding().next().map(FieldSource::span);
        let ty = field.ty.ty.as_ref().map(|ty| ty.inner_named_type().as_str());
        check_one(graph, &field.coordinate(), ty, span, report);
    }
    for (coordinate, input) in graph.visible_inputs() {
        let span = input.span();
        let ty = input.ty.ty.as_ref().map(|ty| ty.inner_named_type().as_str());
        check_one(graph, &coordinate, ty, span, report);
    }
}

fn check_one(
    graph: &Merged<'_>,
    coordinate: &str,
    ty: Option<&str>,
    span: Option<Span>,
    report: &mut Report,
) {
    let Some(ty) = ty.filter(|ty| graph.is_hidden_type(ty)) else { return };
    report
        .error(RULE.code, span, format!("clients see `{coordinate}`, but its type `{ty}` is `@inaccessible`"))
        .hint(format!("mark `{coordinate}` `@inaccessible` as well, or let clients see `{ty}`"));
}
