//! The schema: one file per type, query and mutation. The roots are the lists below.

mod analytics;
mod company;
mod entities;
mod figures;
mod lists;
mod number;
mod product;
mod refusal;
mod series;
mod shop;
mod track;
mod track_input;

use async_graphql::{EmptySubscription, MergedObject, Schema, SchemaBuilder};
use souk_kit::clock::{TIMESTAMP_DESCRIPTION, Timestamp};

pub(crate) use track::Tracking;

/// What can be asked.
#[derive(MergedObject, Default)]
pub(crate) struct Query(entities::Entities);

/// What can be done.
#[derive(MergedObject, Default)]
pub(crate) struct Mutation(track::Track);

/// The schema, without the stores that its resolvers ask for.
pub(crate) fn schema() -> SchemaBuilder<Query, Mutation, EmptySubscription> {
    Schema::build(Query::default(), Mutation::default(), EmptySubscription)
        .override_output_type_description::<Timestamp>(TIMESTAMP_DESCRIPTION)
}
