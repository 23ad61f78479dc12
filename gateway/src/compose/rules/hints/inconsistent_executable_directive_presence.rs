//! `INCONSISTENT_EXECUTABLE_DIRECTIVE_PRESENCE`: a directive for operations is missing in some subgraphs.

use crate::compose::merge::{Merged, wording};
use crate::compose::report::{Code, Report};
use crate::compose::rules::merge::Rule;

pub(super) const RULE: Rule = Rule {
    code: Code("INCONSISTENT_EXECUTABLE_DIRECTIVE_PRESENCE"),
    page: include_str!("inconsistent_executable_directive_presence.md"),
    check,
};

fn check(graph: &Merged<'_>, report: &mut Report) {
    for directive in graph.executable.values() {
        if directive.missing.is_empty() || directive.has_no_common_location() {
            continue;
        }
        let missing = wording::list(directive.missing.iter().copied());
        report
            .doubt(
                RULE.code,
                directive.span(),
                format!("`@{}` is not defined in {missing}: operations cannot use it", directive.name),
            )
            .hint("define it in every subgraph, or in none");
    }
}
