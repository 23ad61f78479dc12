//! The rules of search: how events become projections, and projections documents. No I/O, no clock.
#![deny(clippy::wildcard_enum_match_arm, clippy::float_arithmetic)]

pub mod heard;
pub mod ids;
pub mod offers;
pub mod projection;
pub mod rendering;
pub mod settings;
