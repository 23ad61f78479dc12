//! A gateway whose only subgraph echoes what reached it.

use std::sync::Arc;
use std::time::Duration;

use apollo_compiler::executable::{Field, Operation, Value};
use apollo_compiler::{ExecutableDocument, Schema};
use axum::body::Body;
use bytes::Bytes;
use futures::StreamExt;
use http::{HeaderMap, Request, StatusCode};
use http_body_util::BodyExt;
use serde_json::{Map, Value as Json, json};
use souk_gateway::compose::{SubgraphSource, compose};
use souk_gateway::transport::{InProcess, SubgraphRequest};
use souk_gateway::{Builder, Gateway, Settings};
use tower::ServiceExt;

/// The subgraph's schema.
pub(super) const SDL: &str = r#"
scalar Upload
enum Size { S L }
input Pick @oneOf { id: ID slug: String }
input Draft { title: String! files: [Upload!] cover: Upload }

type Query {
  hello(name: String = "you"): String!
  "How long a subgraph takes, in milliseconds."
  slow(ms: Int!): String!
  "What the subgraph received in a header."
  header(name: String!): String
  "What the host said of the caller."
  caller: String
  pick(by: Pick!): String
  sizes(of: [Size!]!): String
  fails: String
}
type Mutation {
  rename(name: String!): String!
  upload(file: Upload!): String
  publish(draft: Draft!): String
}
type Subscription { ticks: Int }
"#;

/// What a host would put into the extensions.
#[derive(Clone)]
pub(super) struct Caller(pub(super) String);

pub(super) fn settings() -> Settings {
    serde_json::from_value(json!({
        "host": "127.0.0.1", "port": 0, "request_timeout_ms": 2_000, "head_timeout_ms": 2_000, "shutdown_grace_ms": 2_000,
        "body_limit_bytes": 100_000, "compression": true, "graphiql": true, "introspection": true,
        "operation_cache_bytes": 10_000_000,
        "limits": { "tokens": 5_000, "depth": 20, "fields": 1_000, "cost": 100_000, "list_size": 10, "planning_timeout_ms": 2_000, "planning_threads": 0 },
        "authorization": { "reject_unauthorized": false },
        "uploads": { "enabled": true, "files": 3, "file_bytes": 200_000, "at_once": 2 },
        "cors": { "origins": ["https://shop.example"], "credentials": true, "max_age_seconds": 60 },
        "csrf": { "prevention": true, "required_headers": ["apollo-require-preflight"] },
        "headers": { "forward": ["authorization", "traceparent", "x-request-id"], "trusted_proxies": ["127.0.0.0/8"] },
        "subgraphs": {
            "timeout_ms": 5_000, "connect_timeout_ms": 500, "idle_timeout_ms": 1_000,
            "response_bytes": 1_000_000, "h2c": false,
        },
    }))
    .unwrap()
}

pub(super) fn supergraph(sdl: &str) -> String {
    let source = SubgraphSource { name: "echo".to_owned(), url: None, sdl: sdl.to_owned() };
    let (supergraph, report) = compose(&[source]);
    supergraph.unwrap_or_else(|| panic!("{report:?}")).sdl
}

pub(super) fn builder(settings: Settings) -> Builder {
    Gateway::builder(settings).supergraph(supergraph(SDL)).subgraph("echo", Arc::new(echo(SDL)))
}

pub(super) fn gateway() -> Gateway {
    builder(settings()).build().unwrap()
}

/// A subgraph that answers root fields of `sdl` with what it knows of the request.
pub(super) fn echo(sdl: &str) -> InProcess {
    let schema = Arc::new(
        Schema::parse_and_validate(format!("directive @oneOf on INPUT_OBJECT {sdl}"), "echo").unwrap(),
    );
    InProcess::new(move |request| {
        let schema = Arc::clone(&schema);
        async move {
            let document = ExecutableDocument::parse(&schema, &*request.query, "fetch").unwrap();
            let operation = document.operations.get(None).unwrap();
            let mut answer = Answers { request: &request, operation, data: Map::new(), errors: Vec::new() };
            for field in operation.root_fields(&document) {
                answer.add(field).await;
            }
            let mut response = json!({ "data": answer.data });
            if !answer.errors.is_empty() {
                response["errors"] = answer.errors.into();
            }
            Bytes::from(response.to_string())
        }
    })
}

