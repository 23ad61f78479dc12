//! `productUpdate`.

use async_graphql::{Context, Object};
use souk_kit::context::ContextExt;
use souk_kit::fault::Fault;
use souk_kit::permission::{Action, Resource};

use super::loading::Loading;
use super::naming::Naming;
use super::product_input::{ProductFields, ProductUpdateInput};
use super::product_payload::ProductPayload;
use crate::domain::bulk::Policy;
use crate::error::CatalogError;

/// `productUpdate`.
#[derive(Default)]
pub struct ProductUpdate;

#[Object]
impl ProductUpdate {
    /// Changes a product: all that is asked, or nothing. Company admins may change all products; shop managers
    /// those whose listed shops are all theirs; shop staff of these the description, features, specifications,
    /// tags, SEO texts, translations and pictures.
    async fn product_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What changes.")] input: ProductUpdateInput,
    ) -> Result<Option<ProductPayload>, Fault> {
        let scope = ctx.may(Action::Update, Resource::Product)?;
        let catalog = ctx.catalog()?;
        let naming = Naming::new(input.id, input.external_reference.value(), input.company);
        let found = naming.find(ctx, &scope).await?;
        let (id, company) = match found {
            Ok(found) => found,
            Err(error) => return Ok(Some(ProductPayload::refused(vec![error]))),
        };
        let call = ctx.call()?.within(company);
        let name = input.name.clone();
        let remove = input.remove_variants.clone().unwrap_or_default();
        let fields = ProductFields::from(input);
        let Some(around) = catalog.surroundings(company, fields.shops_named(), call.now).await? else {
            return Ok(Some(ProductPayload::refused(vec![CatalogError::not_found()])));
        };
        let (writer, changes) = (ctx.writer(&scope), fields.changes(name, remove, call.now));
        let answer =
            catalog.update_product(&scope, &call, id, &writer, &around, &changes, Policy::RejectAll).await?;
        ProductPayload::of(ctx, answer).await.map(Some)
    }
}
