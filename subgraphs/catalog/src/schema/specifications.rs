//! Weight, dimensions and stated facts in the schema.

use async_graphql::{InputObject, SimpleObject};

use crate::domain::measures;

/// What a product measures, and whatever else its maker states.
#[derive(Debug, Clone, SimpleObject)]
pub struct ProductSpecifications {
    /// Weight in grams.
    weight_grams: Option<i64>,
    /// The outer box.
    dimensions: Option<ProductDimensions>,
    /// Stated facts, in the order given: at most 100.
    lines: Vec<ProductSpecification>,
}

/// The outer box, in millimetres.
#[derive(Debug, Clone, SimpleObject)]
#[expect(clippy::struct_field_names, reason = "units belong to the names that clients read")]
pub struct ProductDimensions {
    /// Length in millimetres.
    length_mm: i64,
    /// Width in millimetres.
    width_mm: i64,
    /// Height in millimetres.
    height_mm: i64,
}

/// One stated fact.
#[derive(Debug, Clone, SimpleObject)]
pub struct ProductSpecification {
    /// What is stated: `Material`.
    name: String,
    /// What it is: `Brass`.
    value: String,
}

/// What a product measures, and whatever else its maker states.
#[derive(Debug, Clone, InputObject)]
pub struct ProductSpecificationsInput {
    /// Weight in grams, at most a hundred tonnes.
    pub weight_grams: Option<i64>,
    /// The outer box.
    pub dimensions: Option<ProductDimensionsInput>,
    /// Stated facts, at most 100.
    #[graphql(default)]
    pub lines: Vec<ProductSpecificationInput>,
}

/// The outer box, in millimetres; each side 1 to 100,000.
#[derive(Debug, Clone, InputObject)]
#[expect(clippy::struct_field_names, reason = "units belong to the names that clients read")]
pub struct ProductDimensionsInput {
    /// Length in millimetres.
    pub length_mm: i64,
    /// Width in millimetres.
    pub width_mm: i64,
    /// Height in millimetres.
    pub height_mm: i64,
}

/// One stated fact.
#[derive(Debug, Clone, InputObject)]
pub struct ProductSpecificationInput {
    /// What is stated: `Material`.
    pub name: String,
    /// What it is: `Brass`.
    pub value: String,
}

impl From<&measures::Specifications> for ProductSpecifications {
    fn from(own: &measures::Specifications) -> Self {
        let line = |one: &measures::Specification| ProductSpecification {
            name: one.name.clone(),
            value: one.value.clone(),
        };
        let dimensions = own.dimensions.map(|d| ProductDimensions {
            length_mm: d.length_mm,
            width_mm: d.width_mm,
            height_mm: d.height_mm,
        });
        Self { weight_grams: own.weight_grams, dimensions, lines: own.lines.iter().map(line).collect() }
    }
}

impl From<ProductSpecificationsInput> for measures::Specifications {
    fn from(input: ProductSpecificationsInput) -> Self {
        let line =
            |one: ProductSpecificationInput| measures::Specification { name: one.name, value: one.value };
        let dimensions = input.dimensions.map(|d| measures::Dimensions {
            length_mm: d.length_mm,
            width_mm: d.width_mm,
            height_mm: d.height_mm,
        });
        Self {
            weight_grams: input.weight_grams,
            dimensions,
            lines: input.lines.into_iter().map(line).collect(),
        }
    }
}
