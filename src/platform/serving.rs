//! The gateway of this process, over our own subgraphs or any supergraph.

use std::sync::Arc;

use anyhow::Context;
use souk_gateway::{Builder, Example, Gateway};
use souk_kit::check::Check;
use souk_kit::clock::Clock;
use souk_kit::subgraph::Subgraph;
use tokio_util::sync::CancellationToken;

use super::{Bearers, Identity, forward, in_process, readiness, subgraphs, supergraph};
use crate::config::Config;
use crate::telemetry;

/// What GraphiQL shows in its tabs, in order.
const EXAMPLES: [(&str, &str); 7] = [
    (include_str!("examples/companies.graphql"), ""),
    (include_str!("examples/products.graphql"), include_str!("examples/products.json")),
    (include_str!("examples/search.graphql"), include_str!("examples/search.json")),
    (include_str!("examples/product.graphql"), include_str!("examples/product.json")),
    (include_str!("examples/categories.graphql"), include_str!("examples/categories.json")),
    (include_str!("examples/nearby.graphql"), include_str!("examples/nearby.json")),
    (include_str!("examples/create.graphql"), include_str!("examples/create.json")),
];

/// The gateway over our own subgraphs: those of `here` by a call, the others at their configured URLs.
pub(crate) async fn own(
    config: &Config,
    identity: &Identity,
    here: &[Arc<Subgraph>],
    (clock, engines): (&Clock, &[Check]),
    stop: &CancellationToken,
) -> anyhow::Result<Gateway> {
    let sources = supergraph::sources(config, here).await?;
    let composed = supergraph::compose(&sources)?;
    let mut builder = common(config, identity).supergraph(composed.sdl);
    for subgraph in here {
        let ready = readiness::watch(Arc::clone(subgraph), stop.clone());
        builder = builder
            .subgraph(subgraph.name(), in_process::transport(Arc::clone(subgraph), clock.clone()))
            .routes(subgraph.extra_routes())
            .readiness(move || ready.missing());
    }
    for engine in engines {
        let there = readiness::watch_engine(engine.clone(), stop.clone());
        builder = builder.goes_on_without(move || there.missing());
    }
    let elsewhere = |entry: &&subgraphs::Entry| here.iter().all(|subgraph| subgraph.name() != entry.name);
    for entry in subgraphs::ALL.iter().filter(elsewhere) {
        let url = &(entry.settings)(config).url;
        let there = readiness::watch_elsewhere(entry.name, url, stop.clone())?;
        // What others answer goes out without it.
        builder = builder.goes_on_without(move || there.missing()).routes(forward::routes(entry.files, url)?);
    }
    for (query, variables) in EXAMPLES {
        builder = builder.example(Example { query: query.to_owned(), variables: variables.to_owned() });
    }
    build(builder).await
}

/// The gateway over any supergraph, whose subgraphs verify tokens themselves as well.
pub(crate) async fn any(config: &Config, supergraph: String) -> anyhow::Result<Gateway> {
    let builder = Gateway::builder(config.gateway.clone())
        .authenticate(Bearers::open(config, &Clock::system())?)
        .metrics(telemetry::metrics);
    build(builder.supergraph(supergraph)).await
}

fn common(config: &Config, identity: &Identity) -> Builder {
    let jwks = identity.clone();
    Gateway::builder(config.gateway.clone())
        .authenticate(identity.clone())
        .metrics(telemetry::metrics)
        .jwks(move || jwks.jwks_document())
}

/// Building takes time on the processor, so it has a thread of its own.
async fn build(builder: Builder) -> anyhow::Result<Gateway> {
    let built = tokio::task::spawn_blocking(|| builder.build()).await.context("the gateway panicked")?;
    built.context("the gateway cannot serve this supergraph")
}
