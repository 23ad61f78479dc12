//! Attribute values of products and variants in the schema.

use async_graphql::{Enum, InputObject, SimpleObject};

use crate::domain::attribute::{self, AttributeSet};

/// What the values of an attribute are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "attribute::AttributeType")]
pub enum AttributeType {
    /// Any one line.
    Text,
    /// A whole number.
    Integer,
    /// A decimal number such as `12.50`.
    Decimal,
    /// `true` or `false`.
    Boolean,
    /// A calendar day such as `2030-12-31`.
    Date,
    /// One of the listed choices.
    Choice,
    /// Any of the listed choices.
    Choices,
}

/// A typed attribute of a product or variant, with its definition beside it.
#[derive(Debug, Clone, SimpleObject)]
pub struct AttributeValue {
    /// The attribute's code.
    code: String,
    /// What people call the attribute.
    name: String,
    /// What its values are.
    kind: AttributeType,
    /// The unit that a number is in.
    unit: Option<String>,
    /// The values in canonical text, decimals without zeros that say nothing: one, or at most 100 choices.
    values: Vec<String>,
}

/// A typed attribute of a product or variant.
#[derive(Debug, Clone, InputObject)]
pub struct AttributeValueInput {
    /// The attribute's code.
    pub code: String,
    /// Its values in text: one, or at most 100 choices.
    pub values: Vec<String>,
}

impl From<AttributeValueInput> for attribute::AttributeValue {
    fn from(input: AttributeValueInput) -> Self {
        Self { code: input.code, values: input.values }
    }
}

/// Values whose attribute is still defined.
pub(super) fn shown(values: &[attribute::AttributeValue], set: &AttributeSet) -> Vec<AttributeValue> {
    let show = |value: &attribute::AttributeValue| {
        let attribute = set.by_code(&value.code)?;
        Some(AttributeValue {
            code: value.code.clone(),
            name: attribute.name.clone(),
            kind: attribute.kind.into(),
            unit: attribute.unit.clone(),
            values: value.values.clone(),
        })
    };
    values.iter().filter_map(show).collect()
}
