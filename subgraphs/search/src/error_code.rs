//! The codes of `userErrors` of search.

use async_graphql::Enum;
use serde::{Deserialize, Serialize};
use souk_kit::user_error::{ErrorCode, Refusal as UserErrors, UserError};

use crate::domain::settings::{Reason, Refusal};

/// Why a change of search settings was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum SearchErrorCode {
    /// There is no such company, or the caller may not know that there is.
    NotFound,
    /// The settings were changed since the version that was expected; `currentVersion` says to which.
    VersionConflict,
    /// A value is missing or empty.
    Required,
    /// A value is too long.
    TooLong,
    /// A list has too many entries.
    TooMany,
    /// A list has too few entries.
    TooFew,
    /// The same stands twice in a list.
    Duplicate,
}

impl ErrorCode for SearchErrorCode {
    const TYPE_NAME: &'static str = "SearchUserError";
    const NOT_FOUND: Self = Self::NotFound;
    const VERSION_CONFLICT: Self = Self::VersionConflict;
}

impl From<Reason> for SearchErrorCode {
    fn from(reason: Reason) -> Self {
        match reason {
            Reason::Required => Self::Required,
            Reason::TooLong => Self::TooLong,
            Reason::TooMany(_) => Self::TooMany,
            Reason::TooFew => Self::TooFew,
            Reason::Duplicate => Self::Duplicate,
        }
    }
}

/// All refusals of one change, as the client gets them.
pub(crate) fn refused(refusals: Vec<Refusal>) -> UserErrors<SearchErrorCode> {
    let error = |refusal: Refusal| {
        let path = std::iter::once("input".to_owned()).chain(refusal.path);
        UserError::new(refusal.reason.into(), refusal.reason.to_string()).at(path)
    };
    UserErrors(refusals.into_iter().map(error).collect())
}
