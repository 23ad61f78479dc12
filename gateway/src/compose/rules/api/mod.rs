//! Rules on what `@inaccessible` leaves for clients to see.
//! Source: <https://specs.apollo.dev/inaccessible/v0.2>.

mod default_value_uses_inaccessible;
mod disallowed_inaccessible;
mod implemented_by_inaccessible;
mod only_inaccessible_children;
mod query_root_type_inaccessible;
mod referenced_inaccessible;
mod required_inaccessible;

use super::merge::Rule;

/// The rules on the API schema.
pub(crate) const API: &[Rule] = &[
    query_root_type_inaccessible::RULE,
    disallowed_inaccessible::RULE,
    only_inaccessible_children::RULE,
    referenced_inaccessible::RULE,
    implemented_by_inaccessible::RULE,
    required_inaccessible::RULE,
    default_value_uses_inaccessible::RULE,
];
