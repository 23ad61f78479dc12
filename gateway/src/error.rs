//! The errors that the gateway itself answers with: each has a stable code, and the list of codes says
//! which HTTP status a code stands for.

use http::StatusCode;
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

/// What went wrong, for programs: the `extensions.code` of an error. Codes never change their meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// The document is not GraphQL.
    GraphqlParseFailed,
    /// The document breaks a rule of the specification or one of our limits.
    GraphqlValidationFailed,
    /// No operation of that name, or several and no name.
    OperationResolutionFailure,
    /// A variable's value does not fit its type.
    BadUserInput,
    /// The HTTP request is not a well-formed GraphQL request.
    BadRequest,
    /// The body is larger than the configured limit.
    PayloadTooLarge,
    /// The request might have been forged by another site.
    CsrfPrevention,
    /// The method does not fit the operation.
    MethodNotAllowed,
    /// None of the media types that the client accepts can be produced.
    NotAcceptable,
    /// The body's media type is not understood.
    UnsupportedMediaType,
    /// The credentials were refused.
    Unauthenticated,
    /// The operation selects what the caller may not have.
    UnauthorizedFieldOrType,
    /// The operation would be answered over another protocol only.
    SubscriptionUnsupported,
    /// `__schema` and `__type` are switched off.
    IntrospectionDisabled,
    /// The request, or planning it, took longer than allowed.
    RequestTimeout,
    /// We stop, or are not ready yet.
    ServiceUnavailable,
    /// A fault of ours; the log has the details.
    InternalServerError,
}

/// How an answer with this code is told over HTTP.
struct Meaning {
    name: &'static str,
    /// Status with `application/graphql-response+json`, and with `application/json` where `always`.
    status: StatusCode,
    /// Also with `application/json`, whose well-formed requests are otherwise answered with 200
    /// (GraphQL over HTTP, "application/json responses").
    always: bool,
}

impl Code {
    /// The code as clients see it.
    pub fn name(self) -> &'static str {
        self.meaning().name
    }

    /// The status of an answer in the media type `application/graphql-response+json`.
    pub fn status(self) -> StatusCode {
        self.meaning().status
    }

    /// The status of an answer in the media type `application/json`.
    pub fn legacy_status(self) -> StatusCode {
        let meaning = self.meaning();
        if meaning.always { meaning.status } else { StatusCode::OK }
    }

    fn meaning(self) -> Meaning {
        let (name, status, always) = match self {
            Self::GraphqlParseFailed => ("GRAPHQL_PARSE_FAILED", StatusCode::BAD_REQUEST, false),
            Self::GraphqlValidationFailed => ("GRAPHQL_VALIDATION_FAILED", StatusCode::BAD_REQUEST, false),
            Self::OperationResolutionFailure => {
                ("OPERATION_RESOLUTION_FAILURE", StatusCode::BAD_REQUEST, false)
            }
            Self::BadUserInput => ("BAD_USER_INPUT", StatusCode::BAD_REQUEST, false),
            Self::BadRequest => ("BAD_REQUEST", StatusCode::BAD_REQUEST, true),
            Self::PayloadTooLarge => ("PAYLOAD_TOO_LARGE", StatusCode::PAYLOAD_TOO_LARGE, true),
            Self::CsrfPrevention => ("CSRF_PREVENTION", StatusCode::FORBIDDEN, true),
            Self::MethodNotAllowed => ("METHOD_NOT_ALLOWED", StatusCode::METHOD_NOT_ALLOWED, true),
            Self::NotAcceptable => ("NOT_ACCEPTABLE", StatusCode::NOT_ACCEPTABLE, true),
            Self::UnsupportedMediaType => {
                ("UNSUPPORTED_MEDIA_TYPE", StatusCode::UNSUPPORTED_MEDIA_TYPE, true)
            }
            Self::Unauthenticated => ("UNAUTHENTICATED", StatusCode::UNAUTHORIZED, true),
            Self::UnauthorizedFieldOrType => ("UNAUTHORIZED_FIELD_OR_TYPE", StatusCode::FORBIDDEN, false),
            Self::SubscriptionUnsupported => ("SUBSCRIPTION_UNSUPPORTED", StatusCode::BAD_REQUEST, false),
            Self::IntrospectionDisabled => ("INTROSPECTION_DISABLED", StatusCode::BAD_REQUEST, false),
            Self::RequestTimeout => ("REQUEST_TIMEOUT", StatusCode::GATEWAY_TIMEOUT, true),
            Self::ServiceUnavailable => ("SERVICE_UNAVAILABLE", StatusCode::SERVICE_UNAVAILABLE, true),
            Self::InternalServerError => ("INTERNAL_SERVER_ERROR", StatusCode::INTERNAL_SERVER_ERROR, true),
        };
        Meaning { name, status, always }
    }
}

/// A place in the request's document, both numbers from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Location {
    /// The line.
    pub line: usize,
    /// The column, in characters.
    pub column: usize,
}

/// One error of an answer. `message` is for people and public: never a cause that the caller must not know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GraphqlError {
    /// What went wrong, for programs.
    pub code: Code,
    /// What went wrong, for people.
    pub message: String,
    /// Where in the document, if it is about the document.
    pub locations: Vec<Location>,
}

impl GraphqlError {
    /// An error about the request as a whole.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), locations: Vec::new() }
    }

    /// The same error, pointing into the document.
    #[must_use]
    pub fn at(mut self, location: Option<Location>) -> Self {
        self.locations.extend(location);
        self
    }

    /// A fault of ours, its cause kept from the caller.
    pub(crate) fn internal() -> Self {
        Self::new(Code::InternalServerError, "Internal server error")
    }
}

impl Serialize for GraphqlError {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Extensions {
            code: &'static str,
        }
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("message", &self.message)?;
        if !self.locations.is_empty() {
            map.serialize_entry("locations", &self.locations)?;
        }
        map.serialize_entry("extensions", &Extensions { code: self.code.name() })?;
        map.end()
    }
}
