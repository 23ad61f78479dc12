//! Entities by their keys, as the gateway asks for them: many at once, in batches.

use async_graphql::{Context, Object};
use souk_kit::fault::Fault;
use souk_kit::id::{CompanyKind, ShopKind, SoughtId};

use super::category::Category;
use super::collection::Collection;
use super::company::Company;
use super::loading::Loading;
use super::product::Product;
use super::shop::Shop;
use super::variant::ProductVariant;
use crate::domain::ids::{CategoryKind, CollectionKind, ProductKind, VariantKind};

/// Resolves entities.
#[derive(Default)]
pub struct Entities;

#[Object]
impl Entities {
    #[graphql(entity)]
    async fn product_by_id(
        &self,
        ctx: &Context<'_>,
        #[graphql(key)] id: SoughtId<ProductKind>,
    ) -> Result<Option<Product>, Fault> {
        let Some(id) = id.get() else { return Ok(None) };
        Ok(ctx.product(id).await?.map(Product::from))
    }

    #[graphql(entity)]
    async fn variant_by_id(
        &self,
        ctx: &Context<'_>,
        #[graphql(key)] id: SoughtId<VariantKind>,
    ) -> Result<Option<ProductVariant>, Fault> {
        let Some(id) = id.get() else { return Ok(None) };
        let product = ctx.product_of(id).await?;
        Ok(product.and_then(|product| ProductVariant::find(&product, |variant| variant.id == id)))
    }

    #[graphql(entity)]
    async fn category_by_id(
        &self,
        ctx: &Context<'_>,
        #[graphql(key)] id: SoughtId<CategoryKind>,
    ) -> Result<Option<Category>, Fault> {
        let Some(id) = id.get() else { return Ok(None) };
        Ok(ctx.tree_of(id).await?.and_then(|tree| Category::of(&tree, &id)))
    }

    #[graphql(entity)]
    async fn collection_by_id(
        &self,
        ctx: &Context<'_>,
        #[graphql(key)] id: SoughtId<CollectionKind>,
    ) -> Result<Option<Collection>, Fault> {
        let Some(id) = id.get() else { return Ok(None) };
        Ok(ctx.collection(id).await?.map(Collection::from))
    }

    #[graphql(entity)]
    async fn company_by_id(&self, #[graphql(key)] id: SoughtId<CompanyKind>) -> Option<Company> {
        id.get().map(Company::from)
    }

    #[graphql(entity)]
    async fn shop_by_id(&self, #[graphql(key)] id: SoughtId<ShopKind>) -> Option<Shop> {
        id.get().map(Shop::from)
    }
}
