//! `PROVIDES_FIELDS_HAS_ARGS`: the `fields` of a `@provides` selects a field that takes arguments.

use crate::compose::report::{Code, Report};
use crate::compose::rules::Rule;
use crate::compose::subgraph::Subgraph;
use crate::compose::subgraph::field_sets::{Use, Wrong};

pub(super) const RULE: Rule<Subgraph> =
    Rule { code: Code("PROVIDES_FIELDS_HAS_ARGS"), page: include_str!("provides_fields_has_args.md"), check };

fn check(subgraph: &Subgraph, report: &mut Report) {
    for fault in subgraph.field_set_faults().iter().filter(|fault| fault.of == Use::Provides) {
        let Wrong::Arguments(field) = &fault.wrong else { continue };
        report
            .error(
                RULE.code,
                subgraph.field_set_span(fault),
                format!(
                    "`@provides` on `{at}` of {name} selects `{field}`, which takes arguments",
                    at = fault.coordinate,
                    name = subgraph.name
                ),
            )
            .hint("select a field without arguments");
    }
}
