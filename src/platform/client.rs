//! The platform's API as the chores use it: imports and seeds are clients like any other, of the gateway in this
//! process or of one that runs elsewhere.

use std::time::Duration;

use anyhow::{Context, bail};
use bytes::Bytes;
use futures::StreamExt;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use souk_gateway::transport::{Upload, UploadContent};
use souk_gateway::{File, Gateway, Request};
use souk_kit::principal::Principal;

/// How long an answer may take: a bulk mutation with pictures is long.
const TIME_OUT: Duration = Duration::from_mins(5);

/// Somebody who calls the API.
#[derive(Clone)]
pub(crate) struct Client(Target);

#[derive(Clone)]
enum Target {
    Here { gateway: Gateway, principal: Principal },
    Elsewhere { client: reqwest::Client, url: String, token: String },
}

/// A file that a mutation takes.
pub(crate) struct Attachment {
    /// Which variable is the file, such as `variables.input.file`.
    pub(crate) path: &'static str,
    pub(crate) name: String,
    pub(crate) content: Bytes,
}

impl Client {
    /// `principal` at the gateway of this process.
    pub(crate) fn here(gateway: Gateway, principal: Principal) -> Self {
        Self(Target::Here { gateway, principal })
    }

    /// Whoever `token` names, at the gateway whose endpoint is `url`.
    pub(crate) fn elsewhere(url: &str, token: &str) -> anyhow::Result<Self> {
        let client = reqwest::Client::builder().timeout(TIME_OUT).no_proxy().build()?;
        Ok(Self(Target::Elsewhere { client, url: url.to_owned(), token: token.to_owned() }))
    }

    /// The `data` of the answer.
    ///
    /// # Errors
    /// When there is no answer, or it has errors: their messages, one a line.
    pub(crate) async fn ask(&self, query: &str, variables: Value) -> anyhow::Result<Value> {
        self.send(query, variables, None).await
    }

    /// The same with a file along.
    pub(crate) async fn attach(
        &self,
        query: &str,
        variables: Value,
        file: Attachment,
    ) -> anyhow::Result<Value> {
        self.send(query, variables, Some(file)).await
    }

    async fn send(&self, query: &str, variables: Value, file: Option<Attachment>) -> anyhow::Result<Value> {
        let body = match &self.0 {
            Target::Here { gateway, principal } => {
                let mut request = Request::new(query).with_variables(variables);
                request.extensions.insert(principal.clone());
                request.files = file.map(Attachment::into_file).into_iter().collect();
                gateway.execute(request).await.body
            }
            Target::Elsewhere { client, url, token } => {
                let body = json!({ "query": query, "variables": variables });
                let request = client.post(url).bearer_auth(token);
                let request = match file {
                    None => request.json(&body),
                    Some(file) => request.header("x-souk-client", "souk").multipart(file.into_form(&body)),
                };
                let answered = async { request.send().await?.bytes().await };
                answered.await.with_context(|| format!("{url} does not answer"))?
            }
        };
        data(&body)
    }
}

impl Attachment {
    fn into_file(self) -> File {
        let content = self.content;
        let stream = futures::stream::iter([Ok(content)]).boxed();
        let upload = Upload {
            variable: String::new(),
            path: String::new(),
            file_name: Some(self.name),
            content_type: None,
            content: UploadContent::new(stream),
        };
        File { path: self.path.to_owned(), upload }
    }

    /// By the GraphQL multipart request specification.
    fn into_form(self, operations: &Value) -> Form {
        let map = json!({ "0": [self.path] });
        let file = Part::stream(self.content).file_name(self.name);
        Form::new().text("operations", operations.to_string()).text("map", map.to_string()).part("0", file)
    }
}

fn data(body: &[u8]) -> anyhow::Result<Value> {
    let mut answer: Value = serde_json::from_slice(body).context("the answer is no GraphQL response")?;
    if let Some(errors) = answer.get("errors").and_then(Value::as_array).filter(|errors| !errors.is_empty()) {
        let messages: Vec<_> = errors
            .iter()
            .map(|error| error.get("message").and_then(Value::as_str).unwrap_or("an error without a message"))
            .collect();
        bail!("{}", messages.join("\n"));
    }
    Ok(answer.get_mut("data").map(Value::take).unwrap_or_default())
}

/// The refusals of a mutation's payload, as an error.
pub(crate) fn user_errors(payload: &Value) -> anyhow::Result<()> {
    let refused: Vec<_> = payload["userErrors"].as_array().into_iter().flatten().collect();
    if refused.is_empty() {
        return Ok(());
    }
    let sentences: Vec<_> = refused
        .iter()
        .map(|error| {
            let text = |field: &str| error[field].as_str().unwrap_or_default().to_owned();
            format!("{} ({})", text("message"), text("code"))
        })
        .collect();
    bail!("{}", sentences.join("; "))
}
