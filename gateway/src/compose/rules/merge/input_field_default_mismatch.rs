//! `INPUT_FIELD_DEFAULT_MISMATCH`: subgraphs give an input field different defaults.

use super::Rule;
use crate::compose::merge::model::{Kind, MergedDefault};
use crate::compose::merge::{Merged, wording};
use crate::compose::report::{Code, Report};

pub(super) const RULE: Rule = Rule {
    code: Code("INPUT_FIELD_DEFAULT_MISMATCH"),
    page: include_str!("input_field_default_mismatch.md"),
    check,
};

fn check(graph: &Merged<'_>, report: &mut Report) {
    for ty in graph.of_kind(Kind::Input) {
        for input in ty.inputs.values().filter(|input| input.is_kept()) {
            if input.default != MergedDefault::Different {
                continue;
            }
            let said = input.sources.iter().map(|s| (s.default_text(), s.subgraph));
            report
                .error(
                    RULE.code,
                    input.span(),
                    format!("`{}.{}` has the default {}", ty.name, input.name, wording::by_value(said)),
                )
                .labels(input.sources.iter().map(|s| (s.span(), format!("{} here", s.default_text()))))
                .hint("give it the same default in every subgraph");
        }
    }
}
