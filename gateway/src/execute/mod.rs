//! Runs a plan: asks the subgraphs, joins their answers by reference and writes the client's answer from ranges of their bytes.
mod absorb;
mod error;
mod flight;
mod input;
mod json;
mod leaf;
mod places;
mod project;
mod represent;
mod request;
mod store;
mod subscribe;
mod visible;

use std::sync::Arc;

use bytes::Bytes;

pub use input::{Input, Variables};
pub use subscribe::subscribe;

use self::{error::Errors, flight::Flight, store::Store};
use crate::{plan::Plan, transport::Subgraphs};

/// The answer to an operation.
#[derive(Debug, Clone)]
pub struct Response {
    /// `{"data": …}` with `errors` where there are any.
    pub body: Bytes,
    /// How many errors `body` lists.
    pub errors: usize,
    /// Whether `data` is there and not `null`.
    pub has_data: bool,
}

/// Runs a query or mutation. Faults of subgraphs become errors in the answer: this never fails.
pub async fn run(plan: &Plan, input: &Input, subgraphs: &Subgraphs) -> Response {
    let route = plan.route(|name| input.variables.is_true(name));
    let flight = Flight::new(route, input, subgraphs);
    fly(flight, Store::new(Arc::clone(&plan.types)), Errors::default(), plan, input).await
}

/// The loop. Only it waits: asking, taking in and writing are functions of bytes.
async fn fly(
    mut flight: Flight<'_>,
    mut store: Store,
    mut errors: Errors,
    plan: &Plan,
    input: &Input,
) -> Response {
    flight.launch(&store);
    while let Some((asked, reply)) = flight.land().await {
        if let Some(fetch) = flight.route.fetch(asked.fetch) {
            absorb::absorb(&mut store, &mut errors, plan, fetch, &asked, reply);
        }
        flight.launch(&store);
    }
    answer(plan, &store, input, errors)
}

fn answer(plan: &Plan, store: &Store, input: &Input, mut errors: Errors) -> Response {
    let mut body = Vec::with_capacity(store.bytes() + 64);
    body.extend_from_slice(b"{\"data\":");
    visible::tell_the_client(&mut errors, plan, store, input);
    let has_data = project::data(plan, store, input, &mut errors, &mut body);
    if !errors.is_empty() {
        body.extend_from_slice(b",\"errors\":");
        errors.write(&mut body);
    }
    body.push(b'}');
    Response { body: body.into(), errors: errors.len(), has_data }
}
