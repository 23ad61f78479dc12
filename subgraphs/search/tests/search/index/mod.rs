//! The index on both engines: what each must do, and that they answer alike.

mod contract;
mod converging;
mod crash;
mod faults;
mod fixture;
mod loss;
mod random;
mod relevance;
mod several;
mod suggesting;
mod totals;
mod twin;
mod upgrade;
mod wording;
