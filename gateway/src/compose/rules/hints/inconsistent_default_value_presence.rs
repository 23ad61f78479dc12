//! `INCONSISTENT_DEFAULT_VALUE_PRESENCE`: only some subgraphs have a default.

use apollo_compiler::Node;

use crate::compose::merge::model::{Kind, MergedDefault, MergedInput, Source};
use crate::compose::merge::{Merged, wording};
use crate::compose::report::{Code, Report};
use crate::compose::rules::merge::Rule;

pub(super) const RULE: Rule = Rule {
    code: Code("INCONSISTENT_DEFAULT_VALUE_PRESENCE"),
    page: include_str!("inconsistent_default_value_presence.md"),
    check,
};

fn check(graph: &Merged<'_>, report: &mut Report) {
    for (coordinate, argument) in graph.arguments() {
        check_one(&coordinate, argument, report);
    }
    for ty in graph.of_kind(Kind::Input) {
        for input in ty.inputs.values() {
            check_one(&format!("{}.{}", ty.name, input.name), input, report);
        }
    }
}

fn check_one(coordinate: &str, input: &MergedInput<'_>, report: &mut Report) {
    if !input.is_kept() || !matches!(input.default, MergedDefault::Partial(_)) {
        return;
    }
    let said = input.sources.iter().map(|s| (s.default_text(), s.subgraph));
    report
        .doubt(
            RULE.code,
            input.sources.iter().find(|s| s.node.default_value.is_none()).map(Source::<Node<_>>::span),
            format!("`{coordinate}` has the default {}: clients see none", wording::by_value(said)),
        )
        .hint("give it the same default in every subgraph");
}
