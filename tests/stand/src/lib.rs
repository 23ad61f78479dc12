//! Starts real engines.
