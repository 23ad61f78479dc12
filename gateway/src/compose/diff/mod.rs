//! What a new API schema changes for those who use the old one: `souk schema check`.
//!
//! Each kind of change is a [`ChangeRule`]; the files beside this one hold those of one element of the
//! schema, [`RULES`] lists them all. The kinds and their severities are those of GraphQL's reference
//! implementation (`findBreakingChanges`), widened by directives' repeatability, root types and `@oneOf`.

mod arguments;
mod directives;
mod enum_values;
mod fields;
mod input_fields;
mod interfaces;
mod pairs;
mod roots;
mod types;
mod unions;
mod values;

use std::fmt;

use apollo_compiler::Schema;

/// What a change does to existing operations.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Impact {
    /// An operation that was valid may be refused or answered in another shape.
    Breaking,
    /// Every operation stays valid; a client may meet a value it does not know, or another default.
    Dangerous,
}

/// One change between two schemas.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Change {
    /// What it does to existing operations.
    pub impact: Impact,
    /// Schema coordinate of what changed, such as `Product.name` or `Query.products(first:)`.
    pub coordinate: String,
    /// The kind of change, such as `FIELD_REMOVED`.
    pub kind: &'static str,
    /// The change as a sentence.
    pub message: String,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let impact = match self.impact {
            Impact::Breaking => "breaking",
            Impact::Dangerous => "dangerous",
        };
        write!(f, "{impact}[{}]: {}", self.kind, self.message)
    }
}

/// One kind of change and how to find it.
struct ChangeRule {
    kind: &'static str,
    impact: Impact,
    find: fn(&Schema, &Schema, &mut Found<'_>),
}

/// Where a rule puts what it finds.
struct Found<'a> {
    rule: &'a ChangeRule,
    changes: &'a mut Vec<Change>,
}

impl Found<'_> {
    fn change(&mut self, coordinate: impl Into<String>, message: impl Into<String>) {
        self.changes.push(Change {
            impact: self.rule.impact,
            coordinate: coordinate.into(),
            kind: self.rule.kind,
            message: message.into(),
        });
    }
}

const RULES: &[ChangeRule] = &[
    roots::ROOT_CHANGED,
    types::TYPE_REMOVED,
    types::TYPE_CHANGED_KIND,
    interfaces::IMPLEMENTED_INTERFACE_REMOVED,
    interfaces::IMPLEMENTED_INTERFACE_ADDED,
    unions::TYPE_REMOVED_FROM_UNION,
    unions::TYPE_ADDED_TO_UNION,
    enum_values::VALUE_REMOVED_FROM_ENUM,
    enum_values::VALUE_ADDED_TO_ENUM,
    fields::FIELD_REMOVED,
    fields::FIELD_CHANGED_TYPE,
    arguments::ARG_REMOVED,
    arguments::ARG_CHANGED_TYPE,
    arguments::REQUIRED_ARG_ADDED,
    arguments::OPTIONAL_ARG_ADDED,
    arguments::ARG_DEFAULT_VALUE_CHANGED,
    input_fields::INPUT_FIELD_REMOVED,
    input_fields::INPUT_FIELD_CHANGED_TYPE,
    input_fields::REQUIRED_INPUT_FIELD_ADDED,
    input_fields::OPTIONAL_INPUT_FIELD_ADDED,
    input_fields::INPUT_FIELD_DEFAULT_VALUE_CHANGED,
    input_fields::ONE_OF_ADDED,
    input_fields::ONE_OF_REMOVED,
    directives::DIRECTIVE_REMOVED,
    directives::DIRECTIVE_REPEATABLE_REMOVED,
    directives::DIRECTIVE_LOCATION_REMOVED,
    directives::DIRECTIVE_ARG_REMOVED,
    directives::REQUIRED_DIRECTIVE_ARG_ADDED,
];

/// Every breaking and dangerous change from the API schema `old` to `new`: breaking ones first, then by
/// coordinate. Additions that no operation can notice are not listed.
pub fn changes(old: &Schema, new: &Schema) -> Vec<Change> {
    let mut changes = Vec::new();
    for rule in RULES {
        (rule.find)(old, new, &mut Found { rule, changes: &mut changes });
    }
    changes.sort();
    changes
}

#[cfg(test)]
mod tests;
