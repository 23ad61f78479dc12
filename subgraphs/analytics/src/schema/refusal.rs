//! The codes of the refusals of `track`.

use async_graphql::Enum;
use serde::{Deserialize, Serialize};
use souk_kit::user_error::{ErrorCode, UserError};

use crate::domain::visit::Reason;

/// Why something was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum TrackErrorCode {
    /// There is no such company or shop that is active.
    NotFound,
    /// A value is missing or empty.
    Required,
    /// A text is too long.
    TooLong,
    /// There are too many events in one call: none was taken.
    TooMany,
    /// A number is out of its bounds.
    OutOfRange,
    /// A value has the wrong form.
    Invalid,
    /// It happened too long ago.
    TooOld,
    /// It has not happened yet: the client's clock is ahead.
    NotYet,
}

impl ErrorCode for TrackErrorCode {
    const TYPE_NAME: &'static str = "TrackUserError";
    const NOT_FOUND: Self = Self::NotFound;
    // Nothing here has versions.
    const VERSION_CONFLICT: Self = Self::Invalid;
}

impl From<Reason> for TrackErrorCode {
    fn from(reason: Reason) -> Self {
        match reason {
            Reason::Required => Self::Required,
            Reason::TooLong { .. } => Self::TooLong,
            Reason::OutOfRange { .. } => Self::OutOfRange,
            Reason::Invalid { .. } => Self::Invalid,
            Reason::TooOld => Self::TooOld,
            Reason::NotYet => Self::NotYet,
        }
    }
}

/// The refusal of the `n`th event, or of a member of it.
pub(super) fn of_event(n: usize, path: &[&str], reason: Reason) -> UserError<TrackErrorCode> {
    let path = ["input".to_owned(), "events".to_owned(), n.to_string()]
        .into_iter()
        .chain(path.iter().map(|part| (*part).to_owned()));
    UserError::new(reason.into(), reason.to_string()).at(path)
}
