//! Rules on the graph of who can resolve what.

mod inconsistent_runtime_types_for_shareable_return;
mod max_validation_subgraph_paths_exceeded;
mod satisfiability_error;
mod shareable_has_mismatched_runtime_types;

use crate::compose::rules::Rule;
use crate::compose::satisfiability::Walked;

/// The rules on a supergraph that has been walked from all its roots.
pub(crate) const SATISFIABILITY: &[Rule<Walked>] = &[
    satisfiability_error::RULE,
    shareable_has_mismatched_runtime_types::RULE,
    max_validation_subgraph_paths_exceeded::RULE,
    inconsistent_runtime_types_for_shareable_return::RULE,
];
