//! `REQUIRES_FIELDS_MISSING_EXTERNAL`: the `fields` of a `@requires` selects a field that is not `@external`.

use crate::compose::report::{Code, Report};
use crate::compose::rules::Rule;
use crate::compose::subgraph::Subgraph;
use crate::compose::subgraph::field_sets::{Use, Wrong};

pub(super) const RULE: Rule<Subgraph> = Rule {
    code: Code("REQUIRES_FIELDS_MISSING_EXTERNAL"),
    page: include_str!("requires_fields_missing_external.md"),
    check,
};

fn check(subgraph: &Subgraph, report: &mut Report) {
    for fault in subgraph.field_set_faults().iter().filter(|fault| fault.of == Use::Requires) {
        let Wrong::NotExternal(field) = &fault.wrong else { continue };
        report
            .error(
                RULE.code,
                subgraph.field_set_span(fault),
                format!(
                    "`@requires` on `{at}` of {name} selects `{field}`, which {name} resolves itself",
                    at = fault.coordinate,
                    name = subgraph.name
                ),
            )
            .hint(
                "mark the field `@external` if another subgraph resolves it, or take it out of the selection",
            );
    }
}
