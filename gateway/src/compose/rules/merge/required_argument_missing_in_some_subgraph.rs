//! `REQUIRED_ARGUMENT_MISSING_IN_SOME_SUBGRAPH`: a mandatory argument is not known everywhere.

use super::Rule;
use crate::compose::merge::{Merged, wording};
use crate::compose::report::{Code, Report};

pub(super) const RULE: Rule = Rule {
    code: Code("REQUIRED_ARGUMENT_MISSING_IN_SOME_SUBGRAPH"),
    page: include_str!("required_argument_missing_in_some_subgraph.md"),
    check,
};

fn check(graph: &Merged<'_>, report: &mut Report) {
    for (coordinate, argument) in graph.arguments() {
        if argument.missing.is_empty() || argument.contextual {
            continue;
        }
        let Some(first) = argument.requiring().next() else { continue };
        let requiring = wording::list(argument.requiring().map(|source| source.subgraph));
        let missing = wording::list(argument.missing.iter().copied());
        report
            .error(
                RULE.code,
                first.span(),
                format!("`{coordinate}` is required in {requiring} but missing in {missing}"),
            )
            .labels(argument.requiring().map(|source| (source.span(), "required here")))
            .hint("add it to every subgraph, make it nullable, or give it a default");
    }
}
