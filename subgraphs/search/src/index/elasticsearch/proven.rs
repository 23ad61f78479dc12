//! Which generations are known to take what this version writes.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

/// Generations that have taken a product, so that it is known that their mappings take what is written.
#[derive(Debug, Default)]
pub(super) struct Proven(Mutex<BTreeSet<String>>);

impl Proven {
    pub(super) fn add(&self, generation: &str) {
        let mut proven = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !proven.contains(generation) {
            proven.insert(generation.to_owned());
        }
    }

    pub(super) fn has(&self, generation: &str) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains(generation)
    }
}
