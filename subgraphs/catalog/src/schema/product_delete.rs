//! `productDelete`.

use async_graphql::{Context, InputObject, Object, SimpleObject};
use souk_kit::context::ContextExt;
use souk_kit::fault::Fault;
use souk_kit::id::CompanyId;
use souk_kit::permission::{Action, Resource};

use super::loading::Loading;
use super::naming::{Naming, ToDelete, refusals};
use crate::domain::ids::ProductId;
use crate::error::CatalogError;

/// Which product goes.
#[derive(Debug, Clone, InputObject)]
pub struct ProductDeleteInput {
    /// Which product; else the one with the external reference.
    pub id: Option<ProductId>,
    /// Its id in another system, instead of `id`.
    pub external_reference: Option<String>,
    /// The company that offers it, when it is named by its external reference; else the caller's own.
    pub company: Option<CompanyId>,
    /// The version that the client saw; with another one nothing happens. Omitted: the last write wins.
    pub expected_version: Option<i64>,
    /// 1 to 200 bytes. The same key with the same input answers the first outcome again, for 7 days.
    pub idempotency_key: Option<String>,
}

/// Which product is gone, or why it is not.
#[derive(SimpleObject)]
pub struct ProductDeletePayload {
    /// The id of the product that is gone; null when the call was refused.
    deleted_id: Option<ProductId>,
    /// Why the call was refused; empty when it took effect.
    user_errors: Vec<CatalogError>,
}

/// `productDelete`.
#[derive(Default)]
pub struct ProductDelete;

#[Object]
impl ProductDelete {
    /// Deletes a product and its variants; their slugs, SKUs and references are free again. Orders keep what they
    /// copied. To keep a product for them to link to, archive it by
    /// `productUpdate(input: { id, status: ARCHIVED })`.
    async fn product_delete(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which product.")] input: ProductDeleteInput,
    ) -> Result<Option<ProductDeletePayload>, Fault> {
        let scope = ctx.may(Action::Delete, Resource::Product)?;
        let writer = ctx.writer(&scope);
        let refused = |user_errors| ProductDeletePayload { deleted_id: None, user_errors };
        let naming = Naming::new(input.id, input.external_reference.as_ref(), input.company);
        let ToDelete { id, call, unfound } = naming.to_delete(ctx, &scope).await?;
        let answer = ctx.catalog()?.delete_product(&scope, &call, id, &writer).await?;
        Ok(Some(match answer {
            Ok(written) => ProductDeletePayload { deleted_id: Some(written.id), user_errors: Vec::new() },
            Err(user_errors) => refused(refusals(unfound, user_errors)),
        }))
    }
}
