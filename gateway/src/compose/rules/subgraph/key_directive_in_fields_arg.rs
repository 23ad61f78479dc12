//! `KEY_DIRECTIVE_IN_FIELDS_ARG`: the `fields` of a `@key` holds a directive.

use crate::compose::report::{Code, Report};
use crate::compose::rules::Rule;
use crate::compose::subgraph::Subgraph;
use crate::compose::subgraph::field_sets::{Use, Wrong};

pub(super) const RULE: Rule<Subgraph> = Rule {
    code: Code("KEY_DIRECTIVE_IN_FIELDS_ARG"),
    page: include_str!("key_directive_in_fields_arg.md"),
    check,
};

fn check(subgraph: &Subgraph, report: &mut Report) {
    for fault in subgraph.field_set_faults().iter().filter(|fault| fault.of == Use::Key) {
        let Wrong::Directive(directive) = &fault.wrong else { continue };
        report
            .error(
                RULE.code,
                subgraph.field_set_span(fault),
                format!(
                    "`fields` of `@key` on `{at}` of {name} holds the directive `{directive}`",
                    at = fault.coordinate,
                    name = subgraph.name
                ),
            )
            .hint("remove the directive: field sets are selected always and whole");
    }
}
