//! `INCONSISTENT_RUNTIME_TYPES_FOR_SHAREABLE_RETURN`: subgraphs that share a field know different
//! runtime types for it.

use crate::compose::report::{Code, Report};
use crate::compose::rules::Rule;
use crate::compose::satisfiability::Walked;

pub(super) const RULE: Rule<Walked> = Rule {
    code: Code("INCONSISTENT_RUNTIME_TYPES_FOR_SHAREABLE_RETURN"),
    page: include_str!("inconsistent_runtime_types_for_shareable_return.md"),
    check,
};

fn check(walked: &Walked, report: &mut Report) {
    for found in walked.outcome.mismatches.iter().filter(|found| !found.disjoint) {
        let message = format!(
            "the subgraphs that share `{}.{}` know different runtime types of `{}`, in `{}`: {}",
            found.type_name,
            found.field,
            found.returns,
            found.operation,
            found.sides()
        );
        let first = found.runtime.first().map(|(subgraph, _)| subgraph.as_str());
        report
            .doubt(RULE.code, walked.place(first, &found.type_name, Some(&found.field)), message)
            .hint("see to it that every subgraph resolves the field to a type that all of them know");
    }
}
