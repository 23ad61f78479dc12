//! Why a change was refused, and which part of the input is to blame.

use std::fmt;

/// One thing that a client can mend. Each variant is one value of `MerchantErrorCode`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Reason {
    #[error("a value is required")]
    Required,
    #[error("at most {max} characters are allowed")]
    TooLong { max: usize },
    #[error("at most {max} entries are allowed")]
    TooMany { max: usize },
    #[error("{expected}")]
    Invalid { expected: &'static str },
    #[error("the same value stands twice")]
    Duplicate,
    #[error("two periods overlap")]
    HoursOverlap,
    #[error("the company's own currency must be among those it accepts")]
    CurrencyNotAccepted,
    #[error("a physical shop needs an address")]
    AddressRequired,
    #[error("there is no such record")]
    NotFound,
    #[error("another one has this slug")]
    SlugTaken,
    #[error("another one has this external reference")]
    ExternalReferenceTaken,
    #[error("it is active already")]
    AlreadyActive,
    #[error("it is deactivated already")]
    AlreadyInactive,
    #[error("the company is deactivated")]
    CompanyInactive,
}

/// A reason with the path to the blamed part of the input, from its root: `address.country`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) path: Vec<String>,
    pub(crate) reason: Reason,
}

impl Refusal {
    pub(crate) fn at(path: &[&str], reason: Reason) -> Self {
        Self { path: path.iter().map(ToString::to_string).collect(), reason }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path.join("."), self.reason)
    }
}

/// All that was refused of one call; never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refused(pub(crate) Vec<Refusal>);

impl From<Vec<Refusal>> for Refused {
    fn from(refusals: Vec<Refusal>) -> Self {
        Self(refusals)
    }
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self(vec![refusal])
    }
}

/// Gathers every refusal of one input, so that a client mends all of them at once.
#[derive(Debug, Default)]
pub(crate) struct Refusals(Vec<Refusal>);

impl Refusals {
    /// The value, or `None` after noting why `path` was refused.
    pub(crate) fn note<T>(&mut self, path: &[&str], value: Result<T, Reason>) -> Option<T> {
        value.map_err(|reason| self.add(path, reason)).ok()
    }

    /// The value of a nested input whose refusals carry paths below `path`.
    pub(crate) fn note_all<T>(&mut self, path: &[&str], value: Result<T, Vec<Refusal>>) -> Option<T> {
        match value {
            Ok(value) => Some(value),
            Err(nested) => {
                self.0.extend(nested.into_iter().map(|refusal| Refusal {
                    path: path.iter().map(ToString::to_string).chain(refusal.path).collect(),
                    reason: refusal.reason,
                }));
                None
            }
        }
    }

    pub(crate) fn add(&mut self, path: &[&str], reason: Reason) {
        self.0.push(Refusal::at(path, reason));
    }

    /// `value` when nothing was refused.
    pub(crate) fn settle<T>(self, value: Option<T>) -> Result<T, Vec<Refusal>> {
        match value {
            Some(value) if self.0.is_empty() => Ok(value),
            Some(_) | None => Err(self.0),
        }
    }
}
