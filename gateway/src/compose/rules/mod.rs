//! The rules of composition: one file and one page of documentation each, in one list per phase.
//!
//! A rule's page is its documentation, the text of `souk schema explain CODE`, and its test.

pub(crate) mod api;
pub(crate) mod hints;
pub(crate) mod merge;
pub(crate) mod merged;
pub(crate) mod satisfiability;
pub(crate) mod subgraph;

#[cfg(test)]
mod pages;
#[cfg(test)]
mod reference;

pub(crate) use api::API;
pub(crate) use hints::HINTS;
pub(crate) use merge::{MERGE, MERGEABLE};
pub(crate) use merged::MERGED;
pub(crate) use satisfiability::SATISFIABILITY;
pub(crate) use subgraph::{BESIDE_UPGRADED, DRAFT, ROOTS, SUBGRAPH, UPGRADE};

use super::report::{Code, Report};

/// One rule over `Input`, which is what its phase reads.
pub(crate) struct Rule<Input> {
    /// What it reports.
    pub(crate) code: Code,
    /// Documentation and test cases, in Markdown.
    pub(crate) page: &'static str,
    /// Reports every breach; must not panic on any input of its phase.
    pub(crate) check: fn(&Input, &mut Report),
}

/// Every rule's code and page, in the order of the phases.
fn pages() -> impl Iterator<Item = (Code, &'static str)> {
    let drafts = DRAFT.iter().flat_map(|stage| stage.iter()).map(|rule| (rule.code, rule.page));
    let subgraphs = SUBGRAPH.iter().flat_map(|stage| stage.iter()).map(|rule| (rule.code, rule.page));
    let upgrades = UPGRADE.iter().chain(BESIDE_UPGRADED).map(|rule| (rule.code, rule.page));
    let of_graph =
        [MERGEABLE, MERGE, MERGED, API, HINTS].into_iter().flatten().map(|rule| (rule.code, rule.page));
    let satisfiability = SATISFIABILITY.iter().map(|rule| (rule.code, rule.page));
    drafts.chain(subgraphs).chain(upgrades).chain(of_graph).chain(satisfiability)
}

/// The documentation of a code, in Markdown: a page for each rule that reports it, in the order of the phases.
/// `None` when composition reports no such code.
pub fn explain(code: &str) -> Option<String> {
    let mut of_code: Vec<&str> = Vec::new();
    for (_, page) in pages().filter(|(known, _)| known.0 == code) {
        if !of_code.contains(&page) {
            of_code.push(page);
        }
    }
    (!of_code.is_empty()).then(|| of_code.join("\n"))
}
