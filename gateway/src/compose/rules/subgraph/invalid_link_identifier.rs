//! `INVALID_LINK_IDENTIFIER`: the `url` of a `@link` is not one of a specification.

use crate::compose::report::{Code, Report};
use crate::compose::rules::Rule;
use crate::compose::subgraph::draft::Draft;
use crate::compose::subgraph::links::LinkFaultKind;

pub(super) const RULE: Rule<Draft> =
    Rule { code: Code("INVALID_LINK_IDENTIFIER"), page: include_str!("invalid_link_identifier.md"), check };

fn check(draft: &Draft, report: &mut Report) {
    for fault in draft.link_faults.iter().filter(|fault| fault.kind == LinkFaultKind::Identifier) {
        let message = format!("in {}, {}", draft.name, fault.message);
        report
            .error(RULE.code, draft.span(fault.location), message)
            .hint("write it as `https://example.com/name/v1.0`");
    }
}
