//! A refusal and the place in the input that it speaks of.

use std::fmt;

/// One thing that is wrong with an input: where, and what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding<R> {
    /// The way into the input: `["variants", "0", "sku"]`.
    pub path: Path,
    /// What is refused there.
    pub refusal: R,
}

impl<R> Finding<R> {
    /// A refusal at a place.
    pub fn new(path: impl Into<Path>, refusal: impl Into<R>) -> Self {
        Self { path: path.into(), refusal: refusal.into() }
    }
}

/// Which entry of a list is the first that the list cannot be taken with: `is_good` judges what stands up to it.
pub fn culprit<T>(entries: &[T], is_good: impl Fn(&[T]) -> bool) -> Option<usize> {
    if is_good(entries) {
        return None;
    }
    (0..entries.len()).find(|place| entries.get(..=*place).is_some_and(|some| !is_good(some)))
}

/// A way into an input, from the outside in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Path(Vec<String>);

impl Path {
    /// The input itself.
    pub fn root() -> Self {
        Self::default()
    }

    /// One step further in.
    #[must_use]
    pub fn then(&self, step: impl Into<Step>) -> Self {
        let mut steps = self.0.clone();
        steps.push(step.into().0);
        Self(steps)
    }

    /// The same way below `outer`.
    #[must_use]
    pub fn below(self, outer: &Self) -> Self {
        Self(outer.0.iter().cloned().chain(self.0).collect())
    }

    /// The steps.
    pub fn steps(&self) -> &[String] {
        &self.0
    }

    /// The steps, to keep.
    pub fn into_steps(self) -> Vec<String> {
        self.0
    }
}

/// One step: a field's name or a place in a list.
pub struct Step(String);

impl From<&str> for Step {
    fn from(field: &str) -> Self {
        Self(field.to_owned())
    }
}

impl From<usize> for Step {
    fn from(place: usize) -> Self {
        Self(place.to_string())
    }
}

impl From<&str> for Path {
    fn from(step: &str) -> Self {
        Self(vec![step.to_owned()])
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("."))
    }
}
