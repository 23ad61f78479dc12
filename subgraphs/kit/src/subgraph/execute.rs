//! Runs GraphQL requests against a schema whose type is forgotten, from bytes to bytes.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use async_graphql::parser::types::ExecutableDocument;
use async_graphql::{
    ErrorExtensionValues, ObjectType, Response, SDLExportOptions, Schema, ServerError, SubscriptionType,
    Value,
};
use bytes::Bytes;
use futures::stream::{BoxStream, StreamExt};
use futures::{FutureExt, future};
use moka::sync::Cache;

use super::arrange::arrange;
use super::complete::{Types, complete};
use super::request::Request;
use super::sdl;
use super::variables::{settle, wrap_conditions};
use crate::fault::{Code, Fault};

/// How many bytes of documents are kept parsed.
const PARSED_BYTES: u64 = 8 * 1024 * 1024;
/// A response is seldom shorter; one allocation then holds most of them.
const RESPONSE_BYTES: usize = 4 * 1024;

/// A schema of whatever type.
#[async_trait::async_trait]
trait AnySchema: Send + Sync {
    async fn execute(&self, request: async_graphql::Request) -> Response;
    fn subscribe(&self, request: async_graphql::Request) -> BoxStream<'static, Response>;
}

#[async_trait::async_trait]
impl<Q, M, S> AnySchema for Schema<Q, M, S>
where
    Q: ObjectType + 'static,
    M: ObjectType + 'static,
    S: SubscriptionType + 'static,
{
    async fn execute(&self, request: async_graphql::Request) -> Response {
        Schema::execute(self, request).await
    }

    fn subscribe(&self, request: async_graphql::Request) -> BoxStream<'static, Response> {
        self.execute_stream(request)
    }
}

/// A schema, its SDL and the documents that it has seen.
pub(super) struct Engine {
    schema: Arc<dyn AnySchema>,
    /// As the library prints it, and answers `_service { sdl }`.
    printed: String,
    /// As it should be.
    sdl: String,
    types: Arc<Types>,
    /// Found by hash and equality of the whole text.
    parsed: Cache<Arc<str>, Arc<ExecutableDocument>>,
}

impl Engine {
    pub(super) fn new<Q, M, S>(schema: Schema<Q, M, S>) -> Self
    where
        Q: ObjectType + 'static,
        M: ObjectType + 'static,
        S: SubscriptionType + 'static,
    {
        let options = || SDLExportOptions::new().federation().compose_directive();
        let printed = schema.sdl_with_options(options());
        let parsed = Cache::builder()
            .max_capacity(PARSED_BYTES)
            .weigher(|query: &Arc<str>, _| u32::try_from(query.len()).unwrap_or(u32::MAX))
            .build();
        let sdl = sdl::mend(&schema.sdl_with_options(options().include_specified_by()));
        Self { schema: Arc::new(schema), types: Arc::new(Types::of(&sdl)), sdl, printed, parsed }
    }

    pub(super) fn sdl(&self) -> &str {
        &self.sdl
    }

    pub(super) async fn execute(&self, request: Request) -> Bytes {
        match request.into_graphql() {
            Ok(request) => self.print(self.answer(request).await.0),
            Err(fault) => refusal(fault),
        }
    }

    /// A request that was read from a socket; its answer has the fields in the order of the selection.
    pub(super) async fn execute_read(&self, request: async_graphql::Request) -> Bytes {
        let operation = request.operation_name.clone();
        let (mut response, document) = self.answer(request).await;
        if let Some(document) = document {
            arrange(&mut response.data, &document, operation.as_deref(), &self.types);
        }
        self.print(response)
    }

    async fn answer(&self, request: async_graphql::Request) -> (Response, Option<Arc<ExecutableDocument>>) {
        let operation = request.operation_name.clone();
        let (request, document) = self.prepare(request);
        let answered = AssertUnwindSafe(self.schema.execute(request)).catch_unwind().await;
        let mut response = answered.unwrap_or_else(|_| panicked());
        if let Some(document) = document.as_ref().filter(|_| !response.errors.is_empty()) {
            complete(&mut response, document, operation.as_deref(), &self.types);
        }
        (response, document)
    }

