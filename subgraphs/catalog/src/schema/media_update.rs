//! `mediaUpdate`.

use async_graphql::{Context, InputObject, Object};
use souk_kit::fault::Fault;

use super::media_write::{MediaPayload, pictured};
use crate::domain::ids::{MediaId, ProductId};
use crate::domain::media::MediaChange;
use crate::error::CatalogError;

/// What changes of a picture.
#[derive(Debug, Clone, InputObject)]
pub struct MediaUpdateInput {
    /// The product that it shows.
    pub product: ProductId,
    /// Which picture.
    pub id: MediaId,
    /// What it shows, for those who cannot see it; at most 500 characters.
    pub alt: String,
    /// The version of the product that the client saw; with another one nothing changes.
    pub expected_version: Option<i64>,
    /// The same key with the same input answers the first outcome again, for 7 days.
    pub idempotency_key: Option<String>,
}

/// `mediaUpdate`.
#[derive(Default)]
pub struct MediaUpdate;

#[Object]
impl MediaUpdate {
    /// Changes what is said of a picture. Its file never changes: add another and remove this one.
    async fn media_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What changes.")] input: MediaUpdateInput,
    ) -> Result<MediaPayload, Fault> {
        match pictured(ctx, input.product).await? {
            Some(pictured) => {
                let change = MediaChange::Alt(input.id, input.alt);
                pictured.change(ctx, "alt", change, Some(input.id)).await
            }
            None => Ok(MediaPayload::refused(vec![CatalogError::not_found()])),
        }
    }
}
