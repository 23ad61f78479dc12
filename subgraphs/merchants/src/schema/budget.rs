//! How large a filter may be: what a client sends must not become a statement that no database takes.

use souk_kit::fault::Fault;

/// Conditions and listed values that one filter may have together.
const LARGEST_FILTER: usize = 500;
/// How deep `AND` and `OR` may stand in each other.
const DEEPEST_FILTER: usize = 10;

/// What asking for what is open costs: one condition per offset of the clocks in use.
pub(super) const OPEN_NOW: usize = 50;

/// What is left to spend on one filter.
#[derive(Debug)]
pub(super) struct Budget {
    left: usize,
    depth: usize,
}

impl Budget {
    pub(super) fn new() -> Self {
        Self { left: LARGEST_FILTER, depth: 0 }
    }

    /// Pays for `count` values or conditions; `BAD_USER_INPUT` when there is no more to spend.
    pub(super) fn spend(&mut self, count: usize) -> Result<(), Fault> {
        self.left = self.left.checked_sub(count).ok_or_else(|| {
            Fault::bad_input(format!("a filter has at most {LARGEST_FILTER} conditions and values"))
        })?;
        Ok(())
    }

    /// Converts the parts of an `AND` or `OR`, one level down.
    pub(super) fn nested<T, U>(
        &mut self,
        parts: Vec<T>,
        convert: impl Fn(T, &mut Self) -> Result<U, Fault>,
    ) -> Result<Vec<U>, Fault> {
        self.spend(parts.len())?;
        self.depth += 1;
        if self.depth > DEEPEST_FILTER {
            return Err(Fault::bad_input(format!("a filter is at most {DEEPEST_FILTER} levels deep")));
        }
        let converted = parts.into_iter().map(|part| convert(part, self)).collect();
        self.depth -= 1;
        converted
    }
}
