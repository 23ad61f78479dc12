//! A GraphQL request and its answer, apart from any protocol.

use apollo_compiler::response::{JsonMap, JsonValue};
use bytes::Bytes;
use http::{HeaderMap, StatusCode};

use crate::error::{Code, GraphqlError};
use crate::transport::Upload;

/// What a client asks.
#[derive(Debug, Default)]
pub struct Request {
    /// The document.
    pub query: String,
    /// Which of the document's operations to run.
    pub operation_name: Option<String>,
    /// Values for the operation's variables.
    pub variables: JsonMap,
    /// Headers for subgraphs. Nothing is filtered here: that is the HTTP side's work.
    pub headers: HeaderMap,
    /// Values for subgraphs in this process, such as the verified principal.
    pub extensions: http::Extensions,
    /// Files, and where in the variables they belong.
    pub files: Vec<File>,
    /// The request came by a method that must not change anything, such as GET.
    pub is_safe: bool,
}

/// A file that belongs somewhere in the variables.
#[derive(Debug)]
pub struct File {
    /// Where its variable is `null`, as the multipart request's `map` names it: `variables.input.files.0`.
    pub path: String,
    /// Name, type and bytes; `variable` and `path` of it are found by the gateway.
    pub upload: Upload,
}

impl Request {
    /// A request that runs the only operation of `query`.
    pub fn new(query: impl Into<String>) -> Self {
        Self { query: query.into(), ..Self::default() }
    }

    /// The same request with these variables; what is not an object is no variables at all.
    #[must_use]
    pub fn with_variables(mut self, variables: serde_json::Value) -> Self {
        self.variables = match JsonValue::from(variables) {
            JsonValue::Object(variables) => variables,
            _ => JsonMap::new(),
        };
        self
    }

    /// The same request for the operation called `name`.
    #[must_use]
    pub fn with_operation_name(mut self, name: impl Into<String>) -> Self {
        self.operation_name = Some(name.into());
        self
    }
}

/// What a client gets.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The GraphQL response as JSON.
    pub body: Bytes,
    /// Why there is no `data`; absent when the operation ran, however it went.
    pub refused: Option<Code>,
    /// How many errors `body` lists.
    pub errors: usize,
}

impl Answer {
    /// The answer to a request that was not run.
    pub(crate) fn refusal(errors: &[GraphqlError]) -> Self {
        #[derive(serde::Serialize)]
        struct Refusal<'a> {
            errors: &'a [GraphqlError],
        }
        let body = serde_json::to_vec(&Refusal { errors }).unwrap_or_default();
        let code = errors.first().map_or(Code::InternalServerError, |first| first.code);
        Self { body: body.into(), refused: Some(code), errors: errors.len() }
    }

    /// How the request went, in one word: `executed`, `partial` when parts failed, or the code of the refusal.
    pub fn outcome(&self) -> &'static str {
        match self.refused {
            Some(code) => code.name(),
            None if self.errors > 0 => "partial",
            None => "executed",
        }
    }

    /// The status with `application/graphql-response+json`.
    pub fn status(&self) -> StatusCode {
        self.refused.map_or(StatusCode::OK, Code::status)
    }

    /// The status with `application/json`.
    pub fn legacy_status(&self) -> StatusCode {
        self.refused.map_or(StatusCode::OK, Code::legacy_status)
    }
}

impl From<GraphqlError> for Answer {
    fn from(error: GraphqlError) -> Self {
        Self::refusal(&[error])
    }
}
