//! `DIRECTIVE_DEFINITION_INVALID`: a subgraph defines a directive of a specification otherwise than the specification does.

use crate::compose::report::{Code, Report};
use crate::compose::rules::Rule;
use crate::compose::subgraph::definitions::Defined;
use crate::compose::subgraph::draft::Draft;

pub(super) const RULE: Rule<Draft> = Rule {
    code: Code("DIRECTIVE_DEFINITION_INVALID"),
    page: include_str!("directive_definition_invalid.md"),
    check,
};

fn check(draft: &Draft, report: &mut Report) {
    for fault in draft.definition_faults.iter().filter(|fault| fault.of == Defined::Directive) {
        let message = format!("in {}, {}", draft.name, fault.message);
        report
            .error(RULE.code, draft.span(fault.location), message)
            .hint("remove the definition: composition knows what the specification defines");
    }
}
