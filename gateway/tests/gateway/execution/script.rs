//! A small graph whose subgraphs answer from a script: for cases where the exact request or answer matters.
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use apollo_compiler::{ExecutableDocument, Schema, request::coerce_variable_values, validation::Valid};
use bytes::Bytes;
use serde_json::Value as Json;
use souk_gateway::{
    compose::{SubgraphSource, compose},
    execute::{Input, Variables, run},
    plan::{Overrides, Plan, PlanError, Planner},
    transport::{InProcess, Subgraph, SubgraphRequest, Subgraphs, TransportError},
};

pub(crate) const LINK: &str = r#"extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable", "@external", "@requires", "@inaccessible"])"#;

/// Products of one subgraph, reviewed in another.
pub(crate) const SHOP: &[(&str, &str)] = &[
    (
        "products",
        r#"type Query { product: Product products: [Product!] pair: [Product] any: JSON kind: Kind count: Int }
           type Mutation { add: Product touch: Product }
           type Subscription { changed: Product }
           type Product @key(fields: "id") { id: ID! name: String }
           scalar JSON
           scalar Upload
           enum Kind { BOOK FILM SECRET @inaccessible }"#,
    ),
    (
        "reviews",
        r#"type Product @key(fields: "id") { id: ID! score: Int stars: Int! by: [Author!] }
           type Author @key(fields: "id") { id: ID! }
           type Mutation { attach(file: Upload): String }
           scalar Upload"#,
    ),
    ("authors", r#"type Author @key(fields: "id") { id: ID! name: String! }"#),
];

type Log = Arc<Mutex<Vec<String>>>;

/// A planner over a graph, with its API schema.
pub(crate) struct Graph {
    pub(crate) planner: Planner,
    pub(crate) api: Valid<Schema>,
}

impl Graph {
    pub(crate) fn new(subgraphs: &[(&str, &str)]) -> Self {
        let source = |(name, sdl): &(&str, &str)| SubgraphSource {
            name: (*name).to_owned(),
            url: None,
            sdl: format!("{LINK}\n{sdl}"),
        };
        let sources: Vec<_> = subgraphs.iter().map(source).collect();
        let (supergraph, report) = compose(&sources);
        let supergraph = supergraph.unwrap_or_else(|| panic!("{report:?}"));
        let api = Schema::parse_and_validate(&supergraph.api_sdl, "api.graphql").unwrap();
        Self { planner: Planner::new(&supergraph.sdl).unwrap(), api }
    }

    pub(crate) fn document(&self, text: &str) -> Valid<ExecutableDocument> {
        ExecutableDocument::parse_and_validate(&self.api, text, "operation.graphql").unwrap()
    }

    pub(crate) fn plan(&self, text: &str) -> Result<Plan, PlanError> {
        self.plan_within(text, Duration::from_secs(20))
    }

    pub(crate) fn plan_within(&self, text: &str, deadline: Duration) -> Result<Plan, PlanError> {
        let document = self.document(text);
        let operation = document.operations.iter().next().unwrap();
        self.planner.plan(&document, operation, &Overrides::default(), deadline)
    }

    pub(crate) fn input(&self, text: &str, variables: &Json) -> Input {
        let document = self.document(text);
        let operation = document.operations.iter().next().unwrap();
        let variables = serde_json::from_value(variables.clone()).unwrap();
        let variables = coerce_variable_values(&self.api, operation, &variables).unwrap();
        Input { variables: Variables::new(&variables), ..Input::default() }
    }

    /// The answer to an operation without variables.
    pub(crate) async fn answer(&self, text: &str, script: &Script) -> String {
        let plan = self.plan(text).unwrap();
        let response = run(&plan, &self.input(text, &serde_json::json!({})), &script.subgraphs()).await;
        String::from_utf8(response.body.to_vec()).unwrap()
    }
}

/// What subgraphs answer, and what they were asked.
#[derive(Default)]
pub(crate) struct Script {
    replies: Vec<(&'static str, Reply)>,
    log: Log,
}

#[derive(Clone)]
enum Reply {
    Always(Bytes),
    /// Each once, in order.
    Each(Arc<Mutex<Vec<Bytes>>>),
    Fails(TransportError),
}

impl Script {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    pub(crate) fn with(mut self, subgraph: &'static str, body: impl Into<Vec<u8>>) -> Self {
        self.replies.push((subgraph, Reply::Always(body.into().into())));
        self
    }

    pub(crate) fn with_each(mut self, subgraph: &'static str, bodies: &[&'static str]) -> Self {
        let bodies = bodies.iter().rev().map(|body| Bytes::from_static(body.as_bytes())).collect();
        self.replies.push((subgraph, Reply::Each(Arc::new(Mutex::new(bodies)))));
        self
    }

    pub(crate) fn failing(mut self, subgraph: &'static str, error: TransportError) -> Self {
        self.replies.push((subgraph, Reply::Fails(error)));
        self
    }

    /// `subgraph query variables` of every request so far.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.log.lock().unwrap().clone()
    }

    pub(crate) fn subgraphs(&self) -> Subgraphs {
        let subgraph = |(name, reply): &(&'static str, Reply)| {
            let (name, reply, log) = (*name, reply.clone(), Arc::clone(&self.log));
            let subgraph: Arc<dyn Subgraph> = match reply {
                Reply::Fails(error) => Arc::new(Failing(error)),
                reply => Arc::new(InProcess::new(move |request: SubgraphRequest| {
                    let variables = String::from_utf8(request.variables.to_vec()).unwrap();
                    log.lock().unwrap().push(format!("{name} {} {variables}", request.query));
                    let body = match &reply {
                        Reply::Always(body) => body.clone(),
                        Reply::Each(bodies) => bodies.lock().unwrap().pop().unwrap_or_default(),
                        Reply::Fails(_) => Bytes::new(),
                    };
                    async move { body }
                })),
            };
            (name.to_owned(), subgraph)
        };
        self.replies.iter().map(subgraph).collect()
    }
}

struct Failing(TransportError);

#[async_trait::async_trait]
impl Subgraph for Failing {
    async fn execute(
        &self,
        _request: SubgraphRequest,
    ) -> Result<souk_gateway::transport::SubgraphResponse, TransportError> {
        Err(self.0.clone())
    }
}
