//! `KEY_FIELDS_SELECT_INVALID_TYPE`: the `fields` of a `@key` selects a field of an interface or union type.

use crate::compose::report::{Code, Report};
use crate::compose::rules::Rule;
use crate::compose::subgraph::Subgraph;
use crate::compose::subgraph::field_sets::{Use, Wrong};

pub(super) const RULE: Rule<Subgraph> = Rule {
    code: Code("KEY_FIELDS_SELECT_INVALID_TYPE"),
    page: include_str!("key_fields_select_invalid_type.md"),
    check,
};

fn check(subgraph: &Subgraph, report: &mut Report) {
    for fault in subgraph.field_set_faults().iter().filter(|fault| fault.of == Use::Key) {
        let Wrong::Abstract(field) = &fault.wrong else { continue };
        report
            .error(RULE.code, subgraph.field_set_span(fault), format!("`@key` on `{at}` of {name} selects `{field}`, whose type is abstract", at = fault.coordinate, name = subgraph.name))
            .hint("a key identifies an object by concrete values: select fields of object, scalar and enum types");
    }
}
