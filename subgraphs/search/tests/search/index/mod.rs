//! The index on both engines: what each must do, and that they answer alike.

mod contract;
mod converging;
mod crash;
mod faults;
mod fixture;
mod random;
mod relevance;
mod several;
mod totals;
mod twin;
mod upgrade;
mod wording;
