//! The index on both engines: what each must do, and that they answer alike.

mod contract;
mod crash;
mod fixture;
mod random;
mod relevance;
mod twin;
