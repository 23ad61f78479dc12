//! `INVALID_LINK_DIRECTIVE_USAGE`: the arguments of a `@link` do not fit its specification or the other links.

use crate::compose::report::{Code, Report};
use crate::compose::rules::Rule;
use crate::compose::subgraph::draft::Draft;
use crate::compose::subgraph::links::LinkFaultKind;

pub(super) const RULE: Rule<Draft> = Rule {
    code: Code("INVALID_LINK_DIRECTIVE_USAGE"),
    page: include_str!("invalid_link_directive_usage.md"),
    check,
};

fn check(draft: &Draft, report: &mut Report) {
    for fault in draft.link_faults.iter().filter(|fault| fault.kind == LinkFaultKind::Usage) {
        let message = format!("in {}, {}", draft.name, fault.message);
        report
            .error(RULE.code, draft.span(fault.location), message)
            .hint("see <https://specs.apollo.dev/link/v1.0> for what `@link` takes");
    }
}
