//! The GraphQL schema of search. Doc comments of its types and fields are the API's descriptions.

mod facet;
mod market;
mod product_search;
mod product_search_where;
mod references;
mod search_settings;
mod search_settings_update;
mod suggestions;

use async_graphql::{EmptySubscription, MergedObject, Schema, SchemaBuilder};

/// What can be asked.
#[derive(MergedObject, Default)]
pub(crate) struct Query(
    product_search::ProductSearchQuery,
    suggestions::SuggestionQuery,
    search_settings::SearchSettingsQuery,
);

/// What can be done.
#[derive(MergedObject, Default)]
pub(crate) struct Mutation(search_settings_update::SearchSettingsUpdate);

/// The schema, without the stores that its resolvers ask for.
pub(crate) fn schema() -> SchemaBuilder<Query, Mutation, EmptySubscription> {
    Schema::build(Query::default(), Mutation::default(), EmptySubscription)
}
