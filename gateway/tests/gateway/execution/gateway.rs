//! The gateway under test: a plan over a suite's supergraph, with servers for its subgraphs in this process or behind sockets.
use std::{collections::BTreeSet, sync::Arc, time::Duration};

use apollo_compiler::{
    ExecutableDocument, Name, executable::Field, request::coerce_variable_values, response::JsonMap,
    validation::Valid,
};
use axum::{Router, body::Bytes, extract::State, routing::post};
use serde_json::Value as Json;
use souk_gateway::{
    execute::{Input, Variables, run},
    plan::{Overrides, Plan, PlanError, Planner, Variant, undecided},
    transport::{Http, HttpOptions, InProcess, Subgraph, SubgraphRequest, Subgraphs},
};
use tokio::task::JoinHandle;

use super::{resolve::Server, suite::Suite, world::World};

/// A suite with data.
pub(crate) struct Bed {
    pub(crate) suite: Suite,
    pub(crate) world: World,
    pub(crate) planner: Planner,
    /// Names of fields that the caller may not have.
    pub(crate) refused: BTreeSet<String>,
}

impl Bed {
    pub(crate) fn new(suite: Suite, world: World) -> Arc<Self> {
        Self::refusing(BTreeSet::new(), suite, world)
    }

    pub(crate) fn refusing(refused: BTreeSet<String>, suite: Suite, world: World) -> Arc<Self> {
        let planner = Planner::new(&suite.supergraph).unwrap();
        Arc::new(Self { suite, world, planner, refused })
    }

    /// The answer of one server with the whole schema.
    pub(crate) fn expected(&self, document: &Valid<ExecutableDocument>, variables: &JsonMap) -> Json {
        let server = Server {
            schema: &self.suite.api,
            world: &self.world,
            taken_over: Vec::new(),
            is_subgraph: false,
            refused: self.refused.clone(),
        };
        // The compiler crate fills the defaults of input fields in values that are given, not in default values.
        let operation = document.operations.iter().next().unwrap();
        match coerce_variable_values(&self.suite.api, operation, variables) {
            Ok(variables) => server.execute(document, &variables),
            Err(_) => server.execute(document, variables),
        }
    }

    /// The plan for an operation with these values of the variables that one plan does not tell apart.
    pub(crate) fn plan(
        &self,
        document: &Valid<ExecutableDocument>,
        variables: &Json,
    ) -> Result<Plan, PlanError> {
        let operation = document.operations.iter().next().unwrap();
        let variables = serde_json::from_value(variables.clone()).unwrap();
        let variables = coerce_variable_values(&self.suite.api, operation, &variables).unwrap();
        let decided = undecided(document, operation).into_iter();
        let decided = decided
            .map(|name| (name.clone(), variables.get(&*name).is_some_and(|it| it.as_bool() == Some(true))))
            .collect();
        let limit = Duration::from_secs(20);
        let overrides = Overrides::default();
        let refuses = |_: &Name, field: &Field| self.refused.contains(field.name.as_str());
        let variant = Variant { overrides: &overrides, decided: &decided, refuses: &refuses };
        self.planner.plan_for(document, operation, variant, limit)
    }

    /// The answer of the gateway, and its text.
    pub(crate) async fn actual(
        &self,
        plan: &Plan,
        document: &Valid<ExecutableDocument>,
        variables: &JsonMap,
        subgraphs: &Subgraphs,
    ) -> String {
        let operation = document.operations.iter().next().unwrap();
        let variables = coerce_variable_values(&self.suite.api, operation, variables).unwrap();
        let input = Input { variables: Variables::new(&variables), ..Input::default() };
        let response = run(plan, &input, subgraphs).await;
        String::from_utf8(response.body.to_vec()).unwrap()
    }

    /// What the subgraph `name` answers.
    fn answer(&self, name: &str, query: &str, variables: &[u8]) -> Bytes {
        let schema = &self.suite.subgraphs.iter().find(|(own, _)| own == name).unwrap().1;
        let server = Server {
            schema,
            world: &self.world,
            taken_over: self.taken_over(name),
            is_subgraph: true,
            refused: BTreeSet::new(),
        };
        let variables = serde_json::from_slice(variables).unwrap();
        serde_json::to_vec(&server.answer(query, &variables)).unwrap().into()
    }

    /// Fields that others took over from `name` with `@override`.
    fn taken_over(&self, name: &str) -> Vec<(String, String)> {
        let mut fields = Vec::new();
        for (_, schema) in &self.suite.subgraphs {
            for (ty, definition) in &schema.types {
                let Some(definition) = definition.as_object() else { continue };
                for (field, definition) in &definition.fields {
                    let over = definition.directives.get("override");
                    let from = over.and_then(|it| it.specified_argument_by_name("from")?.as_str());
                    if from == Some(name)
                        && over.is_some_and(|it| it.specified_argument_by_name("label").is_none())
                    {
                        fields.push((ty.to_string(), field.to_string()));
                    }
                }
            }
        }
        fields
    }

    /// The subgraphs as functions of this process; one may be dead.
    pub(crate) fn in_process(self: &Arc<Self>, dead: Option<&str>) -> Subgraphs {
        let subgraph = |(name, _): &(String, _)| {
            let (bed, own, is_dead) = (Arc::clone(self), name.clone(), dead == Some(name));
            let answer = move |request: SubgraphRequest| {
                assert!(!is_dead, "dead");
                let body = bed.answer(&own, &request.query, &request.variables);
                async move { body }
            };
            (name.clone(), Arc::new(InProcess::new(answer)) as Arc<dyn Subgraph>)
        };
        self.suite.subgraphs.iter().map(subgraph).collect()
    }

    /// The subgraphs behind sockets of the loopback, as long as the returned servers live.
    pub(crate) async fn over_http(self: &Arc<Self>) -> (Subgraphs, Servers) {
        let (mut subgraphs, mut servers) = (Vec::new(), Vec::new());
        for (name, _) in &self.suite.subgraphs {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            let url = format!("http://{}/graphql", listener.local_addr().unwrap());
            let router =
                Router::new().route("/graphql", post(serve)).with_state((Arc::clone(self), name.clone()));
            servers.push(tokio::spawn(async move { axum::serve(listener, router).await.unwrap() }));
            let http: Arc<dyn Subgraph> = Arc::new(Http::new(&url, &HttpOptions::default()).unwrap());
            subgraphs.push((name.clone(), http));
        }
        (subgraphs.into_iter().collect(), Servers(servers))
    }
}

async fn serve(
    State((bed, name)): State<(Arc<Bed>, String)>,
    body: Bytes,
) -> ([(&'static str, &'static str); 1], Bytes) {
    let request: Json = serde_json::from_slice(&body).unwrap();
    let variables = request.get("variables").map_or("{}".to_owned(), ToString::to_string);
    let answer = bed.answer(&name, request["query"].as_str().unwrap(), variables.as_bytes());
    ([("content-type", "application/graphql-response+json")], answer)
}

/// Servers that stop when this is dropped.
pub(crate) struct Servers(Vec<JoinHandle<()>>);

impl Drop for Servers {
    fn drop(&mut self) {
        self.0.iter().for_each(JoinHandle::abort);
    }
}
