//! The rules of companies and shops: pure, without I/O, clock or randomness.
#![deny(clippy::wildcard_enum_match_arm, clippy::float_arithmetic)]

pub(crate) mod address;
pub(crate) mod company;
pub(crate) mod contact;
pub(crate) mod country;
pub(crate) mod geo;
pub(crate) mod locale;
pub(crate) mod metadata;
pub(crate) mod opening_hours;
pub(crate) mod patch;
pub(crate) mod plan;
pub(crate) mod refusal;
pub(crate) mod settings;
pub(crate) mod shop;
pub(crate) mod slug;
pub(crate) mod stored_names;
pub(crate) mod text;
pub(crate) mod time_zone;
pub(crate) mod wall_clock;
