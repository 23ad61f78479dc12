//! `NO_QUERIES`: no subgraph has a root query field.

use super::Rule;
use crate::compose::merge::Merged;
use crate::compose::report::{Code, Report};

pub(super) const RULE: Rule = Rule { code: Code("NO_QUERIES"), page: include_str!("no_queries.md"), check };

fn check(graph: &Merged<'_>, report: &mut Report) {
    if graph.types.get("Query").is_none_or(|query| query.fields.is_empty()) {
        report
            .error(RULE.code, None, "no subgraph has a field on its query root type")
            .hint("add a field to `type Query` in at least one subgraph");
    }
}
