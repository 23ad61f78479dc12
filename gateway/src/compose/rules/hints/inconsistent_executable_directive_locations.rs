//! `INCONSISTENT_EXECUTABLE_DIRECTIVE_LOCATIONS`: subgraphs allow a directive for operations in different places.

use apollo_compiler::ast::DirectiveLocation;
use itertools::Itertools;

use crate::compose::merge::{Merged, is_executable, wording};
use crate::compose::report::{Code, Report};
use crate::compose::rules::merge::Rule;

pub(super) const RULE: Rule = Rule {
    code: Code("INCONSISTENT_EXECUTABLE_DIRECTIVE_LOCATIONS"),
    page: include_str!("inconsistent_executable_directive_locations.md"),
    check,
};

fn check(graph: &Merged<'_>, report: &mut Report) {
    for directive in graph.executable.values().filter(|directive| directive.is_kept()) {
        let said: Vec<_> =
            directive.sources.iter().map(|s| (executable(&s.node.locations), s.subgraph)).collect();
        if said.iter().map(|(locations, _)| locations).all_equal() {
            continue;
        }
        let kept = executable(&directive.locations);
        report
            .doubt(
                RULE.code,
                directive.span(),
                format!(
                    "`@{}` may stand on {}: clients may use it on {kept}",
                    directive.name,
                    wording::by_value(said)
                ),
            )
            .hint("allow it in the same places in every subgraph");
    }
}

fn executable(locations: &[DirectiveLocation]) -> String {
    locations
        .iter()
        .copied()
        .filter(|location| is_executable(*location))
        .map(|l| l.to_string())
        .sorted()
        .join(", ")
}
