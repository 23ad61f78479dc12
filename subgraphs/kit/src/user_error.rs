//! `userErrors`: refusals that a client can act on, in the payload of a mutation.

use std::borrow::Cow;
use std::fmt;

use async_graphql::{Object, OutputType, TypeName};
use serde::{Deserialize, Serialize};

/// The codes of one domain's refusals: an enum of its schema.
///
/// ```text
/// #[derive(Clone, Copy, PartialEq, Eq, Enum, Serialize, Deserialize)]
/// pub enum ShopErrorCode { NotFound, VersionConflict, NameTaken }
/// impl ErrorCode for ShopErrorCode {
///     const TYPE_NAME: &'static str = "ShopUserError";
///     const NOT_FOUND: Self = Self::NotFound;
///     const VERSION_CONFLICT: Self = Self::VersionConflict;
/// }
/// ```
pub trait ErrorCode:
    OutputType + Copy + fmt::Debug + Serialize + for<'de> Deserialize<'de> + 'static
{
    /// The GraphQL name of [`UserError`] with this code.
    const TYPE_NAME: &'static str;
    /// The record does not exist, or the caller may not know that it does.
    const NOT_FOUND: Self;
    /// The record was changed since the client read it.
    const VERSION_CONFLICT: Self;
}

/// One refusal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(bound = "")]
pub struct UserError<C: ErrorCode> {
    code: C,
    message: Cow<'static, str>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    path: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    current_version: Option<i64>,
}

impl<C: ErrorCode> UserError<C> {
    /// A refusal with a sentence for people.
    pub fn new(code: C, message: impl Into<Cow<'static, str>>) -> Self {
        Self { code, message: message.into(), path: Vec::new(), current_version: None }
    }

    /// Where in the arguments the cause stands: `["input", "slug"]`.
    #[must_use]
    pub fn at<S: Into<String>>(mut self, path: impl IntoIterator<Item = S>) -> Self {
        self.path = path.into_iter().map(Into::into).collect();
        self
    }

    /// There is no such record, or the caller may not know that there is.
    #[must_use]
    pub fn not_found() -> Self {
        Self::new(C::NOT_FOUND, "there is no such record").at(["input", "id"])
    }

    /// The record has another version than the client expected.
    #[must_use]
    pub fn version_conflict(current: i64) -> Self {
        let error = Self::new(C::VERSION_CONFLICT, "the record was changed in the meantime");
        Self { current_version: Some(current), ..error.at(["input", "expectedVersion"]) }
    }

    /// What was refused.
    pub fn code(&self) -> C {
        self.code
    }

    /// The sentence for people.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Where in the arguments the cause stands.
    pub fn path(&self) -> &[String] {
        &self.path
    }
}

impl<C: ErrorCode> TypeName for UserError<C> {
    fn type_name() -> Cow<'static, str> {
        C::TYPE_NAME.into()
    }
}

/// Why a mutation was refused, in a form that a client can act on.
#[Object(name_type)]
impl<C: ErrorCode> UserError<C> {
    /// What was refused; stable, to branch on.
    #[graphql(name = "code")]
    async fn resolve_code(&self) -> C {
        self.code
    }

    /// A sentence for people, in English.
    #[graphql(name = "message")]
    async fn resolve_message(&self) -> &str {
        &self.message
    }

    /// Where in the arguments the cause stands, such as `["input", "slug"]`; empty when in no single place.
    #[graphql(name = "path")]
    async fn resolve_path(&self) -> &[String] {
        &self.path
    }

    /// The version that the record has now, when the expected one was another.
    #[graphql(name = "currentVersion")]
    async fn resolve_current_version(&self) -> Option<i64> {
        self.current_version
    }
}

/// All refusals of one call; never empty. A domain's error becomes this by `From`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal<C: ErrorCode>(pub Vec<UserError<C>>);

impl<C: ErrorCode> From<UserError<C>> for Refusal<C> {
    fn from(error: UserError<C>) -> Self {
        Self(vec![error])
    }
}

impl<C: ErrorCode> From<Vec<UserError<C>>> for Refusal<C> {
    fn from(errors: Vec<UserError<C>>) -> Self {
        Self(errors)
    }
}
