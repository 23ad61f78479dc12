//! `TaxedMoney`: net, tax and gross that always add up.

use async_graphql::Object;
use serde::{Deserialize, Serialize};

use super::{Currency, Decimal, Money, MoneyError, Rounding};

/// An amount before and after tax; net plus tax is always gross.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaxedMoney {
    net: Money,
    gross: Money,
    tax: Money,
}

impl TaxedMoney {
    /// From a price that leaves the tax out; `rate` is a fraction, 0.21 for 21 %. Tax is rounded half up.
    pub fn from_net(net: Money, rate: Decimal) -> Result<Self, MoneyError> {
        let tax = net.times_decimal(rate, Rounding::HalfUp)?;
        Ok(Self { net, gross: net.checked_add(tax)?, tax })
    }

    /// From a price that includes the tax: net is gross / (1 + rate), and the tax is the rest.
    pub fn from_gross(gross: Money, rate: Decimal) -> Result<Self, MoneyError> {
        let (units, scale) = rate.parts();
        let one = 10_i128.checked_pow(scale).ok_or(MoneyError::Overflow)?;
        let net =
            gross.times_ratio(one, one.checked_add(units).ok_or(MoneyError::Overflow)?, Rounding::HalfUp)?;
        Ok(Self { net, gross, tax: gross.checked_sub(net)? })
    }

    /// Nothing, in `currency`.
    #[must_use]
    pub fn zero(currency: Currency) -> Self {
        let zero = Money::zero(currency);
        Self { net: zero, gross: zero, tax: zero }
    }

    /// The sum, part by part.
    pub fn checked_add(self, other: Self) -> Result<Self, MoneyError> {
        Ok(Self {
            net: self.net.checked_add(other.net)?,
            gross: self.gross.checked_add(other.gross)?,
            tax: self.tax.checked_add(other.tax)?,
        })
    }

    /// Without tax.
    #[must_use]
    pub fn net(self) -> Money {
        self.net
    }

    /// With tax.
    #[must_use]
    pub fn gross(self) -> Money {
        self.gross
    }

    /// The tax.
    #[must_use]
    pub fn tax(self) -> Money {
        self.tax
    }
}

/// An amount before and after tax; net plus tax is always gross.
#[Object(shareable)]
impl TaxedMoney {
    /// Without tax.
    #[graphql(name = "net")]
    async fn resolve_net(&self) -> Money {
        self.net
    }

    /// With tax.
    #[graphql(name = "gross")]
    async fn resolve_gross(&self) -> Money {
        self.gross
    }

    /// The tax itself.
    #[graphql(name = "tax")]
    async fn resolve_tax(&self) -> Money {
        self.tax
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn net_and_tax_are_gross(minor in -1_000_000_000_000_i64..1_000_000_000_000, percent in 0i64..100) {
            let price = Money::new(minor, "EUR".parse().unwrap());
            let rate = Decimal::from_units(percent.into(), 2).unwrap();
            for taxed in [TaxedMoney::from_net(price, rate).unwrap(), TaxedMoney::from_gross(price, rate).unwrap()] {
                prop_assert_eq!(taxed.net().checked_add(taxed.tax()), Ok(taxed.gross()));
            }
        }
    }
}
