//! `FIELD_ARGUMENT_DEFAULT_MISMATCH`: subgraphs give an argument different defaults.

use super::Rule;
use crate::compose::merge::model::MergedDefault;
use crate::compose::merge::{Merged, wording};
use crate::compose::report::{Code, Report};

pub(super) const RULE: Rule = Rule {
    code: Code("FIELD_ARGUMENT_DEFAULT_MISMATCH"),
    page: include_str!("field_argument_default_mismatch.md"),
    check,
};

fn check(graph: &Merged<'_>, report: &mut Report) {
    for (coordinate, argument) in graph.arguments() {
        if !argument.is_kept() || argument.default != MergedDefault::Different {
            continue;
        }
        let said = argument.sources.iter().map(|s| (s.default_text(), s.subgraph));
        report
            .error(
                RULE.code,
                argument.span(),
                format!("`{coordinate}` has the default {}", wording::by_value(said)),
            )
            .labels(argument.sources.iter().map(|s| (s.span(), format!("{} here", s.default_text()))))
            .hint("give it the same default in every subgraph");
    }
}
