//! Money: whole minor units in a currency, exact arithmetic, and shares that sum to what was shared.
//!
//! Nothing here is a float. Sums are computed in 128 bits and must fit 64 to be money again; what does not fit
//! is an error, never a wrapped or rounded figure.

mod amount;
mod currency;
mod decimal;
mod graphql;
mod taxed;

pub use amount::{Money, MoneyError, Rounding};
pub use currency::{Currency, UnknownCurrency};
pub use decimal::{Decimal, DecimalError};
pub use graphql::{CurrencyCode, MoneyInput};
pub use taxed::TaxedMoney;
