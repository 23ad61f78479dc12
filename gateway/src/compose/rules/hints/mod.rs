//! What is legal but doubtful in a graph that composes.

use super::merge::Rule;

/// Every hint.
pub(crate) const HINTS: &[Rule] = &[];
