//! `Money`: an amount in minor units with its currency, and the arithmetic that commerce needs.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Currency, Decimal};

/// An amount of money. Adding amounts of two currencies is an error, as is leaving 64 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Money {
    /// Whole minor units: cents for EUR, yen for JPY, fils for KWD.
    pub amount_minor: i64,
    /// What the units are of.
    pub currency: Currency,
}

/// Why an amount could not be computed or read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// The amounts are of two currencies.
    #[error("{0} and {1} do not add up")]
    CurrencyMismatch(Currency, Currency),
    /// The result does not fit 64 bits of minor units.
    #[error("the amount is too large")]
    Overflow,
    /// The text has more digits after the point than the currency.
    #[error("{0} has {digits} digits after the point", digits = .0.exponent())]
    TooPrecise(Currency),
    /// There is nothing to share among: no weights, or all of them zero.
    #[error("there is no one to share among")]
    NoShares,
    /// A ratio's divisor is zero.
    #[error("cannot divide by zero")]
    DivisionByZero,
}

/// What happens to a half of a minor unit, and to what is nearer one side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rounding {
    /// To the nearest unit, halves away from zero: what invoices use.
    HalfUp,
    /// To the nearest unit, halves to the even neighbour: no drift over many roundings.
    HalfEven,
    /// Toward zero.
    Down,
}

impl Money {
    /// `amount_minor` minor units of `currency`.
    #[must_use]
    pub fn new(amount_minor: i64, currency: Currency) -> Self {
        Self { amount_minor, currency }
    }

    /// Nothing, in `currency`.
    #[must_use]
    pub fn zero(currency: Currency) -> Self {
        Self::new(0, currency)
    }

    /// The amount that a client wrote, such as 12.5 EUR. Digits beyond the currency's must be zeros.
    pub fn from_decimal(amount: Decimal, currency: Currency) -> Result<Self, MoneyError> {
        let (units, scale) = amount.parts();
        let exponent = u32::from(currency.exponent());
        let minor = if scale <= exponent {
            units.checked_mul(power_of_ten(exponent - scale)?).ok_or(MoneyError::Overflow)?
        } else {
            let divisor = power_of_ten(scale - exponent)?;
            if units % divisor != 0 {
                return Err(MoneyError::TooPrecise(currency));
            }
            units / divisor
        };
        Self::from_wide(minor, currency)
    }

    /// The amount as clients read it: 1250 cents are 12.50.
    #[must_use]
    pub fn to_decimal(self) -> Decimal {
        // 19 digits with at most 4 after the point always fit.
        Decimal::from_units(self.amount_minor.into(), self.currency.exponent().into()).unwrap_or_default()
    }

    /// The sum.
    pub fn checked_add(self, other: Self) -> Result<Self, MoneyError> {
        self.same_currency(other)?;
        Self::from_wide(i128::from(self.amount_minor) + i128::from(other.amount_minor), self.currency)
    }

    /// The difference.
    pub fn checked_sub(self, other: Self) -> Result<Self, MoneyError> {
        self.same_currency(other)?;
        Self::from_wide(i128::from(self.amount_minor) - i128::from(other.amount_minor), self.currency)
    }

    /// `quantity` times this.
    pub fn times(self, quantity: i64) -> Result<Self, MoneyError> {
        Self::from_wide(i128::from(self.amount_minor) * i128::from(quantity), self.currency)
    }

    /// The same amount with the other sign.
    pub fn negated(self) -> Result<Self, MoneyError> {
        Self::from_wide(-i128::from(self.amount_minor), self.currency)
    }

    /// The part of this that `factor` says, rounded once: 19.99 times 0.21, or times 1/1.21 through
    /// [`Money::times_ratio`].
    pub fn times_decimal(self, factor: Decimal, rounding: Rounding) -> Result<Self, MoneyError> {
        let (units, scale) = factor.parts();
        self.times_ratio(units, power_of_ten(scale)?, rounding)
    }

    /// This times `numerator` / `denominator`, rounded once.
    pub fn times_ratio(
        self,
        numerator: i128,
        denominator: i128,
        rounding: Rounding,
    ) -> Result<Self, MoneyError> {
        let product = i128::from(self.amount_minor).checked_mul(numerator).ok_or(MoneyError::Overflow)?;
        Self::from_wide(divide(product, denominator, rounding)?, self.currency)
    }

