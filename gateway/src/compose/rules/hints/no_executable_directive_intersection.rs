//! `NO_EXECUTABLE_DIRECTIVE_INTERSECTION`: subgraphs allow a directive for operations in no common place.

use crate::compose::merge::{Merged, wording};
use crate::compose::report::{Code, Report};
use crate::compose::rules::merge::Rule;

pub(super) const RULE: Rule = Rule {
    code: Code("NO_EXECUTABLE_DIRECTIVE_INTERSECTION"),
    page: include_str!("no_executable_directive_intersection.md"),
    check,
};

fn check(graph: &Merged<'_>, report: &mut Report) {
    for directive in graph.executable.values() {
        if !directive.has_no_common_location() {
            continue;
        }
        let who = wording::list(directive.sources.iter().map(|source| source.subgraph));
        report
            .doubt(
                RULE.code,
                directive.span(),
                format!(
                    "`@{}` has no place that all of {who} allow: operations cannot use it",
                    directive.name
                ),
            )
            .hint("allow it in the same places in every subgraph");
    }
}
