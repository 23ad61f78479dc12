//! The GraphQL schema of merchants. Doc comments of its types and fields are the API's descriptions.
#![expect(
    clippy::unused_async,
    reason = "the GraphQL library takes resolvers that fail only as async functions"
)]

mod address;
mod budget;
mod company;
mod company_create;
mod company_deactivate;
mod company_queries;
mod company_reactivate;
mod company_update;
mod company_where;
mod contact;
mod coordinates;
mod internal_queries;
mod look;
mod naming;
mod omitted;
mod opening_hours;
mod plan;
mod settings;
mod shop;
mod shop_create;
mod shop_deactivate;
mod shop_queries;
mod shop_reactivate;
mod shop_staff;
mod shop_update;
mod shop_where;
mod user;

use async_graphql::{EmptySubscription, MergedObject, Schema, SchemaBuilder};
use souk_kit::clock::{TIMESTAMP_DESCRIPTION, Timestamp};

/// What can be asked.
#[derive(MergedObject, Default)]
pub(crate) struct Query(
    company_queries::CompanyQueries,
    shop_queries::ShopQueries,
    internal_queries::InternalQueries,
);

/// What can be done.
#[derive(MergedObject, Default)]
pub(crate) struct Mutation(
    company_create::CompanyCreate,
    company_update::CompanyUpdate,
    company_deactivate::CompanyDeactivate,
    company_reactivate::CompanyReactivate,
    shop_create::ShopCreate,
    shop_update::ShopUpdate,
    shop_deactivate::ShopDeactivate,
    shop_reactivate::ShopReactivate,
);

/// The schema, without the stores that its resolvers ask for.
pub(crate) fn schema() -> SchemaBuilder<Query, Mutation, EmptySubscription> {
    Schema::build(Query::default(), Mutation::default(), EmptySubscription)
        .override_output_type_description::<Timestamp>(TIMESTAMP_DESCRIPTION)
}