    /// The sum of all; zero in `currency` when there are none.
    pub fn sum(currency: Currency, amounts: impl IntoIterator<Item = Self>) -> Result<Self, MoneyError> {
        amounts.into_iter().try_fold(Self::zero(currency), Self::checked_add)
    }

    /// Shares this by weight so that the shares sum to it exactly: each gets its part rounded toward zero, and
    /// the units that are left go one each to the largest remainders, the earlier first among equals.
    pub fn allocate(self, weights: &[u64]) -> Result<Vec<Self>, MoneyError> {
        let total: u128 = weights.iter().map(|w| u128::from(*w)).sum();
        if total == 0 {
            return Err(MoneyError::NoShares);
        }
        let magnitude = u128::from(self.amount_minor.unsigned_abs());
        // A 64-bit amount times a 64-bit weight fits 128 bits.
        let mut shares: Vec<u128> = weights.iter().map(|w| magnitude * u128::from(*w) / total).collect();
        let mut left = magnitude - shares.iter().sum::<u128>();

        let mut by_remainder: Vec<(usize, u128)> =
            weights.iter().map(|w| magnitude * u128::from(*w) % total).enumerate().collect();
        by_remainder.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
        for (place, _) in by_remainder {
            if left == 0 {
                break;
            }
            if let Some(share) = shares.get_mut(place) {
                *share += 1;
                left -= 1;
            }
        }

        let sign = i128::from(self.amount_minor.signum());
        shares
            .into_iter()
            .map(|share| {
                let share = i128::try_from(share).map_err(|_| MoneyError::Overflow)?;
                Self::from_wide(sign * share, self.currency)
            })
            .collect()
    }

    fn from_wide(minor: i128, currency: Currency) -> Result<Self, MoneyError> {
        let amount_minor = i64::try_from(minor).map_err(|_| MoneyError::Overflow)?;
        Ok(Self { amount_minor, currency })
    }

    fn same_currency(self, other: Self) -> Result<(), MoneyError> {
        if self.currency == other.currency {
            Ok(())
        } else {
            Err(MoneyError::CurrencyMismatch(self.currency, other.currency))
        }
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.to_decimal(), self.currency)
    }
}

fn power_of_ten(exponent: u32) -> Result<i128, MoneyError> {
    10_i128.checked_pow(exponent).ok_or(MoneyError::Overflow)
}

