//! Companies and their shops: the subgraph `merchants`.
//!
//! It owns who sells on the platform: the companies, which are the tenants, and their shops, with addresses,
//! opening hours and people (by id alone: who they are is another subgraph's business). It never knows products,
//! stock or orders; other subgraphs add their fields to the entities `Company` and `Shop`.

mod domain;
mod events;
mod refusal_code;
mod schema;
mod store;

use souk_kit::fault::Fault;
use souk_kit::ports::Ports;
use souk_kit::sql::{Sql, SqlOutbox, sweeping};
use souk_kit::subgraph::Subgraph;

/// The name in the supergraph, of the database and of the source of its events.
pub const NAME: &str = "merchants";

/// Opens the database of companies and shops and builds the subgraph over it. Fails when the database cannot be
/// opened, or when another process has this role.
pub async fn subgraph(ports: &Ports) -> Result<Subgraph, Fault> {
    let sql = ports.sql(NAME).await?;
    let schema = schema::schema()
        .enable_federation()
        .data(store::Companies::new(sql.clone()))
        .data(store::Shops::new(sql.clone()))
        .finish();
    let probe = sql.clone();
    Ok(Subgraph::new(NAME, schema, ports)
        .migration(sql.migration::<store::Migrator>())
        .outbox(SqlOutbox::new(&sql))
        .job(sweeping("merchants.sweep", &sql, &ports.clock))
        .check("the database of merchants", move || answers(probe.clone())))
}

async fn answers(sql: Sql) -> Result<(), Fault> {
    Ok(sql.reader().ping().await?)
}
