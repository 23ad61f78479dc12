//! `UNKNOWN_LINK_VERSION`: a `@link` asks for a version of the link specification that does not exist.

use crate::compose::report::{Code, Report};
use crate::compose::rules::Rule;
use crate::compose::subgraph::draft::Draft;
use crate::compose::subgraph::links::LinkFaultKind;

pub(super) const RULE: Rule<Draft> =
    Rule { code: Code("UNKNOWN_LINK_VERSION"), page: include_str!("unknown_link_version.md"), check };

fn check(draft: &Draft, report: &mut Report) {
    for fault in draft.link_faults.iter().filter(|fault| fault.kind == LinkFaultKind::LinkVersion) {
        let message = format!("in {}, {}", draft.name, fault.message);
        report
            .error(RULE.code, draft.span(fault.location), message)
            .hint("link `https://specs.apollo.dev/link/v1.0`, or leave this `@link` out");
    }
}
