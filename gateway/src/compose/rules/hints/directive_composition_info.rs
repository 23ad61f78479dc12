//! `DIRECTIVE_COMPOSITION_INFO`: `@composeDirective` names a directive that is composed anyway, or a specification
//! is linked in versions that could not be composed.

use std::collections::BTreeMap;

use crate::compose::merge::{Merged, composed_applications};
use crate::compose::report::{Code, Report};
use crate::compose::rules::merge::Rule;
use crate::compose::subgraph::links::Link;
use crate::compose::subgraph::{Subgraph, federation};

pub(super) const RULE: Rule = Rule {
    code: Code("DIRECTIVE_COMPOSITION_INFO"),
    page: include_str!("directive_composition_info.md"),
    check,
};

fn check(graph: &Merged<'_>, report: &mut Report) {
    check_needless(graph, report);
    check_versions(graph, report);
}

fn check_needless(graph: &Merged<'_>, report: &mut Report) {
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

/// Major versions of a specification have nothing to do with each other. Where directives of it are composed from
/// several of them, that is an error of its own.
fn check_versions(graph: &Merged<'_>, report: &mut Report) {
    let mut linked: BTreeMap<&str, Vec<(&Subgraph, &Link)>> = BTreeMap::new();
    for subgraph in graph.subgraphs {
        for link in subgraph.links.iter() {
            linked.entry(&link.url.identity).or_default().push((subgraph, link));
        }
    }
    for (identity, links) in linked {
        let Some(((_, first), rest)) = links.split_first() else { continue };
        let Some((subgraph, other)) =
            rest.iter().find(|(_, link)| link.url.version.major != first.url.version.major)
        else {
            continue;
        };
        report
            .doubt(
                RULE.code,
                subgraph.span(other.location()),
                format!(
                    "`{identity}` is linked as {} and as {}, which are not compatible",
                    first.url.version, other.url.version
                ),
            )
            .hint("link the same major version in every subgraph");
    }
}
