//! `FIELD_ARGUMENT_TYPE_MISMATCH`: subgraphs give an argument types that no single type satisfies.

use super::Rule;
use crate::compose::merge::model::Agreement;
use crate::compose::merge::{Merged, wording};
use crate::compose::report::{Code, Report};

pub(super) const RULE: Rule = Rule {
    code: Code("FIELD_ARGUMENT_TYPE_MISMATCH"),
    page: include_str!("field_argument_type_mismatch.md"),
    check,
};

fn check(graph: &Merged<'_>, report: &mut Report) {
    for (coordinate, argument) in graph.arguments() {
        if !argument.is_kept() || argument.ty.agreement != Agreement::Incompatible {
            continue;
        }
        let said = argument.sources.iter().map(|s| (format!("`{}`", s.node.ty), s.subgraph));
        report
            .error(
                RULE.code,
                argument.span(),
                format!("`{coordinate}` is of type {}", wording::by_value(said)),
            )
            .labels(argument.sources.iter().map(|s| (s.span(), format!("`{}` here", s.node.ty))))
            .hint("give it one type; nullability may differ");
    }
}
