//! The schema: one file per type, query and mutation. The roots are the lists below.
#![expect(unreachable_pub, reason = "what async-graphql derives for these types is public")]
#![expect(clippy::unused_async, reason = "resolvers are async, also those that wait for nothing")]

mod assortment;
mod attribute;
mod attribute_value;
mod category;
mod category_list;
mod category_mutation;
mod category_query;
mod category_where;
mod collection;
mod collection_mutation;
mod collection_query;
mod collection_where;
mod company;
mod content_input;
mod entities;
mod internal_query;
mod loading;
mod media;
mod naming;
mod option;
mod parts;
mod price;
mod price_list;
mod price_list_mutation;
mod price_list_prices;
mod product;
mod product_bulk;
mod product_bulk_create;
mod product_bulk_update;
mod product_create;
mod product_delete;
mod product_input;
mod product_list;
mod product_media_change;
mod product_media_upload;
mod product_payload;
mod product_prices;
mod product_query;
mod product_update;
mod product_where;
mod shop;
mod specifications;
mod texts;
mod variant;
mod variant_input;
mod variant_query;
mod variant_where;

use async_graphql::MergedObject;

pub use media::MediaBase;

/// What can be asked.
#[derive(MergedObject, Default)]
pub struct Query(
    product_query::ProductQuery,
    variant_query::VariantQuery,
    category_query::CategoryQuery,
    collection_query::CollectionQuery,
    attribute::AttributeQuery,
    price_list::PriceListQuery,
    internal_query::InternalQuery,
    entities::Entities,
);

/// What can be done.
#[derive(MergedObject, Default)]
pub struct Mutation(
    product_create::ProductCreate,
    product_update::ProductUpdate,
    product_delete::ProductDelete,
    product_bulk_create::ProductBulkCreate,
    product_bulk_update::ProductBulkUpdate,
    product_media_upload::ProductMediaUpload,
    product_media_change::ProductMediaChange,
    category_mutation::CategoryMutation,
    collection_mutation::CollectionMutation,
    attribute::AttributeMutation,
    price_list_mutation::PriceListMutation,
    price_list_prices::PriceListPrices,
);
