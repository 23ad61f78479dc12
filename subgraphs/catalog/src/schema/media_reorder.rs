//! `mediaReorder`.

use async_graphql::{Context, InputObject, Object};
use souk_kit::fault::Fault;

use super::media_write::{MediaPayload, pictured};
use crate::domain::ids::{MediaId, ProductId};
use crate::domain::media::MediaChange;
use crate::error::CatalogError;

/// The order of a product's pictures.
#[derive(Debug, Clone, InputObject)]
pub struct MediaReorderInput {
    /// The product that they show.
    pub product: ProductId,
    /// Every picture of the product once, the main one first.
    pub order: Vec<MediaId>,
    /// The version of the product that the client saw; with another one nothing changes.
    pub expected_version: Option<i64>,
    /// The same key with the same input answers the first outcome again, for 7 days.
    pub idempotency_key: Option<String>,
}

/// `mediaReorder`.
#[derive(Default)]
pub struct MediaReorder;

#[Object]
impl MediaReorder {
    /// Puts a product's pictures in another order.
    async fn media_reorder(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The order.")] input: MediaReorderInput,
    ) -> Result<MediaPayload, Fault> {
        match pictured(ctx, input.product).await? {
            Some(pictured) => pictured.change(ctx, "order", MediaChange::Order(input.order), None).await,
            None => Ok(MediaPayload::refused(vec![CatalogError::not_found()])),
        }
    }
}
