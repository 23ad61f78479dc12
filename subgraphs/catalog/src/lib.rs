//! The catalogue: products and variants, categories, collections, attributes, prices and price lists, media.
//!
//! It owns what is offered, where and for how much. It never holds stock, carts or orders, never converts
//! currencies and never computes tax. Of companies and shops it keeps a small copy, fed by their events.

pub mod domain;
pub mod error;
mod events;
pub mod facts;
mod media;
mod schema;
pub mod store;

use std::sync::Arc;

use async_graphql::{EmptySubscription, Schema};
use souk_kit::clock::{Clock, TIMESTAMP_DESCRIPTION, Timestamp};
use souk_kit::fault::Fault;
use souk_kit::job::Job;
use souk_kit::ports::Ports;
use souk_kit::subgraph::Subgraph;

use crate::events::{LearnCompanies, LearnShops, Reprice};
use crate::facts::CompanyFacts;
use crate::media::MediaFiles;
use crate::store::{Catalog, repricing};

pub use crate::schema::MediaBase;

/// The name in the supergraph, of the database and of the source of its events.
pub const NAME: &str = "catalog";

/// The subgraph `catalog` on the ports of a process. `facts` answers for companies and shops of which no event
/// has told yet: an internal operation of merchants.
pub async fn subgraph(
    ports: &Ports,
    facts: Arc<dyn CompanyFacts>,
    media: MediaBase,
) -> Result<Subgraph, Fault> {
    let engine = ports.documents(NAME).await?;
    let probe = Arc::clone(&engine);
    let mut collections = Catalog::collections(engine, ports.idempotency_retention);
    if ports.documents.is_some() {
        collections = collections.sharing(Arc::clone(&ports.sessions));
    }
    let catalog = Arc::new(Catalog::new(&collections, facts, ports.clock.clone()));
    let companies = Arc::clone(&catalog.companies);
    let files = MediaFiles::new(ports.blobs.clone());
    let schema = Schema::build(schema::Query::default(), schema::Mutation::default(), EmptySubscription)
        .enable_federation()
        .override_output_type_description::<Timestamp>(TIMESTAMP_DESCRIPTION)
        .data(Arc::clone(&catalog))
        .data(files.clone())
        .data(media)
        .finish();
    Ok(Subgraph::new(NAME, schema, ports)
        .migration(collections.migration())
        .job(collections.sweeping("catalog.sweep", &ports.clock))
        .outbox(collections)
        .consumer(LearnCompanies::new(Arc::clone(&companies), ports.clock.clone()))
        .consumer(LearnShops::new(companies, ports.clock.clone()))
        .consumer(Reprice::new(Arc::clone(&catalog), ports.clock.clone()))
        .job(reprice_due(Arc::clone(&catalog), ports.clock.clone()))
        .job(reprice_all(catalog, ports.clock.clone()))
        .check("the documents of the catalogue", move || {
            let engine = Arc::clone(&probe);
            async move { engine.ping().await }
        })
        .routes(media::routes(files)))
}

/// Brings products in step for which a price list has begun or ended.
fn reprice_due(catalog: Arc<Catalog>, clock: Clock) -> Job {
    Job::every(repricing::DUE, "catalog.reprice-due", move || {
        let (catalog, now) = (Arc::clone(&catalog), clock.now());
        async move { catalog.reprice_due(now).await.map(|_| ()) }
    })
}

/// Brings products in step that slipped by, and those that were indexed before offers were.
fn reprice_all(catalog: Arc<Catalog>, clock: Clock) -> Job {
    Job::every(repricing::EVERYTHING, "catalog.reprice-all", move || {
        let (catalog, now) = (Arc::clone(&catalog), clock.now());
        async move { catalog.reprice_all(now).await.map(|_| ()) }
    })
}
