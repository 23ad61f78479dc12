//! Rules on all subgraphs together.

mod contextual_argument_not_contextual_in_all_subgraphs;
mod directive_composition_error;
mod empty_merged_enum_type;
mod empty_merged_input_type;
mod enum_value_mismatch;
mod extension_with_no_base;
mod external_argument_default_mismatch;
mod external_argument_missing;
mod external_argument_type_mismatch;
mod external_missing_on_base;
mod external_type_mismatch;
mod field_argument_default_mismatch;
mod field_argument_type_mismatch;
mod field_type_mismatch;
mod input_field_default_mismatch;
mod interface_key_missing_implementation_type;
mod interface_object_usage_error;
mod invalid_field_sharing;
mod invalid_graphql;
mod link_import_name_mismatch;
mod merged_directive_application_on_external;
mod no_queries;
mod override_collision_with_another_directive;
mod override_from_self_error;
mod override_label_invalid;
mod override_on_interface;
mod override_source_has_override;
mod required_argument_missing_in_some_subgraph;
mod required_input_field_missing_in_some_subgraph;
mod type_kind_mismatch;

use crate::compose::merge::Merged;
use crate::compose::report::{Code, Report};

/// One rule over the merged graph: [`crate::compose::rules::Rule`] for an input that borrows.
pub(crate) struct Rule {
    /// What it reports.
    pub(crate) code: Code,
    /// Documentation and test cases, in Markdown.
    pub(crate) page: &'static str,
    /// Reports every breach; must not panic on any input of its phase.
    pub(crate) check: fn(&Merged<'_>, &mut Report),
}

/// What must hold for there to be anything to merge.
pub(crate) const MERGEABLE: &[Rule] =
    &[invalid_graphql::RULE, directive_composition_error::RULE, link_import_name_mismatch::RULE];

/// The rules on what subgraphs say of the same element.
pub(crate) const MERGE: &[Rule] = &[
    no_queries::RULE,
    type_kind_mismatch::RULE,
    extension_with_no_base::RULE,
    field_type_mismatch::RULE,
    field_argument_type_mismatch::RULE,
    field_argument_default_mismatch::RULE,
    required_argument_missing_in_some_subgraph::RULE,
    contextual_argument_not_contextual_in_all_subgraphs::RULE,
    input_field_default_mismatch::RULE,
    required_input_field_missing_in_some_subgraph::RULE,
    empty_merged_input_type::RULE,
    enum_value_mismatch::RULE,
    empty_merged_enum_type::RULE,
    external_missing_on_base::RULE,
    external_type_mismatch::RULE,
    external_argument_missing::RULE,
    external_argument_type_mismatch::RULE,
    external_argument_default_mismatch::RULE,
    merged_directive_application_on_external::RULE,
    override_on_interface::RULE,
    override_from_self_error::RULE,
    override_source_has_override::RULE,
    override_collision_with_another_directive::RULE,
    override_label_invalid::RULE,
    invalid_field_sharing::RULE,
    interface_object_usage_error::RULE,
    interface_key_missing_implementation_type::RULE,
];
