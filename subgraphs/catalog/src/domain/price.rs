//! Prices as entered: per currency, with a compare-at price, for a price list and from a quantity on.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use souk_kit::money::Currency;

use super::ids::PriceListId;

/// Most prices of one variant, all lists and tiers together.
pub const MAX_PRICES: usize = 200;
/// Highest price in minor units: far above any good, far below where a basket could overflow.
pub const MAX_AMOUNT_MINOR: i64 = 1_000_000_000_000;

/// One price of a variant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Price {
    /// Whose price it is; none is the base price, which everyone may pay.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub list: Option<PriceListId>,
    /// The currency of both amounts.
    pub currency: Currency,
    /// Fewest units that one must take for this price.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub min_quantity: u32,
    /// Price of one unit, in the currency's minor units, as entered.
    pub amount_minor: i64,
    /// The former or usual price to strike out, in minor units; above the price.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compare_at_minor: Option<i64>,
}

fn one() -> u32 {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_one(quantity: &u32) -> bool {
    *quantity == 1
}

/// What tells one price of a variant from another.
pub type PriceKey = (Option<PriceListId>, Currency, u32);

/// Why a price is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PriceRefusal {
    /// Below zero or beyond reason.
    #[error("a price must be 0 to {MAX_AMOUNT_MINOR} minor units")]
    Amount,
    /// Not above the price that it is compared with.
    #[error("the compare-at price must be above the price")]
    CompareAt,
    /// A tier that begins at no unit.
    #[error("a tier must begin at one unit or more")]
    Quantity,
    /// Two prices for the same list, currency and quantity.
    #[error("has two prices for one list, currency and quantity")]
    Twice,
    /// More prices than a variant holds.
    #[error("must have at most {MAX_PRICES} prices")]
    TooMany,
}

impl Price {
    /// A base price for one unit or more.
    pub fn base(currency: Currency, amount_minor: i64) -> Self {
        Self { list: None, currency, min_quantity: 1, amount_minor, compare_at_minor: None }
    }

    /// What tells it from the variant's other prices.
    pub fn key(&self) -> PriceKey {
        (self.list, self.currency, self.min_quantity)
    }

    /// The field, as clients name it, by which it cannot be.
    pub fn wrong_field(&self) -> Option<&'static str> {
        match self.check() {
            Ok(()) | Err(PriceRefusal::Twice | PriceRefusal::TooMany) => None,
            Err(PriceRefusal::Quantity) => Some("minQuantity"),
            Err(PriceRefusal::Amount) if (0..=MAX_AMOUNT_MINOR).contains(&self.amount_minor) => {
                Some("compareAt")
            }
            Err(PriceRefusal::Amount) => Some("amount"),
            Err(PriceRefusal::CompareAt) => Some("compareAt"),
        }
    }

    fn check(&self) -> Result<(), PriceRefusal> {
        if self.min_quantity == 0 {
            return Err(PriceRefusal::Quantity);
        }
        let amounts = [Some(self.amount_minor), self.compare_at_minor];
        if amounts.iter().flatten().any(|amount| !(0..=MAX_AMOUNT_MINOR).contains(amount)) {
            return Err(PriceRefusal::Amount);
        }
        if self.compare_at_minor.is_some_and(|before| before <= self.amount_minor) {
            return Err(PriceRefusal::CompareAt);
        }
        Ok(())
    }
}

/// A variant's prices, base prices first, then by list; within each by currency and quantity.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Prices(Vec<Price>);

impl Prices {
    /// These prices, when each is good and no two are for the same case.
    pub fn new(prices: impl IntoIterator<Item = Price>) -> Result<Self, PriceRefusal> {
        let mut sorted = BTreeMap::new();
        for price in prices {
            price.check()?;
            if sorted.insert(sort_key(&price), price).is_some() {
                return Err(PriceRefusal::Twice);
            }
        }
        if sorted.len() > MAX_PRICES {
            return Err(PriceRefusal::TooMany);
        }
        Ok(Self(sorted.into_values().collect()))
    }

    /// Sets one price in place of another for the same case.
    pub fn set(&mut self, price: Price) -> Result<(), PriceRefusal> {
        let others = self.0.iter().copied().filter(|other| other.key() != price.key());
        *self = Self::new(others.chain([price]))?;
        Ok(())
    }

    /// Takes away the price of a case; whether there was one.
    pub fn remove(&mut self, key: PriceKey) -> bool {
        let before = self.0.len();
        self.0.retain(|price| price.key() != key);
        self.0.len() != before
    }

    /// Keeps the base prices and puts the given ones in place of those that they name.
    pub fn replace_base(&mut self, base: impl IntoIterator<Item = Price>) -> Result<(), PriceRefusal> {
        let listed = self.0.iter().copied().filter(|price| price.list.is_some());
        *self = Self::new(base.into_iter().chain(listed))?;
        Ok(())
    }

    /// Keeps base prices and those of known lists; whether others were there.
    pub fn retain_lists(&mut self, is_known: impl Fn(PriceListId) -> bool) -> bool {
        let before = self.0.len();
        self.0.retain(|price| price.list.is_none_or(&is_known));
        self.0.len() != before
    }

    /// All prices in order.
    pub fn iter(&self) -> impl Iterator<Item = &Price> {
        self.0.iter()
    }

    /// The base price of one unit in a currency.
    pub fn base(&self, currency: Currency) -> Option<&Price> {
        self.0.iter().find(|price| price.key() == (None, currency, 1))
    }
}

fn sort_key(price: &Price) -> (Option<PriceListId>, &'static str, u32) {
    (price.list, price.currency.code(), price.min_quantity)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn currency(code: &str) -> Currency {
        code.parse().unwrap()
    }

    #[test]
    fn prices_that_make_no_sense_are_refused() {
        let base = Price::base(currency("GBP"), 339);
        let cases = [
            (Price { amount_minor: -1, ..base }, PriceRefusal::Amount),
            (Price { amount_minor: i64::MAX, ..base }, PriceRefusal::Amount),
            (Price { compare_at_minor: Some(339), ..base }, PriceRefusal::CompareAt),
            (Price { min_quantity: 0, ..base }, PriceRefusal::Quantity),
        ];
        for (price, refusal) in cases {
            assert_eq!(Prices::new([price]), Err(refusal));
        }
        assert_eq!(Prices::new([base, base]), Err(PriceRefusal::Twice));
    }

    #[test]
    fn a_price_set_again_takes_the_place_of_the_former() {
        let gbp = currency("GBP");
        let mut prices = Prices::new([Price::base(gbp, 339), Price::base(currency("EUR"), 400)]).unwrap();
        prices.set(Price::base(gbp, 299)).unwrap();
        assert_eq!(prices.base(gbp).map(|p| p.amount_minor), Some(299));
        assert_eq!(prices.iter().count(), 2);
        assert!(prices.remove((None, gbp, 1)));
        assert!(!prices.remove((None, gbp, 1)));
    }
}
