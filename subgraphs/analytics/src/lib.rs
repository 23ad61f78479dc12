//! What visitors do, counted.
