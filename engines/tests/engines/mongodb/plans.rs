//! The plans of lists.
