//! What is legal but doubtful in a graph that composes.

mod contextual_argument_not_contextual_in_all_subgraphs;
mod directive_composition_info;
mod from_subgraph_does_not_exist;
mod implicitly_upgraded_federation_version;
mod inconsistent_argument_presence;
mod inconsistent_but_compatible_argument_type;
mod inconsistent_but_compatible_field_type;
mod inconsistent_default_value_presence;
mod inconsistent_description;
mod inconsistent_entity;
mod inconsistent_enum_value_for_input_enum;
mod inconsistent_enum_value_for_output_enum;
mod inconsistent_executable_directive_locations;
mod inconsistent_executable_directive_presence;
mod inconsistent_executable_directive_repeatable;
mod inconsistent_input_object_field;
mod inconsistent_interface_value_type_field;
mod inconsistent_non_repeatable_directive_arguments;
mod inconsistent_object_value_type_field;
mod inconsistent_union_member;
mod merged_non_repeatable_directive_arguments;
mod no_executable_directive_intersection;
mod overridden_field_can_be_removed;
mod override_directive_can_be_removed;
mod override_migration_in_progress;
mod unused_enum_type;

use super::merge::Rule;

/// Every hint.
pub(crate) const HINTS: &[Rule] = &[
    contextual_argument_not_contextual_in_all_subgraphs::RULE,
    directive_composition_info::RULE,
    from_subgraph_does_not_exist::RULE,
    implicitly_upgraded_federation_version::RULE,
    inconsistent_argument_presence::RULE,
    inconsistent_but_compatible_argument_type::RULE,
    inconsistent_but_compatible_field_type::RULE,
    inconsistent_default_value_presence::RULE,
    inconsistent_description::RULE,
    inconsistent_entity::RULE,
    inconsistent_enum_value_for_input_enum::RULE,
    inconsistent_enum_value_for_output_enum::RULE,
    inconsistent_executable_directive_locations::RULE,
    inconsistent_executable_directive_presence::RULE,
    inconsistent_executable_directive_repeatable::RULE,
    inconsistent_input_object_field::RULE,
    inconsistent_interface_value_type_field::RULE,
    inconsistent_non_repeatable_directive_arguments::RULE,
    inconsistent_object_value_type_field::RULE,
    inconsistent_union_member::RULE,
    merged_non_repeatable_directive_arguments::RULE,
    no_executable_directive_intersection::RULE,
    overridden_field_can_be_removed::RULE,
    override_directive_can_be_removed::RULE,
    override_migration_in_progress::RULE,
    unused_enum_type::RULE,
];
