//! The rows of the tables, private to the store: nothing above it knows how a company or shop is kept.

pub(super) mod company;
mod premises;
pub(super) mod shop;
pub(super) mod shop_hours;
pub(super) mod shop_staff;

use chrono::DateTime;
use souk_kit::clock::Timestamp;
use souk_kit::fault::Fault;

/// What a stored value was that does not read back: our mistake, or a file that another program wrote.
fn corrupt(table: &str, column: &str) -> Fault {
    Fault::broken(format!("{table}.{column} holds what no release of ours writes"))
}

fn time(table: &str, column: &str, micros: i64) -> Result<Timestamp, Fault> {
    DateTime::from_timestamp_micros(micros).ok_or_else(|| corrupt(table, column))
}
