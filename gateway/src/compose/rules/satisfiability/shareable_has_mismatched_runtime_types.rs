//! `SHAREABLE_HAS_MISMATCHED_RUNTIME_TYPES`: subgraphs that share a field can never give the same type
//! for it.

use crate::compose::report::{Code, Report};
use crate::compose::rules::Rule;
use crate::compose::satisfiability::Walked;

pub(super) const RULE: Rule<Walked> = Rule {
    code: Code("SHAREABLE_HAS_MISMATCHED_RUNTIME_TYPES"),
    page: include_str!("shareable_has_mismatched_runtime_types.md"),
    check,
};

fn check(walked: &Walked, report: &mut Report) {
    for found in walked.outcome.mismatches.iter().filter(|found| found.disjoint) {
        let message = format!(
            "the subgraphs that share `{}.{}` have no runtime type of `{}` in common, in `{}`: {}",
            found.type_name,
            found.field,
            found.returns,
            found.operation,
            found.sides()
        );
        let first = found.runtime.first().map(|(subgraph, _)| subgraph.as_str());
        report
            .error(RULE.code, walked.place(first, &found.type_name, Some(&found.field)), message)
            .labels(walked.places(found).into_iter().map(|span| (span, "resolved here")))
            .hint("a shared field must resolve alike everywhere: give each subgraph the types that the field can have");
    }
}
