//! `productCreate`.

use async_graphql::{Context, Object};
use souk_kit::context::ContextExt;
use souk_kit::fault::Fault;
use souk_kit::permission::{Action, Resource};

use super::loading::Loading;
use super::product_input::{ProductCreateInput, ProductFields};
use super::product_payload::ProductPayload;
use crate::domain::bulk::Policy;
use crate::domain::refusal::ProductRefusal;
use crate::error::{CatalogErrorCode, at_field};
use crate::store::product_writes::reaches;

/// `productCreate`.
#[derive(Default)]
pub struct ProductCreate;

#[Object]
impl ProductCreate {
    /// Adds a product. Company admins may add any; shop managers those whose listed shops are all theirs.
    async fn product_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The product.")] input: ProductCreateInput,
    ) -> Result<Option<ProductPayload>, Fault> {
        let scope = ctx.may(Action::Create, Resource::Product)?;
        let (company, name) = (input.company, input.name.clone());
        let (call, fields) = (ctx.call()?.within(company), ProductFields::from(input));
        let around = if reaches(&scope, company) {
            ctx.catalog()?.surroundings(company, fields.shops_named(), call.now).await?
        } else {
            None
        };
        let Some(around) = around else {
            let unknown =
                at_field("company", CatalogErrorCode::CompanyUnknown, &ProductRefusal::CompanyUnknown);
            return Ok(Some(ProductPayload::refused(vec![unknown])));
        };
        let (writer, new) = (ctx.writer(&scope), fields.into_new(company, name, call.now));
        let answer = ctx.catalog()?.create_product(&call, &writer, &around, &new, Policy::RejectAll).await?;
        ProductPayload::of(ctx, answer).await.map(Some)
    }
}
