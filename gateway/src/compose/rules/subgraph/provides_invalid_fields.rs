//! `PROVIDES_INVALID_FIELDS`: the `fields` of a `@provides` does not parse, or selects what is not there.

use crate::compose::report::{Code, Report};
use crate::compose::rules::Rule;
use crate::compose::subgraph::Subgraph;
use crate::compose::subgraph::field_sets::{Use, Wrong};

pub(super) const RULE: Rule<Subgraph> =
    Rule { code: Code("PROVIDES_INVALID_FIELDS"), page: include_str!("provides_invalid_fields.md"), check };

fn check(subgraph: &Subgraph, report: &mut Report) {
    for fault in subgraph.field_set_faults().iter().filter(|fault| fault.of == Use::Provides) {
        let Wrong::Invalid(why) = &fault.wrong else { continue };
        report
            .error(
                RULE.code,
                subgraph.field_set_span(fault),
                format!(
                    "`fields` of `@provides` on `{at}` of {name} is invalid: {why}",
                    at = fault.coordinate,
                    name = subgraph.name
                ),
            )
            .hint("select fields that this subgraph declares");
    }
}
