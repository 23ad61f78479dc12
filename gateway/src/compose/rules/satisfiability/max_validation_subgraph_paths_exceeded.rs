//! `MAX_VALIDATION_SUBGRAPH_PATHS_EXCEEDED`: the graph is too intricate to be checked to the end.

use crate::compose::report::{Code, Report};
use crate::compose::rules::Rule;
use crate::compose::satisfiability::Walked;

pub(super) const RULE: Rule<Walked> = Rule {
    code: Code("MAX_VALIDATION_SUBGRAPH_PATHS_EXCEEDED"),
    page: include_str!("max_validation_subgraph_paths_exceeded.md"),
    check,
};

fn check(walked: &Walked, report: &mut Report) {
    if walked.outcome.exhausted {
        report
            .error(RULE.code, None, "there are too many ways through the graph to check them all")
            .hint("share fewer abstract and non-entity types among subgraphs, or give entities the same key everywhere");
    }
}
