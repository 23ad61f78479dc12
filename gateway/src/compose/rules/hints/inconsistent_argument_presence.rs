//! `INCONSISTENT_ARGUMENT_PRESENCE`: an argument is missing in some subgraphs.

use crate::compose::merge::{Merged, wording};
use crate::compose::report::{Code, Report};
use crate::compose::rules::merge::Rule;

pub(super) const RULE: Rule = Rule {
    code: Code("INCONSISTENT_ARGUMENT_PRESENCE"),
    page: include_str!("inconsistent_argument_presence.md"),
    check,
};

fn check(graph: &Merged<'_>, report: &mut Report) {
    for (coordinate, argument) in graph.arguments() {
        if argument.missing.is_empty() || argument.contextual {
            continue;
        }
        let missing = wording::list(argument.missing.iter().copied());
        report
            .doubt(
                RULE.code,
                argument.span(),
                format!("`{coordinate}` is missing in {missing}: clients cannot pass it"),
            )
            .hint("define it in every subgraph that has the field or directive");
    }
}
