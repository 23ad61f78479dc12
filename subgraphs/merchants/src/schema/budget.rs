//! What a filter of companies or shops may spend.

pub(super) use souk_kit::budget::Budget;

/// What asking for what is open costs: one condition per offset of the clocks in use.
pub(super) const OPEN_NOW: usize = 50;
