//! `DIRECTIVE_COMPOSITION_INFO`: `@composeDirective` names a directive that is composed anyway.

use crate::compose::merge::{Merged, composed_applications};
use crate::compose::report::{Code, Report};
use crate::compose::rules::merge::Rule;
use crate::compose::subgraph::federation;

pub(super) const RULE: Rule = Rule {
    code: Code("DIRECTIVE_COMPOSITION_INFO"),
    page: include_str!("directive_composition_info.md"),
    check,
};

fn check(graph: &Merged<'_>, report: &mut Report) {
    for subgraph in graph.subgraphs {
        for (name, location) in composed_applications(subgraph) {
            let source = name.strip_prefix('@').and_then(|bare| subgraph.links.source_of_directive(bare));
            if source.is_none_or(|(link, _)| link.url.identity != federation::IDENTITY) {
                continue;
            }
            report
                .doubt(
                    RULE.code,
                    subgraph.span(location),
                    format!("`{name}`, composed in {}, is composed anyway", subgraph.name),
                )
                .hint("remove the `@composeDirective`");
        }
    }
}
