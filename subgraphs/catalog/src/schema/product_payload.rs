//! What product mutations answer.

use std::sync::Arc;

use async_graphql::{Context, SimpleObject};
use souk_kit::fault::Fault;

use super::loading::Loading;
use super::product::Product;
use crate::domain::ids::ProductId;
use crate::error::CatalogError;
use crate::store::product_writes::WriteAnswer;

/// The product afterwards, or why nothing changed.
#[derive(SimpleObject)]
pub struct ProductPayload {
    /// The product as it is now; null when the call was refused.
    product: Option<Product>,
    /// Why the call was refused; empty when it took effect.
    user_errors: Vec<CatalogError>,
}

impl ProductPayload {
    pub(super) fn refused(user_errors: Vec<CatalogError>) -> Self {
        Self { product: None, user_errors }
    }

    pub(super) async fn of(ctx: &Context<'_>, answer: WriteAnswer) -> Result<Self, Fault> {
        match answer {
            Ok(written) => Ok(Self { product: fresh(ctx, written.id).await?, user_errors: Vec::new() }),
            Err(user_errors) => Ok(Self::refused(user_errors)),
        }
    }
}

/// The product as it is after a write, past what the request's loaders remember from before.
pub(super) async fn fresh(ctx: &Context<'_>, id: ProductId) -> Result<Option<Product>, Fault> {
    let (_, view) = ctx.view_products().await?;
    let found = ctx.catalog()?.products.get(&view, &id.to_string()).await?;
    Ok(found.map(|document| Product::from(Arc::new(document))))
}
