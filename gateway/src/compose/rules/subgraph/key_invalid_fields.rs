//! `KEY_INVALID_FIELDS`: the `fields` of a `@key` does not parse, or selects what is not there.

use crate::compose::report::{Code, Report};
use crate::compose::rules::Rule;
use crate::compose::subgraph::Subgraph;
use crate::compose::subgraph::field_sets::{FieldSetFault, Use, Wrong};

pub(super) const RULE: Rule<Subgraph> =
    Rule { code: Code("KEY_INVALID_FIELDS"), page: include_str!("key_invalid_fields.md"), check };

/// The same on interfaces and what implements them: the other rules compare those keys.
pub(super) const ON_INTERFACES: Rule<Subgraph> = Rule { check: check_on_interfaces, ..RULE };

fn check(subgraph: &Subgraph, report: &mut Report) {
    report_all(subgraph, subgraph.field_set_faults().iter(), report);
}

fn check_on_interfaces(subgraph: &Subgraph, report: &mut Report) {
    report_all(subgraph, subgraph.unread_keys_on_interfaces(), report);
}

fn report_all<'a>(
    subgraph: &'a Subgraph,
    faults: impl Iterator<Item = &'a FieldSetFault>,
    report: &mut Report,
) {
    for fault in faults.filter(|fault| fault.of == Use::Key) {
        let Wrong::Invalid(why) = &fault.wrong else { continue };
        report
            .error(
                RULE.code,
                subgraph.field_set_span(fault),
                format!(
                    "`fields` of `@key` on `{at}` of {name} is invalid: {why}",
                    at = fault.coordinate,
                    name = subgraph.name
                ),
            )
            .hint("select fields that this subgraph declares");
    }
}
