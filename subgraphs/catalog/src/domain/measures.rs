//! Weights and dimensions as whole grams and millimetres, and the free specifications beside them.

use serde::{Deserialize, Serialize};

use super::text::{self, TextRefusal};

/// Most specification lines of a product.
pub const MAX_SPECIFICATIONS: usize = 100;
/// Heaviest weight, in grams: a hundred tonnes.
pub const MAX_GRAMS: i64 = 100_000_000;
/// Longest side, in millimetres: a hundred metres.
pub const MAX_MILLIMETRES: i64 = 100_000;

/// What a product measures, and whatever else its maker states.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Specifications {
    /// Weight in grams.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weight_grams: Option<i64>,
    /// The outer box.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dimensions: Option<Dimensions>,
    /// Lines such as `Material: brass`, in the order given.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<Specification>,
}

/// Length, width and height in millimetres.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dimensions {
    /// Length in millimetres.
    pub length_mm: i64,
    /// Width in millimetres.
    pub width_mm: i64,
    /// Height in millimetres.
    pub height_mm: i64,
}

/// One stated fact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Specification {
    /// What is stated: `Material`.
    pub name: String,
    /// What it is: `Brass`.
    pub value: String,
}

/// Why a measure or a specification is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MeasureRefusal {
    /// A weight that is not positive or beyond reason.
    #[error("a weight must be 0 to {MAX_GRAMS} grams")]
    Weight,
    /// A side that is not positive or beyond reason.
    #[error("a side must be 1 to {MAX_MILLIMETRES} millimetres")]
    Side,
    /// More lines than a product holds.
    #[error("must have at most {MAX_SPECIFICATIONS} lines")]
    TooManyLines,
    /// A line that is no good text.
    #[error(transparent)]
    Text(#[from] TextRefusal),
}

/// Grams as given, when a thing can weigh so.
pub fn weight(grams: i64) -> Result<i64, MeasureRefusal> {
    if (0..=MAX_GRAMS).contains(&grams) { Ok(grams) } else { Err(MeasureRefusal::Weight) }
}

impl Specifications {
    /// The specifications with their texts trimmed, or the first refusal.
    pub fn checked(self) -> Result<Self, MeasureRefusal> {
        if let Some(grams) = self.weight_grams {
            weight(grams)?;
        }
        if let Some(Dimensions { length_mm, width_mm, height_mm }) = self.dimensions {
            let sides = [length_mm, width_mm, height_mm];
            if !sides.iter().all(|side| (1..=MAX_MILLIMETRES).contains(side)) {
                return Err(MeasureRefusal::Side);
            }
        }
        if self.lines.len() > MAX_SPECIFICATIONS {
            return Err(MeasureRefusal::TooManyLines);
        }
        let lines = self
            .lines
            .iter()
            .map(|one| {
                let name = text::line(&one.name, text::NAME)?;
                let value = text::line(&one.value, 1_000)?;
                Ok(Specification { name, value })
            })
            .collect::<Result<_, TextRefusal>>()?;
        Ok(Self { lines, ..self })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn measures_beyond_reason_are_refused() {
        let sides = |length_mm| Specifications {
            dimensions: Some(Dimensions { length_mm, width_mm: 1, height_mm: 1 }),
            ..Specifications::default()
        };
        assert_eq!(sides(0).checked(), Err(MeasureRefusal::Side));
        assert_eq!(sides(i64::MAX).checked(), Err(MeasureRefusal::Side));
        assert!(sides(120).checked().is_ok());
        assert_eq!(weight(-1), Err(MeasureRefusal::Weight));
        assert_eq!(weight(0), Ok(0));
    }
}
