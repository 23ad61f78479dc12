//! `INCONSISTENT_EXECUTABLE_DIRECTIVE_REPEATABLE`: a directive for operations is repeatable in some subgraphs only.

use crate::compose::merge::{Merged, wording};
use crate::compose::report::{Code, Report};
use crate::compose::rules::merge::Rule;

pub(super) const RULE: Rule = Rule {
    code: Code("INCONSISTENT_EXECUTABLE_DIRECTIVE_REPEATABLE"),
    page: include_str!("inconsistent_executable_directive_repeatable.md"),
    check,
};

fn check(graph: &Merged<'_>, report: &mut Report) {
    for directive in
        graph.executable.values().filter(|directive| directive.is_kept() && !directive.repeatable)
    {
        let Some(repeatable) = directive.sources.iter().find(|source| source.node.repeatable) else {
            continue;
        };
        let once = directive.sources.iter().filter(|source| !source.node.repeatable);
        let once = wording::list(once.map(|source| source.subgraph));
        report
            .doubt(
                RULE.code,
                repeatable.span(),
                format!("`@{}` is not repeatable in {once}: clients cannot repeat it", directive.name),
            )
            .hint("make it repeatable in every subgraph, or in none");
    }
}
