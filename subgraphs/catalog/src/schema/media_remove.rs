//! `mediaRemove`.

use async_graphql::{Context, InputObject, Object};
use souk_kit::fault::Fault;

use super::media_write::{MediaPayload, pictured};
use crate::domain::ids::{MediaId, ProductId};
use crate::domain::media::MediaChange;
use crate::error::CatalogError;

/// Which picture goes.
#[derive(Debug, Clone, InputObject)]
pub struct MediaRemoveInput {
    /// The product that it shows.
    pub product: ProductId,
    /// Which picture.
    pub id: MediaId,
    /// The version of the product that the client saw; with another one nothing changes.
    pub expected_version: Option<i64>,
    /// The same key with the same input answers the first outcome again, for 7 days.
    pub idempotency_key: Option<String>,
}

/// `mediaRemove`.
#[derive(Default)]
pub struct MediaRemove;

#[Object]
impl MediaRemove {
    /// Takes a picture from a product and its variants. Its file stays where it is: pages that were cached, and
    /// orders that copied its address, go on to show it.
    async fn media_remove(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which picture.")] input: MediaRemoveInput,
    ) -> Result<MediaPayload, Fault> {
        match pictured(ctx, input.product).await? {
            Some(pictured) => pictured.change(ctx, "id", MediaChange::Remove(input.id), None).await,
            None => Ok(MediaPayload::refused(vec![CatalogError::not_found()])),
        }
    }
}
