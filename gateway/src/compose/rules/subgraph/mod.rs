//! Rules on each subgraph alone.

mod auth_requirements_applied_on_interface;
mod context_invalid_selection;
mod context_name_invalid;
mod context_no_resolvable_key;
mod context_not_set;
mod cost_applied_to_interface_field;
mod directive_definition_invalid;
mod extension_with_no_base;
mod external_collision_with_another_directive;
mod external_on_interface;
mod external_unused;
mod interface_key_not_on_implementation;
mod interface_object_beside_federation_1;
mod interface_object_usage_error;
mod invalid_graphql;
mod invalid_link_directive_usage;
mod invalid_link_identifier;
mod invalid_shareable_usage;
mod invalid_subgraph_name;
mod key_directive_in_fields_arg;
mod key_fields_has_args;
mod key_fields_select_invalid_type;
mod key_invalid_fields;
mod key_invalid_fields_type;
mod key_unsupported_on_interface;
mod list_size_applied_to_non_list;
mod list_size_invalid_assumed_size;
mod list_size_invalid_sized_field;
mod list_size_invalid_slicing_argument;
mod no_context_in_selection;
mod provides_directive_in_fields_arg;
mod provides_fields_has_args;
mod provides_fields_missing_external;
mod provides_invalid_fields;
mod provides_invalid_fields_type;
mod provides_on_non_object_field;
mod provides_unsupported_on_interface;
mod requires_directive_in_fields_arg;
mod requires_fields_missing_external;
mod requires_invalid_fields;
mod requires_invalid_fields_type;
mod requires_unsupported_on_interface;
mod root_mutation_used;
mod root_query_used;
mod root_subscription_used;
mod type_definition_invalid;
mod type_with_only_unused_external;
mod unknown_federation_link_version;
mod unknown_link_version;
mod usurped_root;

use crate::compose::rules::Rule;
use crate::compose::subgraph::Subgraph;
use crate::compose::subgraph::draft::Draft;
use crate::compose::subgraph::upgrade::Upgraded;

/// The rules on a parsed subgraph, in stages: a stage that reports keeps the next from starting.
pub(crate) const DRAFT: &[&[Rule<Draft>]] = &[
    &[invalid_graphql::SYNTAX],
    &[
        invalid_link_directive_usage::RULE,
        invalid_link_identifier::RULE,
        unknown_federation_link_version::RULE,
        unknown_link_version::RULE,
    ],
    &[invalid_graphql::DUPLICATES],
    &[directive_definition_invalid::RULE, type_definition_invalid::RULE],
    &[invalid_graphql::RULE],
    &[invalid_subgraph_name::RULE],
];

/// The rules on one subgraph, whose schema is valid GraphQL and has every federation directive under
/// its canonical name. A federation 1 subgraph meets them after its upgrade.
///
/// A `@provides` where it cannot stand comes first, alone; then keys around interfaces that cannot be read.
pub(crate) const SUBGRAPH: &[&[Rule<Subgraph>]] = &[
    &[external_collision_with_another_directive::RULE, provides_on_non_object_field::RULE],
    &[key_invalid_fields::ON_INTERFACES, key_invalid_fields_type::ON_INTERFACES],
    DIRECTIVES,
];

const DIRECTIVES: &[Rule<Subgraph>] = &[
    auth_requirements_applied_on_interface::RULE,
    context_invalid_selection::RULE,
    context_name_invalid::RULE,
    context_no_resolvable_key::RULE,
    context_not_set::RULE,
    cost_applied_to_interface_field::RULE,
    external_on_interface::RULE,
    external_unused::RULE,
    interface_key_not_on_implementation::RULE,
    interface_object_usage_error::RULE,
    invalid_shareable_usage::RULE,
    key_directive_in_fields_arg::RULE,
    key_fields_has_args::RULE,
    key_fields_select_invalid_type::RULE,
    key_invalid_fields::RULE,
    key_invalid_fields_type::RULE,
    key_unsupported_on_interface::RULE,
    list_size_applied_to_non_list::RULE,
    list_size_invalid_assumed_size::RULE,
    list_size_invalid_sized_field::RULE,
    list_size_invalid_slicing_argument::RULE,
    no_context_in_selection::RULE,
    provides_directive_in_fields_arg::RULE,
    provides_fields_has_args::RULE,
    provides_fields_missing_external::RULE,
    provides_invalid_fields::RULE,
    provides_invalid_fields_type::RULE,
    provides_unsupported_on_interface::RULE,
    requires_directive_in_fields_arg::RULE,
    requires_fields_missing_external::RULE,
    requires_invalid_fields::RULE,
    requires_invalid_fields_type::RULE,
    requires_unsupported_on_interface::RULE,
    root_mutation_used::RULE,
    root_query_used::RULE,
    root_subscription_used::RULE,
];

/// The rules on a federation 1 subgraph before its upgrade, which needs the roots to be what they are called.
pub(crate) const ROOTS: &[Rule<Subgraph>] =
    &[root_mutation_used::RULE, root_query_used::RULE, root_subscription_used::RULE];

/// The rules on what the upgrade of federation 1 subgraphs left over.
pub(crate) const UPGRADE: &[Rule<Upgraded>] =
    &[extension_with_no_base::RULE, type_with_only_unused_external::RULE];

/// The rules on what federation 2 subgraphs expect of upgraded ones, once each subgraph is sound by itself.
pub(crate) const BESIDE_UPGRADED: &[Rule<Upgraded>] = &[interface_object_beside_federation_1::RULE];