fn divide(numerator: i128, denominator: i128, rounding: Rounding) -> Result<i128, MoneyError> {
    if denominator == 0 {
        return Err(MoneyError::DivisionByZero);
    }
    let quotient = numerator.checked_div(denominator).ok_or(MoneyError::Overflow)?;
    let remainder = numerator.checked_rem(denominator).ok_or(MoneyError::Overflow)?.unsigned_abs();
    let divisor = denominator.unsigned_abs();
    // Compared by subtraction: twice the remainder might not fit.
    let half = remainder.cmp(&(divisor - remainder));
    let away = match rounding {
        Rounding::Down => false,
        Rounding::HalfUp => half.is_ge(),
        Rounding::HalfEven => half.is_gt() || (half.is_eq() && quotient % 2 != 0),
    };
    let step = if (numerator < 0) == (denominator < 0) { 1 } else { -1 };
    if away { quotient.checked_add(step).ok_or(MoneyError::Overflow) } else { Ok(quotient) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn currency(code: &str) -> Currency {
        code.parse().unwrap()
    }

    fn eur(minor: i64) -> Money {
        Money::new(minor, currency("EUR"))
    }

    #[test]
    fn amounts_are_read_and_printed_with_the_digits_of_their_currency() {
        let read = |text: &str, code: &str| {
            Money::from_decimal(text.parse().unwrap(), currency(code)).map(|money| money.to_string())
        };
        assert_eq!(read("12.5", "EUR").unwrap(), "12.50 EUR");
        assert_eq!(read("12.500", "EUR").unwrap(), "12.50 EUR");
        assert_eq!(read("12.501", "EUR"), Err(MoneyError::TooPrecise(currency("EUR"))));
        assert_eq!(read("1200", "JPY").unwrap(), "1200 JPY");
        assert_eq!(read("1.5", "JPY"), Err(MoneyError::TooPrecise(currency("JPY"))));
        assert_eq!(read("1.234", "KWD").unwrap(), "1.234 KWD");
        assert_eq!(read("92233720368547758.08", "EUR"), Err(MoneyError::Overflow));
        assert_eq!(read("-92233720368547758.08", "EUR").unwrap(), "-92233720368547758.08 EUR");
    }

    #[test]
    fn codes_without_a_minor_unit_are_no_currencies() {
        for code in ["XAU", "XXX", "XTS", "eur", "EURO", "", "E€"] {
            assert!(code.parse::<Currency>().is_err(), "{code} was taken");
        }
    }

    #[test]
    fn two_currencies_do_not_add() {
        let yen = Money::new(1, currency("JPY"));
        assert_eq!(
            eur(1).checked_add(yen),
            Err(MoneyError::CurrencyMismatch(currency("EUR"), currency("JPY")))
        );
    }

    #[test]
    fn the_largest_remainders_get_the_units_that_are_left() {
        let shares = |minor, weights: &[u64]| {
            eur(minor).allocate(weights).unwrap().iter().map(|m| m.amount_minor).collect::<Vec<_>>()
        };
        assert_eq!(shares(100, &[1, 1, 1]), [34, 33, 33]);
        assert_eq!(shares(-100, &[1, 1, 1]), [-34, -33, -33]);
        assert_eq!(shares(5, &[0, 3, 7]), [0, 2, 3]);
        assert_eq!(shares(0, &[2, 3]), [0, 0]);
        assert_eq!(eur(5).allocate(&[]), Err(MoneyError::NoShares));
        assert_eq!(eur(5).allocate(&[0, 0]), Err(MoneyError::NoShares));
    }

    #[test]
    fn halves_round_as_they_are_told() {
        let half = |minor, rounding| eur(minor).times_ratio(1, 2, rounding).unwrap().amount_minor;
        assert_eq!([1, 3, -1, -3].map(|m| half(m, Rounding::HalfUp)), [1, 2, -1, -2]);
        assert_eq!([1, 3, -1, -3].map(|m| half(m, Rounding::HalfEven)), [0, 2, 0, -2]);
        assert_eq!([1, 3, -1, -3].map(|m| half(m, Rounding::Down)), [0, 1, 0, -1]);
        assert_eq!(eur(1).times_ratio(1, 0, Rounding::Down), Err(MoneyError::DivisionByZero));
    }

    proptest! {
        #[test]
        fn shares_sum_exactly_and_keep_within_one_unit_of_fair(
            minor: i64,
            weights in proptest::collection::vec(any::<u64>(), 1..20),
        ) {
            prop_assume!(weights.iter().any(|w| *w > 0));
            let shares = eur(minor).allocate(&weights).unwrap();
            let sum: i128 = shares.iter().map(|s| i128::from(s.amount_minor)).sum();
            prop_assert_eq!(sum, i128::from(minor));
            let total: u128 = weights.iter().map(|w| u128::from(*w)).sum();
            for (share, weight) in shares.iter().zip(&weights) {
                let fair = u128::from(minor.unsigned_abs()) * u128::from(*weight) / total;
                prop_assert!(u128::from(share.amount_minor.unsigned_abs()).abs_diff(fair) <= 1);
                prop_assert!(share.amount_minor == 0 || share.amount_minor.signum() == minor.signum());
            }
        }

        #[test]
        fn every_amount_reads_back(minor: i64, code in prop::sample::select(vec!["EUR", "JPY", "KWD", "CLF"])) {
            let money = Money::new(minor, currency(code));
            let text = money.to_decimal().to_string();
            prop_assert_eq!(Money::from_decimal(text.parse().unwrap(), money.currency), Ok(money));
        }

        #[test]
        fn arithmetic_never_panics(a: i64, b: i64, n: i128, d: i128) {
            let _ = (eur(a).checked_add(eur(b)), eur(a).checked_sub(eur(b)), eur(a).times(b), eur(a).negated());
            for rounding in [Rounding::HalfUp, Rounding::HalfEven, Rounding::Down] {
                let _ = eur(a).times_ratio(n, d, rounding);
            }
        }
    }
}
