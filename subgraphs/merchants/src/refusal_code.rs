//! The codes of `userErrors`: each reason of the domain's refusals is one of them.

use async_graphql::Enum;
use serde::{Deserialize, Serialize};
use souk_kit::user_error::{ErrorCode, Refusal as UserErrors, UserError};

use crate::domain::refusal::{Reason, Refusal, Refused};

/// Why a change of a company or shop was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum MerchantErrorCode {
    /// There is no such record, or the caller may not know that there is.
    NotFound,
    /// The record was changed since the version that was expected; `currentVersion` says to which.
    VersionConflict,
    /// A value is missing or empty.
    Required,
    /// A value is too long.
    TooLong,
    /// A list has too many entries.
    TooMany,
    /// A value has the wrong form.
    Invalid,
    /// The same value stands twice in a list.
    Duplicate,
    /// Two periods of opening hours overlap.
    HoursOverlap,
    /// The company's own currency is not among those it accepts.
    CurrencyNotAccepted,
    /// A physical shop has no address.
    AddressRequired,
    /// Another record has this slug.
    SlugTaken,
    /// Another record has this external reference.
    ExternalReferenceTaken,
    /// The record is active already.
    AlreadyActive,
    /// The record is deactivated already.
    AlreadyInactive,
    /// The company is deactivated.
    CompanyInactive,
}

impl ErrorCode for MerchantErrorCode {
    const TYPE_NAME: &'static str = "MerchantUserError";
    const NOT_FOUND: Self = Self::NotFound;
    const VERSION_CONFLICT: Self = Self::VersionConflict;
}

impl From<Reason> for MerchantErrorCode {
    fn from(reason: Reason) -> Self {
        match reason {
            Reason::NotFound => Self::NotFound,
            Reason::Required => Self::Required,
            Reason::TooLong { .. } => Self::TooLong,
            Reason::TooMany { .. } => Self::TooMany,
            Reason::Invalid { .. } => Self::Invalid,
            Reason::Duplicate => Self::Duplicate,
            Reason::HoursOverlap => Self::HoursOverlap,
            Reason::CurrencyNotAccepted => Self::CurrencyNotAccepted,
            Reason::AddressRequired => Self::AddressRequired,
            Reason::SlugTaken => Self::SlugTaken,
            Reason::ExternalReferenceTaken => Self::ExternalReferenceTaken,
            Reason::AlreadyActive => Self::AlreadyActive,
            Reason::AlreadyInactive => Self::AlreadyInactive,
            Reason::CompanyInactive => Self::CompanyInactive,
        }
    }
}

impl From<Refusal> for UserError<MerchantErrorCode> {
    fn from(refusal: Refusal) -> Self {
        let path = std::iter::once("input".to_owned()).chain(refusal.path);
        Self::new(refusal.reason.into(), refusal.reason.to_string()).at(path)
    }
}

impl From<Refused> for UserErrors<MerchantErrorCode> {
    fn from(refused: Refused) -> Self {
        Self(refused.0.into_iter().map(UserError::from).collect())
    }
}
