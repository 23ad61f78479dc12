//! How money looks in the schema; every subgraph shares these types.

use async_graphql::{InputObject, InputValueError, InputValueResult, Object, Scalar, ScalarType, Value};

use super::{Currency, Decimal, Money, MoneyError};

/// An amount of money in one currency.
#[Object(shareable)]
impl Money {
    /// The amount in the currency's main unit, such as "12.50".
    async fn amount(&self) -> Decimal {
        self.to_decimal()
    }

    /// The currency of the amount.
    async fn currency(&self) -> CurrencyCode {
        CurrencyCode(self.currency)
    }
}

/// The code of a currency, as [`Currency`] stands in the schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CurrencyCode(pub Currency);

/// A currency by its ISO 4217 code, such as "EUR".
#[Scalar(name = "CurrencyCode", specified_by_url = "https://www.iso.org/iso-4217-currency-codes.html")]
impl ScalarType for CurrencyCode {
    fn parse(value: Value) -> InputValueResult<Self> {
        let code = match &value {
            Value::String(code) => code,
            // Clients that know currencies as an enum write the bare code.
            Value::Enum(code) => code.as_str(),
            _ => return Err(InputValueError::custom("takes an ISO 4217 code, such as \"EUR\"")),
        };
        code.parse().map(Self).map_err(|error| InputValueError::custom(format!("{error}")))
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.code().to_owned())
    }
}

impl From<Currency> for CurrencyCode {
    fn from(currency: Currency) -> Self {
        Self(currency)
    }
}

impl From<CurrencyCode> for Currency {
    fn from(code: CurrencyCode) -> Self {
        code.0
    }
}

/// An amount of money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, InputObject)]
pub struct MoneyInput {
    /// The amount in the currency's main unit, with no more digits after the point than the currency has.
    pub amount: Decimal,
    /// The currency of the amount.
    pub currency: CurrencyCode,
}

impl TryFrom<MoneyInput> for Money {
    type Error = MoneyError;

    fn try_from(input: MoneyInput) -> Result<Self, MoneyError> {
        Self::from_decimal(input.amount, input.currency.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_currency_is_a_string_or_a_bare_code_that_exists() {
        let parse = |value| CurrencyCode::parse(value).map(|code| code.0.code());
        assert_eq!(parse(Value::from("EUR")).unwrap(), "EUR");
        assert_eq!(parse(Value::Enum(async_graphql::Name::new("JPY"))).unwrap(), "JPY");
        for refused in [Value::from("EURO"), Value::from(978), Value::Null] {
            assert!(parse(refused.clone()).is_err(), "{refused}");
        }
    }
}
