//! `NO_CONTEXT_IN_SELECTION`: a `@fromContext` names no context.

use crate::compose::report::{Code, Report};
use crate::compose::rules::Rule;
use crate::compose::subgraph::Subgraph;

pub(super) const RULE: Rule<Subgraph> =
    Rule { code: Code("NO_CONTEXT_IN_SELECTION"), page: include_str!("no_context_in_selection.md"), check };

fn check(subgraph: &Subgraph, report: &mut Report) {
    for reader in subgraph.metadata.contexts.readers.iter().filter(|reader| reader.value.is_none()) {
        if subgraph.schema.get_interface(&reader.ty).is_some() {
            continue;
        }
        let message =
            format!("`@fromContext` of `{}` of {} names no context", reader.coordinate(), subgraph.name);
        report
            .error(RULE.code, subgraph.span(reader.location), message)
            .hint("write the context and a selection: `field: \"$context { id }\"`");
    }
}
