//! `DIRECTIVE_COMPOSITION_ERROR`: `@composeDirective` names what cannot be composed.

use std::collections::BTreeMap;

use super::Rule;
use crate::compose::merge::{Merged, composed_applications, newest_version};
use crate::compose::report::{Code, Report};
use crate::compose::subgraph::Subgraph;
use crate::compose::subgraph::federation::{self, DIRECTIVES, DirectiveSpec};
use crate::compose::subgraph::links::Link;

pub(super) const RULE: Rule = Rule {
    code: Code("DIRECTIVE_COMPOSITION_ERROR"),
    page: include_str!("directive_composition_error.md"),
    check,
};

/// Federation's own directives that `@composeDirective` may name, though they reach the supergraph without being
/// asked. `@cost` and `@listSize` reach it as well, but naming them is refused.
const NEEDLESS: [&str; 6] = ["tag", "inaccessible", "authenticated", "requiresScopes", "policy", "context"];

fn check(graph: &Merged<'_>, report: &mut Report) {
    let mut composed: BTreeMap<String, Vec<(&Link, String)>> = BTreeMap::new();
    for subgraph in graph.subgraphs {
        for (name, location) in composed_applications(subgraph) {
            match linked(subgraph, &name) {
                Ok((link, _)) if link.url.identity == federation::IDENTITY => {}
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
        check_newest(graph, &name, &links, report);
        check_own(graph, &name, report);
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
        if NEEDLESS.contains(&element.as_str()) {
            return Ok((link, element));
        }
        let remedy = "compose directives of your own only";
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

/// The subgraph with the newest version of the specification must define the directive for all.
fn check_newest(graph: &Merged<'_>, name: &str, links: &[(&Link, String)], report: &mut Report) {
    let Some((first, _)) = links.first() else { return };
    let Some((newest, link)) = newest_version(graph.subgraphs, &first.url.identity) else { return };
    if newest.schema.directive_definitions.contains_key(name.trim_start_matches('@')) {
        return;
    }
    report
        .error(
            RULE.code,
            newest.span(link.location()),
            format!("{} links {}, the newest version, but does not define `{name}`", newest.name, link.url),
        )
        .hint("define and import the directive in that subgraph as well");
}

/// A composed directive must not take the name under which a directive of federation reaches the supergraph.
fn check_own(graph: &Merged<'_>, name: &str, report: &mut Report) {
    for spec in DIRECTIVES.iter().filter(|spec| is_carried(graph, spec)) {
        let taking = graph.subgraphs.iter().find(|subgraph| {
            let local = subgraph.links.federation().map(|link| link.directive_name(spec.name));
            local.is_some_and(|local| name == format!("@{local}")) && subgraph.applies(&spec.canonical())
        });
        if let Some(taking) = taking {
            report
                .error(
                    RULE.code,
                    None,
                    format!(
                        "`{name}` is to be composed, but in {} it is federation's own directive",
                        taking.name
                    ),
                )
                .hint("import one of the two under another name");
        }
    }
}

/// Whether a directive of federation reaches the supergraph without being asked.
fn is_carried(graph: &Merged<'_>, spec: &DirectiveSpec) -> bool {
    graph.carried.strategy(&spec.canonical()).is_some()
}
