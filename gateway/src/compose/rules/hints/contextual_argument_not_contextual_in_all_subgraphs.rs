//! `CONTEXTUAL_ARGUMENT_NOT_CONTEXTUAL_IN_ALL_SUBGRAPHS`, as a hint: an argument is filled from a context in one
//! subgraph and is the client's in another, which can do without it.

use crate::compose::merge::Merged;
use crate::compose::report::{Code, Report};
use crate::compose::rules::merge::Rule;
use crate::compose::subgraph::federation::names;

pub(super) const RULE: Rule = Rule {
    code: Code("CONTEXTUAL_ARGUMENT_NOT_CONTEXTUAL_IN_ALL_SUBGRAPHS"),
    page: include_str!("../merge/contextual_argument_not_contextual_in_all_subgraphs.md"),
    check,
};

fn check(graph: &Merged<'_>, report: &mut Report) {
    for (coordinate, argument) in graph.arguments().filter(|(_, argument)| argument.contextual) {
        let others =
            argument.sources.iter().filter(|source| !source.node.directives.has(names::FROM_CONTEXT));
        for source in others {
            report
                .doubt(
                    RULE.code,
                    source.span(),
                    format!(
                        "`{coordinate}` is filled from a context elsewhere: clients cannot pass it to {}",
                        source.subgraph.name
                    ),
                )
                .hint("add `@fromContext` there, or remove the argument");
        }
    }
}
