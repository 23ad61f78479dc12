//! `QUERY_ROOT_TYPE_INACCESSIBLE`: the query root is hidden, and a schema must have one.

use crate::compose::merge::Merged;
use crate::compose::report::{Code, Report};
use crate::compose::rules::merge::Rule;

pub(super) const RULE: Rule = Rule {
    code: Code("QUERY_ROOT_TYPE_INACCESSIBLE"),
    page: include_str!("query_root_type_inaccessible.md"),
    check,
};

fn check(graph: &Merged<'_>, report: &mut Report) {
    if !graph.is_hidden_type("Query") {
        return;
    }
    let marked = graph.types.get("Query").into_iter().flat_map(|query| &query.sources);
    let marked = marked.filter(|source| {
        source.node.directives().has(crate::compose::subgraph::federation::names::INACCESSIBLE)
    });
    let spans: Vec<_> = marked.map(|source| source.span()).collect();
    report
        .error(
            RULE.code,
            spans.into_iter().next(),
            "`Query` is `@inaccessible`, but clients need a query root",
        )
        .hint("hide its fields one by one instead");
}
