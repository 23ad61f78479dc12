//! `MERGED_NON_REPEATABLE_DIRECTIVE_ARGUMENTS`: subgraphs apply a directive with different arguments, which are merged.

use super::inconsistent_non_repeatable_directive_arguments::differing;
use crate::compose::merge::{Merged, Strategy, wording};
use crate::compose::report::{Code, Report};
use crate::compose::rules::merge::Rule;

pub(super) const RULE: Rule = Rule {
    code: Code("MERGED_NON_REPEATABLE_DIRECTIVE_ARGUMENTS"),
    page: include_str!("merged_non_repeatable_directive_arguments.md"),
    check,
};

fn check(graph: &Merged<'_>, report: &mut Report) {
    for element in graph.elements() {
        for directive in differing(graph, &element, is_merged) {
            let applying =
                element.sources.iter().filter(|s| s.directives.iter().any(|d| d.name == directive));
            let who = wording::list(applying.clone().map(|source| source.subgraph));
            let bare = directive.trim_start_matches("federation__");
            report
                .doubt(
                    RULE.code,
                    applying.clone().next().map(|source| source.span.clone()),
                    format!(
                        "`@{bare}` on `{}` has different arguments in {who}, which are merged",
                        element.coordinate
                    ),
                )
                .hint("pass the same arguments everywhere, if that is meant");
        }
    }
}

fn is_merged(strategy: Strategy) -> bool {
    matches!(strategy, Strategy::Conjunction(_) | Strategy::GreatestWeight | Strategy::ListSize)
}
