//! Product search.

pub mod index;
