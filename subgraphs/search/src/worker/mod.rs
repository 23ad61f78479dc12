//! The worker `search-indexer`: hears what products are made of, and brings the index in step.

mod heard_companies;
mod heard_popularity;
mod heard_products;
mod heard_shared;
mod heard_shops;
mod indexing;
mod lock;
mod loss;
mod rebuilding;

use std::sync::Arc;
use std::time::Duration;

use souk_kit::clock::Clock;
use souk_kit::fault::Fault;
use souk_kit::job::Job;
use souk_kit::ports::Ports;
use souk_kit::sql::sweeping;
use souk_kit::worker::Worker;

use crate::index::SharedSearchIndex;
use crate::source::CatalogSource;
use crate::store::{IndexerTables, Projections};

use heard_companies::LearnCompanies;
use heard_popularity::LearnPopularity;
use heard_products::LearnProducts;
use heard_shared::{LearnCategories, LearnPriceLists};
use heard_shops::LearnShops;
use indexing::Indexing;
use rebuilding::Rebuilding;
pub use rebuilding::{Progress, rebuild_progress, request_rebuild};

/// The name on the command line, and of the worker's database.
pub const INDEXER: &str = "search-indexer";

/// How long a job rests before its next turn. Turns of the indexing wait for changes by themselves.
const REST: Duration = Duration::from_millis(20);
/// How often requests to build the index anew are looked for.
const LOOK: Duration = Duration::from_millis(500);
/// How often it is measured how far the index is behind.
const MEASURED: Duration = Duration::from_secs(5);

/// The worker over `index`, which nobody else writes but workers of this name. `source` answers for the catalogue when
/// the projections are to be built anew; without it that is refused.
pub async fn indexer(
    ports: &Ports,
    index: SharedSearchIndex,
    source: Option<Arc<dyn CatalogSource>>,
) -> Result<Worker, Fault> {
    let sql = ports.sql(INDEXER).await?;
    let projections = Projections::new(&sql);
    let rebuilding = Arc::new(Rebuilding::new(
        projections.clone(),
        Arc::clone(&index),
        source,
        (ports.clock.clone(), ports.sessions.clone()),
    ));
    let indexing =
        Indexing::new(projections.clone(), Arc::clone(&index), ports.clock.clone(), rebuilding.was_checked());
    let clock = &ports.clock;
    let (waiting, measuring) = (projections.clone(), ports.clock.clone());
    Ok(Worker::new(INDEXER, ports)
        .migration(sql.migration::<IndexerTables>())
        .batch_consumer(LearnProducts::new(projections.clone(), clock.clone()))
        .consumer(LearnCategories::new(projections.clone(), clock.clone()))
        .consumer(LearnPriceLists::new(projections.clone(), clock.clone()))
        .consumer(LearnCompanies::new(projections.clone(), clock.clone()))
        .consumer(LearnShops::new(projections.clone(), clock.clone()))
        .consumer(LearnPopularity::new(projections, clock.clone()))
        .job(Job::every(REST, "search-indexer.index", move || {
            let indexing = indexing.clone();
            async move { indexing.turn().await }
        }))
        .job(sweeping("search-indexer.sweep", &sql, clock))
        .job(Job::every(MEASURED, "search-indexer.measure", move || {
            let (waiting, clock) = (waiting.clone(), measuring.clone());
            async move { measure(&waiting, &clock).await }
        }))
        .job(Job::every(LOOK, "search-indexer.rebuild", move || {
            let rebuilding = Arc::clone(&rebuilding);
            async move { rebuilding.turn().await }
        }))
        .check("the database of the indexer", move || {
            let sql = sql.clone();
            async move { Ok(sql.reader().ping().await?) }
        })
        .check("the search index", move || {
            let index = Arc::clone(&index);
            async move { index.check().await }
        }))
}

/// Tells operators how many products wait for the index, and for how long the first of them has.
async fn measure(projections: &Projections, clock: &Clock) -> Result<(), Fault> {
    let (waiting, since) = projections.backlog().await?;
    let age = since.map_or(0, |since| clock.now().timestamp_micros().saturating_sub(since).max(0));
    #[expect(clippy::cast_precision_loss, reason = "gauges are floats, and no backlog is that long")]
    let (waiting, seconds) = (waiting as f64, age as f64 / 1e6);
    metrics::gauge!("souk_search_waiting_products").set(waiting);
    metrics::gauge!("souk_search_lag_seconds").set(seconds);
    Ok(())
}
