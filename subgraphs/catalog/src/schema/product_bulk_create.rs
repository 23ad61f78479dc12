//! `productBulkCreate`.

use async_graphql::{Context, InputObject, Object};
use souk_kit::context::ContextExt;
use souk_kit::fault::Fault;
use souk_kit::id::{CompanyId, ShopId};
use souk_kit::permission::{Action, Resource};

use super::loading::Loading;
use super::product_bulk::{BulkErrorPolicy, ProductBulkPayload};
use super::product_input::{ProductBulkCreateRow, ProductFields};
use crate::domain::refusal::ProductRefusal;
use crate::error::{CatalogErrorCode, at_field};
use crate::store::product_bulk::Bulk;
use crate::store::product_writes::reaches;

/// Products to add.
#[derive(Debug, Clone, InputObject)]
pub struct ProductBulkCreateInput {
    /// The company that offers them.
    pub company: CompanyId,
    /// What happens when some rows are wrong.
    pub policy: BulkErrorPolicy,
    /// The products, at most 500.
    pub rows: Vec<ProductBulkCreateRow>,
    /// 1 to 200 bytes. The same key with the same input goes on where the first call ended, and answers rows that are done again.
    pub idempotency_key: Option<String>,
}

/// `productBulkCreate`.
#[derive(Default)]
pub struct ProductBulkCreate;

#[Object]
impl ProductBulkCreate {
    /// Adds many products; each row has an outcome of its own.
    async fn product_bulk_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The products.")] input: ProductBulkCreateInput,
    ) -> Result<Option<ProductBulkPayload>, Fault> {
        let scope = ctx.may(Action::Create, Resource::Product)?;
        if let Err(refused) = ProductBulkPayload::check_size("rows", input.rows.len()) {
            return Ok(Some(refused));
        }
        let (company, call) = (input.company, ctx.call()?.within(input.company));
        let rows: Vec<(String, ProductFields)> =
            input.rows.into_iter().map(|row| (row.name.clone(), row.into())).collect();
        let shops: Vec<ShopId> = rows.iter().flat_map(|(_, fields)| fields.shops_named()).copied().collect();
        let around = if reaches(&scope, company) {
            ctx.catalog()?.surroundings(company, &shops, call.now).await?
        } else {
            None
        };
        let Some(around) = around else {
            let unknown =
                at_field("company", CatalogErrorCode::CompanyUnknown, &ProductRefusal::CompanyUnknown);
            return Ok(Some(ProductBulkPayload::refused(unknown)));
        };
        let new: Vec<_> =
            rows.into_iter().map(|(name, fields)| fields.into_new(company, name, call.now)).collect();
        let writer = ctx.writer(&scope);
        let bulk = Bulk {
            scope: &scope,
            call: &call,
            writer: &writer,
            around: &around,
            policy: input.policy.into(),
        };
        let answers = ctx.catalog()?.create_products(&bulk, &new).await?;
        ProductBulkPayload::of_rows(ctx, answers).await.map(Some)
    }
}
