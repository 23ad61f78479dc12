//! How large a filter may be: what a client sends must not become a statement that no database takes.

use crate::fault::Fault;

/// Conditions and listed values that one filter may have together.
const LARGEST_FILTER: usize = 500;
/// How deep the parts of a filter may stand in each other.
const DEEPEST_FILTER: usize = 10;

/// What is left to spend on one filter.
#[derive(Debug)]
pub struct Budget {
    left: usize,
    depth: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Self::new()
    }
}

impl Budget {
    /// The whole of it, for a filter that nothing was spent on yet.
    #[must_use]
    pub fn new() -> Self {
        Self { left: LARGEST_FILTER, depth: 0 }
    }

    /// Pays for `count` values or conditions; `BAD_USER_INPUT` when there is no more to spend.
    pub fn spend(&mut self, count: usize) -> Result<(), Fault> {
        self.left = self.left.checked_sub(count).ok_or_else(|| {
            Fault::bad_input(format!("a filter has at most {LARGEST_FILTER} conditions and values"))
        })?;
        Ok(())
    }

    /// Converts the parts of an `AND`, `OR` or `NOT`, one level down.
    pub fn nested<T, U>(
        &mut self,
        parts: impl IntoIterator<Item = T, IntoIter: ExactSizeIterator>,
        convert: impl Fn(T, &mut Self) -> Result<U, Fault>,
    ) -> Result<Vec<U>, Fault> {
        let parts = parts.into_iter();
        self.spend(parts.len())?;
        self.depth += 1;
        if self.depth > DEEPEST_FILTER {
            return Err(Fault::bad_input(format!("a filter is at most {DEEPEST_FILTER} levels deep")));
        }
        let converted = parts.map(|part| convert(part, self)).collect();
        self.depth -= 1;
        converted
    }
}
