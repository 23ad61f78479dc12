//! `DIRECTIVE_COMPOSITION_ERROR`: `@composeDirective` names what cannot be composed.

use std::collections::BTreeMap;

use super::Rule;
use crate::compose::merge::{Merged, composed_applications};
use crate::compose::report::{Code, Report};
use crate::compose::subgraph::links::Link;
use crate::compose::subgraph::{Subgraph, federation};

pub(super) const RULE: Rule = Rule {
    code: Code("DIRECTIVE_COMPOSITION_ERROR"),
    page: include_str!("directive_composition_error.md"),
    check,
};

fn check(graph: &Merged<'_>, report: &mut Report) {
    let mut composed: BTreeMap<String, Vec<(&Link, String)>> = BTreeMap::new();
    for subgraph in graph.subgraphs {
        for (name, location) in composed_applications(subgraph) {
            match linked(subgraph, &name) {
                Ok((link, element)) => composed.entry(name).or_default().push((link, element)),
                Err((what, remedy)) => {
                    let message = format!("`{name}`, composed in {}, {what}", subgraph.name);
                    report.error(RULE.code, subgraph.span(location), message).hint(remedy);
                }
            }
        }
    }
    for (name, links) in composed {
        check_agreement(&name, &links, report);
    }
}

/// Where a composed directive comes from and its name there, or what keeps it from being composed and how
/// to mend that.
fn linked<'s>(subgraph: &'s Subgraph, name: &str) -> Result<(&'s Link, String), (&'static str, String)> {
    let Some(bare) = name.strip_prefix('@') else {
        return Err(("is no directive's name", format!("write `@{name}`")));
    };
    let Some((link, element)) =
        subgraph.links.iter().find_map(|link| Some((link, link.element_of_directive(bare)?.to_owned())))
    else {
        let remedy = "link its specification with `@link` and import the directive";
        return Err(("comes from no linked specification", remedy.to_owned()));
    };
    if link.url.identity == federation::IDENTITY {
        let remedy = "federation's directives are composed without being asked";
        return Err(("is federation's own", remedy.to_owned()));
    }
    if !subgraph.schema.directive_definitions.contains_key(bare) {
        return Err(("is not defined there", "define the directive in the subgraph".to_owned()));
    }
    Ok((link, element))
}

fn check_agreement(name: &str, links: &[(&Link, String)], report: &mut Report) {
    let Some((first, element)) = links.first() else { return };
    for (link, other) in links {
        if link.url.identity != first.url.identity || other != element {
            report
                .error(
                    RULE.code,
                    None,
                    format!("`{name}` comes from {} in one subgraph and {} in another", first.url, link.url),
                )
                .hint("import one of them under another name");
            return;
        }
        if link.url.version.major != first.url.version.major {
            report
                .error(
                    RULE.code,
                    None,
                    format!("`{name}` is linked in the incompatible versions {} and {}", first.url, link.url),
                )
                .hint("link the same major version in every subgraph");
            return;
        }
    }
}
