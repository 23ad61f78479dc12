//! The rules of analytics: what visitors may tell, what is kept of it, and how it is counted. No I/O, no clock.
#![deny(clippy::wildcard_enum_match_arm)]

pub(crate) mod bots;
pub(crate) mod calendar;
pub(crate) mod decay;
pub(crate) mod hour;
pub mod ids;
pub(crate) mod measures;
pub(crate) mod pseudonym;
pub(crate) mod rollup;
pub(crate) mod search_text;
pub(crate) mod sketch;
pub(crate) mod visit;
