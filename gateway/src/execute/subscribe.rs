//! Subscriptions: one fetch is a stream, and each of its events runs the rest of the plan.
use std::sync::Arc;

use futures::stream::{BoxStream, StreamExt as _};

use super::{
    Response, absorb, answer,
    error::{ClientError, Errors, Fault},
    flight::Flight,
    fly,
    input::Input,
    request::{Asked, request},
    store::Store,
};
use crate::{
    plan::{
        Plan,
        schedule::TaskId,
        steps::{Fetch, Route},
    },
    transport::{EventStream, OperationKind, SubgraphResponse, Subgraphs, TransportError},
};

/// Starts a subscription: each item is an answer. Without a stream, the answer says why.
pub async fn subscribe(
    plan: Arc<Plan>,
    input: Arc<Input>,
    subgraphs: Subgraphs,
) -> Result<BoxStream<'static, Response>, Response> {
    let (task, asked, events) = match start(&plan, &input, &subgraphs).await {
        Ok(started) => started,
        Err(fault) => return Err(refusal(fault)),
    };
    let asked = Arc::new(asked);
    let answers = events.then(move |event| {
        let (plan, input, subgraphs, asked) =
            (Arc::clone(&plan), Arc::clone(&input), subgraphs.clone(), Arc::clone(&asked));
        async move {
            let reply = event.map(|body| SubgraphResponse { body, ..SubgraphResponse::default() });
            on_event(&plan, &input, &subgraphs, task, &asked, reply).await
        }
    });
    Ok(answers.boxed())
}

async fn start(
    plan: &Plan,
    input: &Input,
    subgraphs: &Subgraphs,
) -> Result<(TaskId, Asked, EventStream), Fault> {
    let route = plan.route(|name| input.variables.is_true(name));
    let (task, fetch) =
        source(route).ok_or_else(|| Fault::of_value("the plan has no subscription".to_owned()))?;
    let store = Store::new(Arc::clone(&plan.types));
    let id = route.schedule.task(task).and_then(|task| task.fetch);
    let asked = id.and_then(|id| request(id, fetch, &store, input));
    let (asked, request) =
        asked.ok_or_else(|| Fault::of_value("the subscription selects nothing".to_owned()))?;
    let events = match subgraphs.get(&fetch.subgraph) {
        Some(subgraph) => subgraph.subscribe(request).await,
        None => Err(TransportError::Unsupported("no such subgraph is configured")),
    };
    let events = events
        .map_err(|error| Fault::of_subgraph(&fetch.subgraph, "SUBGRAPH_UNAVAILABLE", &error.to_string()))?;
    Ok((task, asked, events))
}

/// The fetch that is the stream.
fn source(route: &Route) -> Option<(TaskId, &Fetch)> {
    (0..).map(TaskId).zip(&route.schedule.tasks).find_map(|(id, task)| {
        let fetch = route.fetch(task.fetch?)?;
        (fetch.kind == OperationKind::Subscription).then_some((id, fetch))
    })
}

async fn on_event(
    plan: &Plan,
    input: &Input,
    subgraphs: &Subgraphs,
    task: TaskId,
    asked: &Asked,
    reply: Result<SubgraphResponse, TransportError>,
) -> Response {
    let (mut store, mut errors) = (Store::new(Arc::clone(&plan.types)), Errors::default());
    let route = plan.route(|name| input.variables.is_true(name));
    let Some(fetch) = route.fetch(asked.fetch) else { return answer(plan, &store, input, errors) };
    absorb::absorb(&mut store, &mut errors, plan, fetch, asked, reply);
    let flight = Flight::new(route, input, subgraphs).without(task);
    fly(flight, store, errors, plan, input).await
}

/// An answer without data: the operation was not begun.
fn refusal(fault: Fault) -> Response {
    let mut errors = Errors::default();
    errors.add(ClientError { fault, path: None });
    let mut body = b"{\"errors\":".to_vec();
    errors.write(&mut body);
    body.push(b'}');
    Response { body: body.into(), errors: errors.len(), has_data: false }
}