    pub(super) fn subscribe(&self, request: Request) -> BoxStream<'static, Bytes> {
        let request = match request.into_graphql() {
            Ok(request) => request,
            Err(fault) => return future::ready(refusal(fault)).into_stream().boxed(),
        };
        let (operation, types) = (request.operation_name.clone(), Arc::clone(&self.types));
        let (request, document) = self.prepare(request);
        AssertUnwindSafe(self.schema.subscribe(request))
            .catch_unwind()
            .map(move |answered| {
                let mut response = answered.unwrap_or_else(|_| panicked());
                if let Some(document) = document.as_ref().filter(|_| !response.errors.is_empty()) {
                    complete(&mut response, document, operation.as_deref(), &types);
                }
                to_bytes(&with_codes(response))
            })
            .boxed()
    }

    /// The request with its document parsed, if it was seen before or can be parsed now. One that cannot is left
    /// to the library, whose error has the location.
    fn prepare(
        &self,
        mut request: async_graphql::Request,
    ) -> (async_graphql::Request, Option<Arc<ExecutableDocument>>) {
        let document = match self.parsed.get(request.query.as_str()) {
            Some(document) => document,
            None => match request.parsed_query() {
                Ok(document) => {
                    let mut document = document.clone();
                    wrap_conditions(&mut document);
                    let document = Arc::new(document);
                    self.parsed.insert(request.query.as_str().into(), Arc::clone(&document));
                    document
                }
                Err(_) => return (request, None),
            },
        };
        let mut settled = document.as_ref().clone();
        settle(&mut settled, request.operation_name.as_deref(), &mut request.variables);
        request.set_parsed_query(settled);
        (request, Some(document))
    }

    fn print(&self, response: Response) -> Bytes {
        let mut response = with_codes(response);
        if self.sdl != self.printed {
            mend_service(&mut response.data, &self.printed, &self.sdl);
        }
        to_bytes(&response)
    }
}

/// Puts the mended SDL where the library has put its own, under whatever alias.
fn mend_service(data: &mut Value, printed: &str, sdl: &str) {
    let Value::Object(fields) = data else { return };
    for field in fields.values_mut() {
        let Value::Object(service) = field else { continue };
        for text in service.values_mut() {
            if matches!(text, Value::String(text) if text == printed) {
                *text = Value::String(sdl.to_owned());
            }
        }
    }
}

fn to_bytes(response: &Response) -> Bytes {
    let mut bytes = Vec::with_capacity(RESPONSE_BYTES);
    match serde_json::to_writer(&mut bytes, response) {
        Ok(()) => bytes.into(),
        // Values of a schema always serialise; should one not, the client still gets a response.
        Err(error) => refusal(error.into()),
    }
}

/// A response that is an error and nothing else.
pub(super) fn refusal(fault: Fault) -> Bytes {
    let error = async_graphql::Error::from(fault);
    let mut server_error = ServerError::new(error.message, None);
    server_error.extensions = error.extensions;
    Bytes::from(serde_json::to_vec(&Response::from_errors(vec![server_error])).unwrap_or_default())
}

fn panicked() -> Response {
    let error = async_graphql::Error::from(Fault::broken("a resolver panicked"));
    let mut server_error = ServerError::new(error.message, None);
    server_error.extensions = error.extensions;
    Response::from_errors(vec![server_error])
}

/// The library's own errors have no code: those without a path are about the document, the others about an
/// argument's value.
fn with_codes(mut response: Response) -> Response {
    for error in &mut response.errors {
        let extensions = error.extensions.get_or_insert_with(ErrorExtensionValues::default);
        if extensions.get("code").is_none() {
            let code =
                if error.path.is_empty() { "GRAPHQL_VALIDATION_FAILED" } else { Code::BadUserInput.as_str() };
            extensions.set("code", code);
        }
    }
    response
}
