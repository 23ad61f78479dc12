//! `CONTEXT_NAME_INVALID`: a context has a name that is none.

use crate::compose::report::{Code, Report};
use crate::compose::rules::Rule;
use crate::compose::subgraph::Subgraph;

pub(super) const RULE: Rule<Subgraph> =
    Rule { code: Code("CONTEXT_NAME_INVALID"), page: include_str!("context_name_invalid.md"), check };

fn check(subgraph: &Subgraph, report: &mut Report) {
    for setter in &subgraph.metadata.contexts.setters {
        let starts_well = setter.context.starts_with(|c: char| c.is_ascii_alphabetic());
        if starts_well && setter.context.bytes().all(|b| b.is_ascii_alphanumeric()) {
            continue;
        }
        let message =
            format!("`{}` of {} sets a context called `{}`", setter.ty, subgraph.name, setter.context);
        report
            .error(RULE.code, subgraph.span(setter.location), message)
            .hint("a context's name is a letter, then letters and digits, with no underscore");
    }
}
