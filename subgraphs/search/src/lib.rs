//! Product search.
