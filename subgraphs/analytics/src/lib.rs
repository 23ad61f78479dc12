//! What visitors do, counted: the subgraph `analytics`, which takes events and answers with figures, and the worker that
//! counts them.
//!
//! It owns the rollups by hour, company and shop. Raw events stay in the log alone; of visitors it knows nothing but
//! pseudonyms, and of products no more than whose they are. It never knows orders or people: others' domains tell by
//! events what else is to be counted.

mod consumers;
pub mod domain;
mod events;
pub mod facts;
mod salts;
mod schema;
mod store;

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use souk_kit::clock::{Clock, Timestamp};
use souk_kit::fault::Fault;
use souk_kit::job::Job;
use souk_kit::ports::Ports;
use souk_kit::sql::{Access, Sql, SqlOutbox, sweeping};
use souk_kit::subgraph::Subgraph;
use souk_kit::worker::Worker;

use crate::consumers::{
    FoldProducts, FoldShops, FoldVisits, LearnCompanies, LearnOwners, LearnShops, forgetting,
};
use crate::facts::{Facts, MerchantFacts};
use crate::schema::Tracking;
pub use crate::store::rebuild::Rebuilt;
use crate::store::reports::Reports;

/// The name in the supergraph, of the worker, of the database and of the source of its events.
pub const NAME: &str = "analytics";

/// How often the worker looks whether something has become more popular or less.
const TOLD: Duration = Duration::from_mins(1);
/// How often the worker notes how long the log keeps events: as often as the log forgets.
const NOTED: Duration = Duration::from_hours(1);

/// The subgraph on the ports of a process: it reads the database, which the worker writes. `merchants` answers for
/// companies and shops of which no event has told yet.
pub async fn subgraph(ports: &Ports, merchants: Arc<dyn MerchantFacts>) -> Result<Subgraph, Fault> {
    let reading = Ports { access: Access::Reading, ..ports.clone() };
    let sql = reading.sql(NAME).await?;
    let schema = schema::schema()
        .enable_federation()
        .data(Reports::new(sql.clone()))
        .data(Facts::new(sql.clone(), merchants))
        .data(Tracking::new(ports))
        .finish();
    Ok(Subgraph::new(NAME, schema, ports).check("the database of analytics", move || answers(sql.clone())))
}

/// The worker, which is the only one that writes the database. `retention` is how long the log keeps every event; none
/// when it forgets nothing.
pub async fn worker(ports: &Ports, retention: Option<TimeDelta>) -> Result<Worker, Fault> {
    let sql = ports.sql(NAME).await?;
    let probe = sql.clone();
    Ok(Worker::new(NAME, ports)
        .migration(sql.migration::<store::Migrator>())
        .outbox(SqlOutbox::new(&sql))
        .batch_consumer(FoldVisits::new(&sql))
        .batch_consumer(FoldProducts::new(&sql))
        .batch_consumer(FoldShops::new(&sql))
        .batch_consumer(LearnOwners::new(&sql))
        .consumer(LearnCompanies::new(&sql))
        .consumer(LearnShops::new(&sql))
        .job(telling(&sql, &ports.clock))
        .job(forgetting(&sql))
        .job(noting(&sql, &ports.clock, retention))
        .job(sweeping("analytics.sweep", &sql, &ports.clock))
        .check("the database of analytics", move || answers(probe.clone())))
}

/// Counts again the hours that the log still holds, to the same figures, and leaves earlier ones alone. `retention` is
/// how long the log keeps every event; none when it forgets nothing. On SQLite the worker must not run meanwhile.
pub async fn rebuild(ports: &Ports, retention: Option<TimeDelta>) -> Result<Rebuilt, Fault> {
    let sql = ports.sql(NAME).await?;
    sql.migrate::<store::Migrator>().await?;
    store::rebuild::rebuild(&sql, ports.events.as_ref(), retention, &ports.clock).await
}

/// From when on `consumer` may take the log again: what was appended before would count twice. None when it may take all
/// of it. On SQLite the worker must not run meanwhile.
pub async fn earliest_replay(ports: &Ports, consumer: &str) -> Result<Option<Timestamp>, Fault> {
    if !store::replay::counts(consumer) {
        return Ok(None);
    }
    let sql = ports.sql(NAME).await?;
    sql.migrate::<store::Migrator>().await?;
    store::replay::earliest(&sql, consumer, ports.clock.now()).await
}

/// The job that tells what has become more popular or less.
fn telling(sql: &Sql, clock: &Clock) -> Job {
    let (sql, clock) = (sql.clone(), clock.clone());
    Job::every(TOLD, "analytics.tell-popularity", move || {
        let (sql, now) = (sql.clone(), clock.now());
        async move { store::popularity::tell(&sql, now).await.map(drop) }
    })
}

/// The job that notes how long the log keeps events, for rebuilds after it has been told to keep them for longer.
fn noting(sql: &Sql, clock: &Clock, retention: Option<TimeDelta>) -> Job {
    let (sql, clock) = (sql.clone(), clock.clone());
    Job::every(NOTED, "analytics.note-retention", move || {
        let (sql, now) = (sql.clone(), clock.now());
        async move { store::retention::note(&sql, retention, now).await }
    })
}

/// Whether the tables are there: the worker makes them.
async fn answers(sql: Sql) -> Result<(), Fault> {
    store::fold::received_in(&sql).await.map(drop)
}
