//! Rules on what came of merging: subgraphs agree on each element, but not on how elements fit together.

mod interface_field_no_implem;
mod missing_transitive_auth_requirements;
mod requires_invalid_fields;

use super::merge::Rule;

/// The rules on the merged graph as a whole.
pub(crate) const MERGED: &[Rule] = &[
    interface_field_no_implem::RULE,
    requires_invalid_fields::RULE,
    missing_transitive_auth_requirements::RULE,
];
