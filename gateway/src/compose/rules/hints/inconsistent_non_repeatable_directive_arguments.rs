//! `INCONSISTENT_NON_REPEATABLE_DIRECTIVE_ARGUMENTS`: subgraphs apply a directive with different arguments, of which one is kept.

use apollo_compiler::Name;
use apollo_compiler::collections::IndexSet;

use crate::compose::merge::{Element, Merged, Strategy, same_arguments, wording};
use crate::compose::report::{Code, Report};
use crate::compose::rules::merge::Rule;

pub(super) const RULE: Rule = Rule {
    code: Code("INCONSISTENT_NON_REPEATABLE_DIRECTIVE_ARGUMENTS"),
    page: include_str!("inconsistent_non_repeatable_directive_arguments.md"),
    check,
};

fn check(graph: &Merged<'_>, report: &mut Report) {
    for element in graph.elements() {
        for directive in differing(graph, &element, |strategy| strategy == Strategy::MostCommon) {
            let applying =
                element.sources.iter().filter(|s| s.directives.iter().any(|d| d.name == directive));
            let who = wording::list(applying.clone().map(|source| source.subgraph));
            report
                .doubt(
                    RULE.code,
                    applying.clone().next().map(|source| source.span.clone()),
                    format!("`@{directive}` on `{}` has different arguments in {who}", element.coordinate),
                )
                .hint("clients see the commonest, or the first: pass the same arguments everywhere");
        }
    }
}

/// The directives that subgraphs apply to the element with different arguments, and that merge like that.
pub(super) fn differing(
    graph: &Merged<'_>,
    element: &Element<'_>,
    like: fn(Strategy) -> bool,
) -> IndexSet<Name> {
    let applied: Vec<_> = element
        .sources
        .iter()
        .flat_map(|source| source.directives.iter().filter(|d| graph.carried.takes(&d.name, source.subgraph)))
        .filter(|directive| graph.carried.strategy(&directive.name).is_some_and(like))
        .collect();
    let differs = |directive: &&&apollo_compiler::Node<apollo_compiler::ast::Directive>| {
        applied.iter().any(|other| {
            other.name == directive.name && !same_arguments(&other.arguments, &directive.arguments)
        })
    };
    applied.iter().copied().filter(differs).map(|directive| directive.name.clone()).collect()
}
