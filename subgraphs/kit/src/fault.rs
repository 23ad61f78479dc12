//! `Fault`: why a call could not be answered, with what the client may know apart from what only the log may.
//!
//! A refusal that a client can act on (a slug that is taken, an order that has shipped) is no fault: it is a
//! [`UserError`](crate::user_error::UserError) in the payload. Faults are for who may call, for malformed input,
//! for idempotency keys and for everything that broke.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use async_graphql::ErrorExtensionValues;

/// The stable `extensions.code` of an error; clients branch on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Code {
    /// No token, or one that does not hold: signing in may help.
    Unauthenticated,
    /// The caller is known and may not.
    Forbidden,
    /// The request itself is wrong: a malformed id, a page of 1,000.
    BadUserInput,
    /// Something that is needed does not answer; trying again later may help.
    Unavailable,
    /// The same idempotency key came with another request.
    IdempotencyKeyReused,
    /// The first request with this idempotency key is still running.
    IdempotencyInProgress,
    /// More than the limits allow was asked for.
    LimitExceeded,
    /// A fault of ours; the log has its cause.
    Internal,
}

impl Code {
    /// The code as clients see it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unauthenticated => "UNAUTHENTICATED",
            Self::Forbidden => "FORBIDDEN",
            Self::BadUserInput => "BAD_USER_INPUT",
            Self::Unavailable => "UNAVAILABLE",
            Self::IdempotencyKeyReused => "IDEMPOTENCY_KEY_REUSED",
            Self::IdempotencyInProgress => "IDEMPOTENCY_IN_PROGRESS",
            Self::LimitExceeded => "LIMIT_EXCEEDED",
            Self::Internal => "INTERNAL",
        }
    }
}

/// Why a call could not be answered. It has no `Display` on purpose: what a client may read is
/// [`Fault::text`], and the cause goes to the log alone.
#[derive(Clone)]
pub struct Fault {
    code: Code,
    text: Cow<'static, str>,
    cause: Option<Arc<dyn StdError + Send + Sync>>,
    transient: bool,
}

impl Fault {
    fn new(code: Code, text: impl Into<Cow<'static, str>>) -> Self {
        Self { code, text: text.into(), cause: None, transient: false }
    }

    /// The caller must sign in, or its token does not hold; `text` says which without helping an attacker.
    pub fn unauthenticated(text: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Code::Unauthenticated, text)
    }

    /// The caller may not.
    #[must_use]
    pub fn forbidden() -> Self {
        Self::new(Code::Forbidden, "you may not do or see this")
    }

    /// The request is wrong; `text` says what to mend.
    pub fn bad_input(text: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Code::BadUserInput, text)
    }

    /// `what` does not answer now. Transient: consumers and relays try again.
    pub fn unavailable(
        what: impl Into<Cow<'static, str>>,
        cause: impl StdError + Send + Sync + 'static,
    ) -> Self {
        Self { cause: Some(Arc::new(cause)), transient: true, ..Self::new(Code::Unavailable, what) }
    }

    /// The key was used for another request.
    #[must_use]
    pub fn idempotency_key_reused() -> Self {
        Self::new(Code::IdempotencyKeyReused, "this idempotency key was used for another request")
    }

    /// The first request with this key has not finished.
    #[must_use]
    pub fn idempotency_in_progress() -> Self {
        let text = "the first request with this idempotency key is still running";
        Self { transient: true, ..Self::new(Code::IdempotencyInProgress, text) }
    }

    /// More was asked for than a limit allows; `text` names the limit.
    pub fn limit(text: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Code::LimitExceeded, text)
    }

    /// Something of ours broke. The client reads nothing of `cause`.
    pub fn internal(cause: impl StdError + Send + Sync + 'static) -> Self {
        Self { cause: Some(Arc::new(cause)), ..Self::new(Code::Internal, "internal error") }
    }

    /// Something that cannot be so, is; `what` goes to the log.
    pub fn broken(what: impl Into<String>) -> Self {
        Self::internal(Broken(what.into()))
    }

    /// With a cause for the log; the client reads nothing of it.
    #[must_use]
    pub fn caused_by(self, cause: impl StdError + Send + Sync + 'static) -> Self {
        Self { cause: Some(Arc::new(cause)), ..self }
    }

    /// The public code.
    #[must_use]
    pub fn code(&self) -> Code {
        self.code
    }

    /// The public sentence.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The private cause, for the log.
    #[must_use]
    pub fn cause(&self) -> Option<&(dyn StdError + Send + Sync + 'static)> {
        self.cause.as_deref()
    }

    /// Whether the same call may succeed later.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        self.transient
    }

    /// Marks it as worth trying again.
    #[must_use]
    pub fn transient(self) -> Self {
        Self { transient: true, ..self }
    }
}

impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.as_str(), self.text)?;
        let mut cause = self.cause.as_deref().map(|c| c as &dyn StdError);
        while let Some(error) = cause {
            write!(f, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}

#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Broken(String);

/// The single door from faults to GraphQL errors; it is also where faults of ours are logged, once.
impl From<Fault> for async_graphql::Error {
    fn from(fault: Fault) -> Self {
        if fault.cause.is_some() {
            tracing::error!(code = fault.code.as_str(), cause = ?fault, "a request failed: {fault:?}");
        }
        let mut extensions = ErrorExtensionValues::default();
        extensions.set("code", fault.code.as_str());
        Self { message: fault.text.into_owned(), source: None, extensions: Some(extensions) }
    }
}

impl From<serde_json::Error> for Fault {
    fn from(error: serde_json::Error) -> Self {
        Self::internal(error)
    }
}
