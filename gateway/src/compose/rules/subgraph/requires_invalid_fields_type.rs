//! `REQUIRES_INVALID_FIELDS_TYPE`: the `fields` of a `@requires` is not a string.

use crate::compose::report::{Code, Report};
use crate::compose::rules::Rule;
use crate::compose::subgraph::Subgraph;
use crate::compose::subgraph::field_sets::{Use, Wrong};

pub(super) const RULE: Rule<Subgraph> = Rule {
    code: Code("REQUIRES_INVALID_FIELDS_TYPE"),
    page: include_str!("requires_invalid_fields_type.md"),
    check,
};

fn check(subgraph: &Subgraph, report: &mut Report) {
    let faults = subgraph.field_set_faults().iter();
    for fault in faults.filter(|fault| fault.of == Use::Requires && fault.wrong == Wrong::Type) {
        report
            .error(
                RULE.code,
                subgraph.field_set_span(fault),
                format!(
                    "`fields` of `@requires` on `{at}` of {name} is not a string",
                    at = fault.coordinate,
                    name = subgraph.name
                ),
            )
            .hint("write the selection as a string: `fields: \"id name\"`");
    }
}
