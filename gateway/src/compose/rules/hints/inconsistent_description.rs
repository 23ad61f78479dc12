//! `INCONSISTENT_DESCRIPTION`: subgraphs describe an element differently.

use itertools::Itertools;

use crate::compose::merge::{Merged, wording};
use crate::compose::report::{Code, Report};
use crate::compose::rules::merge::Rule;

pub(super) const RULE: Rule =
    Rule { code: Code("INCONSISTENT_DESCRIPTION"), page: include_str!("inconsistent_description.md"), check };

fn check(graph: &Merged<'_>, report: &mut Report) {
    for element in graph.elements() {
        let mut described =
            element.sources.iter().filter(|source| source.description.is_some_and(|text| !text.is_empty()));
        if described.clone().map(|source| source.description).all_equal() {
            continue;
        }
        let who = wording::list(described.clone().map(|source| source.subgraph));
        report
            .doubt(
                RULE.code,
                described.next().map(|source| source.span.clone()),
                format!("`{}` is described differently in {who}", element.coordinate),
            )
            .labels(described.map(|source| (source.span.clone(), "another description")))
            .hint("clients see the commonest one, or the first: write the same everywhere, or in one subgraph only");
    }
}
