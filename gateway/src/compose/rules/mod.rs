//! The rules of composition: one file and one page of documentation each, in one list per phase.
//!
//! A rule's page is its documentation, the text of `souk schema explain CODE`, and its test.

pub(crate) mod api;
pub(crate) mod hints;
pub(crate) mod merge;
pub(crate) mod merged;
pub(crate) mod satisfiability;
pub(crate) mod subgraph;

pub(crate) use api::API;
pub(crate) use hints::HINTS;
pub(crate) use merge::MERGE;
pub(crate) use merged::MERGED;
pub(crate) use satisfiability::SATISFIABILITY;
pub(crate) use subgraph::SUBGRAPH;

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
