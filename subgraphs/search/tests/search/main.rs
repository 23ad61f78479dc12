//! Product search from outside.
#![expect(clippy::indexing_slicing, clippy::unwrap_used, reason = "tests")]

mod index;