struct Answers<'a> {
    request: &'a SubgraphRequest,
    operation: &'a Operation,
    data: Map<String, Json>,
    errors: Vec<Json>,
}

impl Answers<'_> {
    async fn add(&mut self, field: &Field) {
        let key = field.response_key().to_string();
        let value = match field.name.as_str() {
            "hello" => {
                format!("Hello {}", self.text(field, "name").unwrap_or_else(|| "you".to_owned())).into()
            }
            "slow" => {
                let ms: u64 = self.text(field, "ms").unwrap().parse().unwrap();
                tokio::time::sleep(Duration::from_millis(ms)).await;
                format!("after {ms} ms").into()
            }
            "header" => {
                let name = self.text(field, "name").unwrap();
                let value = self.request.headers.get(name.as_str());
                value.map_or(Json::Null, |value| value.to_str().unwrap().into())
            }
            "caller" => {
                self.request.extensions.get::<Caller>().map_or(Json::Null, |caller| caller.0.clone().into())
            }
            "rename" => self.text(field, "name").unwrap().into(),
            "upload" | "publish" => self.files().await.into(),
            "fails" => {
                self.errors.push(
                    json!({ "message": "It failed.", "path": [key], "extensions": { "code": "BROKEN" } }),
                );
                Json::Null
            }
            _ => "known".into(),
        };
        self.data.insert(key, value);
    }

    fn text(&self, field: &Field, name: &str) -> Option<String> {
        match &**field.specified_argument_by_name(name)? {
            Value::Variable(name) => {
                let variables: Json = serde_json::from_slice(&self.request.variables).unwrap();
                let default =
                    self.operation.variables.iter().find(|one| one.name == *name)?.default_value.as_ref();
                match &variables[name.as_str()] {
                    Json::Null => default.and_then(|value| value.as_str()).map(str::to_owned),
                    Json::String(text) => Some(text.clone()),
                    other => Some(other.to_string()),
                }
            }
            Value::String(text) => Some(text.clone()),
            other => Some(other.to_string()),
        }
    }

    /// Each file as `path name type length`.
    async fn files(&self) -> String {
        let mut lines = Vec::new();
        for upload in &self.request.uploads {
            let mut length = 0;
            let mut content = upload.content.take().unwrap();
            while let Some(chunk) = content.next().await {
                match chunk {
                    Ok(chunk) => length += chunk.len(),
                    Err(_) => return "broken".to_owned(),
                }
            }
            let name = upload.file_name.as_deref().unwrap_or("-");
            let content_type = upload.content_type.as_deref().unwrap_or("-");
            lines.push(format!("{} {} {name} {content_type} {length}", upload.variable, upload.path));
        }
        lines.join("; ")
    }
}

/// An HTTP answer.
pub(super) struct Reply {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) text: String,
}

impl Reply {
    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(super) fn json(&self) -> Json {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("{} {}", self.status, self.text))
    }

    /// The code of the first error, or `data` if there is data.
    pub(super) fn code_or_data(&self) -> String {
        if self.json()["data"].is_null() { self.code() } else { "data".to_owned() }
    }

    /// `extensions.code` of the first error, or nothing.
    pub(super) fn code(&self) -> String {
        self.json()["errors"][0]["extensions"]["code"].as_str().unwrap_or_default().to_owned()
    }
}

pub(super) async fn send(
    gateway: &Gateway,
    method: &str,
    uri: &str,
    headers: &[(&str, &str)],
    body: impl Into<Body>,
) -> Reply {
    let mut request = Request::builder().method(method).uri(uri);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = gateway.router().oneshot(request.body(body.into()).unwrap()).await.unwrap();
    let (head, body) = response.into_parts();
    let bytes = body.collect().await.unwrap().to_bytes();
    Reply { status: head.status, headers: head.headers, text: String::from_utf8_lossy(&bytes).into_owned() }
}

/// Posts a GraphQL request as JSON.
pub(super) async fn post(gateway: &Gateway, body: &Json) -> Reply {
    let headers = [("content-type", "application/json"), ("accept", "application/graphql-response+json")];
    send(gateway, "POST", "/graphql", &headers, body.to_string()).await
}
