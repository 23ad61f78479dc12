//! Options and selections of them in the schema.

use async_graphql::{InputObject, SimpleObject};

use crate::domain::option;

/// One way in which a product's variants differ.
#[derive(Debug, Clone, SimpleObject)]
pub struct ProductOption {
    /// What differs: `Size`.
    name: String,
    /// What it can be, in the order in which a shopper is offered them: at most 100 values.
    values: Vec<String>,
}

/// What a variant is in one of the product's options.
#[derive(Debug, Clone, SimpleObject)]
pub struct SelectedOption {
    /// The option's name.
    name: String,
    /// One of its values.
    value: String,
}

/// One way in which a product's variants differ.
#[derive(Debug, Clone, InputObject)]
pub struct ProductOptionInput {
    /// What differs: `Size`.
    pub name: String,
    /// What it can be: at least one value, at most 100, each once.
    pub values: Vec<String>,
}

/// What a variant is in one of the product's options.
#[derive(Debug, Clone, InputObject)]
pub struct SelectedOptionInput {
    /// The option's name.
    pub name: String,
    /// One of its values.
    pub value: String,
}

impl From<&option::ProductOption> for ProductOption {
    fn from(own: &option::ProductOption) -> Self {
        Self { name: own.name.clone(), values: own.values.clone() }
    }
}

impl From<&option::SelectedOption> for SelectedOption {
    fn from(own: &option::SelectedOption) -> Self {
        Self { name: own.name.clone(), value: own.value.clone() }
    }
}

impl From<ProductOptionInput> for option::ProductOption {
    fn from(input: ProductOptionInput) -> Self {
        Self { name: input.name, values: input.values }
    }
}

impl From<SelectedOptionInput> for option::SelectedOption {
    fn from(input: SelectedOptionInput) -> Self {
        Self { name: input.name, value: input.value }
    }
}
