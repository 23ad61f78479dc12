//! `QUERY_ROOT_TYPE_INACCESSIBLE`: the query root is hidden, and a schema must have one.

use apollo_compiler::schema::ExtendedType;

use crate::compose::merge::Merged;
use crate::compose::merge::model::Source;
use crate::compose::report::{Code, Report};
use crate::compose::rules::merge::Rule;
use crate::compose::subgraph::federation::names;

pub(super) const RULE: Rule = Rule {
    code: Code("QUERY_ROOT_TYPE_INACCESSIBLE"),
    page: include_str!("query_root_type_inaccessible.md"),
    check,
};

fn check(graph: &Merged<'_>, report: &mut Report) {
    if !graph.is_hidden_type("Query") {
        return;
    }
    let sources = graph.types.get("Query").into_iter().flat_map(|query| &query.sources);
    let marked = sources.filter(|source| source.node.directives().has(names::INACCESSIBLE));
    let span = marked.map(Source::<ExtendedType>::span).next();
    report
        .error(RULE.code, span, "`Query` is `@inaccessible`, but clients need a query root")
        .hint("hide its fields one by one instead");
}
