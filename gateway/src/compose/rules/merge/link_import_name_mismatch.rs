//! `LINK_IMPORT_NAME_MISMATCH`: a directive that reaches the supergraph has different names in subgraphs.

use super::Rule;
use crate::compose::merge::{Merged, wording};
use crate::compose::report::{Code, Report};
use crate::compose::subgraph::federation::DIRECTIVES;

pub(super) const RULE: Rule = Rule {
    code: Code("LINK_IMPORT_NAME_MISMATCH"),
    page: include_str!("link_import_name_mismatch.md"),
    check,
};

fn check(graph: &Merged<'_>, report: &mut Report) {
    for directive in DIRECTIVES.iter().filter(|spec| graph.carried.strategy(&spec.canonical()).is_some()) {
        let called: Vec<_> = graph
            .subgraphs
            .iter()
            .filter(|subgraph| subgraph.applies(&directive.canonical()))
            .map(|subgraph| {
                let name = subgraph.links.federation().map(|link| link.directive_name(directive.name));
                (format!("`@{}`", name.unwrap_or_else(|| directive.name.to_owned())), subgraph)
            })
            .collect();
        if called.windows(2).all(|pair| matches!(pair, [(a, _), (b, _)] if a == b)) {
            continue;
        }
        report
            .error(
                RULE.code,
                None,
                format!("federation's `@{}` is called {}", directive.name, wording::by_value(called)),
            )
            .hint("import it under the same name in every subgraph");
    }
}
