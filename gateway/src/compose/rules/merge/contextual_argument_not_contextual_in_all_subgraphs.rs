//! `CONTEXTUAL_ARGUMENT_NOT_CONTEXTUAL_IN_ALL_SUBGRAPHS`: an argument is filled from a context in one
//! subgraph and demanded from the client in another.

use super::Rule;
use crate::compose::merge::Merged;
use crate::compose::report::{Code, Report};
use crate::compose::subgraph::federation::names;

pub(super) const RULE: Rule = Rule {
    code: Code("CONTEXTUAL_ARGUMENT_NOT_CONTEXTUAL_IN_ALL_SUBGRAPHS"),
    page: include_str!("contextual_argument_not_contextual_in_all_subgraphs.md"),
    check,
};

fn check(graph: &Merged<'_>, report: &mut Report) {
    for (coordinate, argument) in graph.arguments().filter(|(_, argument)| argument.contextual) {
        let demanding =
            argument.requiring().filter(|source| !source.node.directives.has(names::FROM_CONTEXT));
        for source in demanding {
            report
                .error(
                    RULE.code,
                    source.span(),
                    format!(
                        "`{coordinate}` is filled from a context elsewhere, but {} demands it from the client",
                        source.subgraph.name
                    ),
                )
                .hint("add `@fromContext` there, make the argument nullable, or give it a default");
        }
    }
}
