//! An exact decimal number: tax rates, weights, and amounts as clients write them.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An exact decimal number of up to 28 digits, written plainly: `-12.50`, never `1e3`, never a float.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Decimal(rust_decimal::Decimal);

/// The text is not a plain decimal number of at most 28 digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a decimal number such as \"12.50\"")]
pub struct DecimalError;

impl Decimal {
    /// Zero.
    pub const ZERO: Self = Self(rust_decimal::Decimal::ZERO);

    /// `units` divided by ten to the power of `scale`; [`DecimalError`] beyond 28 digits.
    pub fn from_units(units: i128, scale: u32) -> Result<Self, DecimalError> {
        rust_decimal::Decimal::try_from_i128_with_scale(units, scale).map(Self).map_err(|_| DecimalError)
    }

    /// The digits as one whole number, and how many of them stand after the point.
    #[must_use]
    pub fn parts(self) -> (i128, u32) {
        (self.0.mantissa(), self.0.scale())
    }

    /// The number for arithmetic that this type does not offer.
    #[must_use]
    pub fn get(self) -> rust_decimal::Decimal {
        self.0
    }

    /// Whether it is below zero.
    #[must_use]
    pub fn is_negative(self) -> bool {
        self.0.is_sign_negative() && !self.0.is_zero()
    }
}

impl From<rust_decimal::Decimal> for Decimal {
    fn from(number: rust_decimal::Decimal) -> Self {
        Self(number)
    }
}

impl From<i64> for Decimal {
    fn from(number: i64) -> Self {
        Self(number.into())
    }
}

impl FromStr for Decimal {
    type Err = DecimalError;

    fn from_str(text: &str) -> Result<Self, DecimalError> {
        let digits = text.strip_prefix('-').unwrap_or(text);
        let (whole, fraction) = match digits.split_once('.') {
            Some((whole, fraction)) => (whole, Some(fraction)),
            None => (digits, None),
        };
        let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        if !all_digits(whole) || !fraction.is_none_or(all_digits) {
            return Err(DecimalError);
        }
        // `from_str_exact` refuses what it would have to round.
        rust_decimal::Decimal::from_str_exact(text).map(Self).map_err(|_| DecimalError)
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Decimal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Cow::<'de, str>::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// An exact decimal number as a string, such as `"12.50"`. Whole numbers may also be sent as numbers; fractions
/// may not, because they would pass through a binary float on the way.
#[Scalar(name = "Decimal")]
impl ScalarType for Decimal {
    fn parse(value: Value) -> InputValueResult<Self> {
        match &value {
            Value::String(text) => {
                text.parse().map_err(|e: DecimalError| InputValueError::custom(e.to_string()))
            }
            Value::Number(number) if number.is_i64() || number.is_u64() => {
                number.to_string().parse().map_err(|e: DecimalError| InputValueError::custom(e.to_string()))
            }
            _ => Err(InputValueError::expected_type(value)),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.to_string())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_plain_decimals_are_read() {
        for text in ["0", "-0.5", "12.50", "9999999999999999999999999999"] {
            assert!(text.parse::<Decimal>().is_ok(), "{text} was refused");
        }
        for text in ["", "-", ".5", "5.", "1e3", "+1", " 1", "1_000", "0x1", "NaN", "1.2.3", "--1", "٣"] {
            assert_eq!(text.parse::<Decimal>(), Err(DecimalError), "{text} was taken");
        }
        assert!("0.00000000000000000000000000001".parse::<Decimal>().is_err(), "it would have to be rounded");
    }

    proptest! {
        #[test]
        fn what_is_printed_reads_back(units: i64, scale in 0u32..=18) {
            let decimal = Decimal::from_units(units.into(), scale).unwrap();
            prop_assert_eq!(decimal.to_string().parse::<Decimal>(), Ok(decimal));
        }

        #[test]
        fn no_text_makes_parsing_panic(text: String) {
            let _ = text.parse::<Decimal>();
        }
    }
}
