//! `productMediaUpdate`, `productMediaReorder` and `productMediaDelete`: changes of pictures that are there.

use async_graphql::{Context, InputObject, Object};
use souk_kit::context::ContextExt;
use souk_kit::fault::Fault;
use souk_kit::permission::{Action, Resource};

use super::loading::Loading;
use super::product_payload::ProductPayload;
use crate::domain::bulk::Policy;
use crate::domain::change::Change;
use crate::domain::ids::{MediaId, ProductId};
use crate::domain::media::MediaChange;
use crate::domain::variant_change::Located;
use crate::error::{CatalogError, CatalogErrorCode};

/// Another alternative text for a picture.
#[derive(Debug, Clone, InputObject)]
pub struct ProductMediaUpdateInput {
    /// The product.
    pub product: ProductId,
    /// The picture.
    pub media: MediaId,
    /// What it shows, for those who cannot see it; at most 500 characters.
    pub alt: String,
    /// The version of the product that the client saw; with another one nothing changes. Omitted: the last write wins.
    pub expected_version: Option<i64>,
    /// 1 to 200 bytes. The same key with the same input answers the first outcome again, for 7 days.
    pub idempotency_key: Option<String>,
}

/// Another order of a product's pictures.
#[derive(Debug, Clone, InputObject)]
pub struct ProductMediaReorderInput {
    /// The product.
    pub product: ProductId,
    /// All its pictures, the main one first.
    pub media: Vec<MediaId>,
    /// The version of the product that the client saw; with another one nothing changes. Omitted: the last write wins.
    pub expected_version: Option<i64>,
    /// 1 to 200 bytes. The same key with the same input answers the first outcome again, for 7 days.
    pub idempotency_key: Option<String>,
}

/// A picture to take away.
#[derive(Debug, Clone, InputObject)]
pub struct ProductMediaDeleteInput {
    /// The product.
    pub product: ProductId,
    /// The picture.
    pub media: MediaId,
    /// The version of the product that the client saw; with another one nothing changes. Omitted: the last write wins.
    pub expected_version: Option<i64>,
    /// 1 to 200 bytes. The same key with the same input answers the first outcome again, for 7 days.
    pub idempotency_key: Option<String>,
}

/// Changes of pictures that are there.
#[derive(Default)]
pub struct ProductMediaChange;

#[Object]
impl ProductMediaChange {
    /// Sets the alternative text of a picture. For company and super administrators, and for
    /// managers and staff of a shop when the product is offered in none but their shops. Refused
    /// with `NOT_FOUND`, `MEDIA_UNKNOWN`, `TOO_LONG`, `VERSION_CONFLICT` or `FORBIDDEN`.
    async fn product_media_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The text.")] input: ProductMediaUpdateInput,
    ) -> Result<Option<ProductPayload>, Fault> {
        change(ctx, input.product, "alt", MediaChange::Alt(input.media, input.alt)).await.map(Some)
    }

    /// Puts a product's pictures into another order. For company and super administrators, and for
    /// managers and staff of a shop when the product is offered in none but their shops. Refused
    /// with `NOT_FOUND`, `VERSION_CONFLICT`, `FORBIDDEN`, or `MEDIA_INVALID` when not each picture is named once.
    async fn product_media_reorder(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The order.")] input: ProductMediaReorderInput,
    ) -> Result<Option<ProductPayload>, Fault> {
        change(ctx, input.product, "media", MediaChange::Order(input.media)).await.map(Some)
    }

    /// Takes a picture away from its product. Its address goes on working: pages that are open may show it. For company and super administrators, and for
    /// managers and staff of a shop when the product is offered in none but their shops. Refused
    /// with `NOT_FOUND`, `MEDIA_UNKNOWN`, `VERSION_CONFLICT` or `FORBIDDEN`.
    async fn product_media_delete(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The picture.")] input: ProductMediaDeleteInput,
    ) -> Result<Option<ProductPayload>, Fault> {
        change(ctx, input.product, "media", MediaChange::Remove(input.media)).await.map(Some)
    }
}

async fn change(
    ctx: &Context<'_>,
    id: ProductId,
    field: &'static str,
    change: MediaChange,
) -> Result<ProductPayload, Fault> {
    let scope = ctx.may(Action::Update, Resource::Product)?;
    let catalog = ctx.catalog()?;
    let Some(company) = catalog.company_of_product(&scope, id).await? else {
        return Ok(ProductPayload::refused(vec![no_product()]));
    };
    let call = ctx.call()?.within(company);
    let Some(around) = catalog.surroundings(company, &[], call.now).await? else {
        return Ok(ProductPayload::refused(vec![no_product()]));
    };
    let (writer, changes) = (ctx.writer(&scope), [Located::new(field, Change::Media(change))]);
    let answer =
        catalog.update_product(&scope, &call, id, &writer, &around, &changes, Policy::RejectAll).await?;
    ProductPayload::of(ctx, answer.map_err(located)).await
}

/// That there is no such product, at the field of these inputs that names it.
pub(super) fn no_product() -> CatalogError {
    CatalogError::not_found().at(["input", "product"])
}

/// Refusals of a write, at the fields of these inputs that name what was not found.
pub(super) fn located(errors: Vec<CatalogError>) -> Vec<CatalogError> {
    let each = errors.into_iter().map(|error| match error.code() {
        CatalogErrorCode::NotFound => error.at(["input", "product"]),
        CatalogErrorCode::MediaUnknown => error.at(["input", "media"]),
        _ => error,
    });
    each.collect()
}
