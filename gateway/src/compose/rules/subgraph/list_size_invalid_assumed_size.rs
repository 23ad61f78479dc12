//! `LIST_SIZE_INVALID_ASSUMED_SIZE`: a `@listSize` assumes a negative size.

use crate::compose::report::{Code, Report};
use crate::compose::rules::Rule;
use crate::compose::subgraph::Subgraph;
use crate::compose::subgraph::list_sizes::list_sizes;

pub(super) const RULE: Rule<Subgraph> = Rule {
    code: Code("LIST_SIZE_INVALID_ASSUMED_SIZE"),
    page: include_str!("list_size_invalid_assumed_size.md"),
    check,
};

fn check(subgraph: &Subgraph, report: &mut Report) {
    for size in list_sizes(subgraph) {
        if size.has_negative_assumed_size {
            let message = format!(
                "`@listSize` on `{}` of {} assumes a negative size",
                size.coordinate(),
                subgraph.name
            );
            report.error(RULE.code, subgraph.span(size.location), message).hint("assume 0 or more");
        }
    }
}
