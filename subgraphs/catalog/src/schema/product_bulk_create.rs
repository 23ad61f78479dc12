//! `productBulkCreate`.

use async_graphql::{Context, InputObject, Object};
use souk_kit::context::ContextExt;
use souk_kit::fault::Fault;
use souk_kit::id::CompanyId;
use souk_kit::permission::{Action, Resource};

use super::loading::Loading;
use super::product_bulk::{BulkErrorPolicy, ProductBulkPayload, row_call, stopped, too_many};
use super::product_input::{ProductBulkCreateRow, ProductFields};
use crate::domain::refusal::ProductRefusal;
use crate::error::{CatalogErrorCode, at_field};
use crate::store::product_writes::reaches;

/// Products to add.
#[derive(Debug, Clone, InputObject)]
pub struct ProductBulkCreateInput {
    /// The company that offers them.
    pub company: CompanyId,
    /// What happens when some rows are wrong.
    pub error_policy: BulkErrorPolicy,
    /// The products; at most 500.
    pub rows: Vec<ProductBulkCreateRow>,
    /// The same key with the same input goes on where the first call stopped, and writes no row twice; for 7 days.
    #[graphql(validator(min_length = 1, max_length = 150))]
    pub idempotency_key: Option<String>,
}

/// `productBulkCreate`.
#[derive(Default)]
pub struct ProductBulkCreate;

#[Object]
impl ProductBulkCreate {
    /// Adds many products, one by one, with a result for each.
    async fn product_bulk_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The products.")] input: ProductBulkCreateInput,
    ) -> Result<ProductBulkPayload, Fault> {
        let scope = ctx.may(Action::Create, Resource::Product)?;
        if let Some(refusal) = too_many(input.rows.len()) {
            return Ok(ProductBulkPayload::refused(refusal));
        }
        let (catalog, call) = (ctx.catalog()?, ctx.call()?.within(input.company));
        let mut rows = Vec::with_capacity(input.rows.len());
        let mut shops = Vec::new();
        for row in input.rows {
            let name = row.name.clone();
            let fields = ProductFields::from(row);
            shops.extend_from_slice(fields.shops_named());
            rows.push(fields.into_new(input.company, name, call.now));
        }
        let around = match reaches(&scope, input.company) {
            true => catalog.surroundings(input.company, &shops, call.now).await?,
            false => None,
        };
        let Some(around) = around else {
            let refusal = ProductRefusal::CompanyUnknown;
            return Ok(ProductBulkPayload::refused(at_field(
                "company",
                CatalogErrorCode::CompanyUnknown,
                &refusal,
            )));
        };
        let (writer, policy) = (ctx.writer(&scope), input.error_policy.into());
        let judged = rows.iter().map(|row| row.attempt(0, &writer, &around, call.now));
        if let Some(errors) = stopped(policy, judged) {
            return Ok(ProductBulkPayload::stopped(errors));
        }
        let mut answers = Vec::with_capacity(rows.len());
        for (number, row) in rows.iter().enumerate() {
            let call = row_call(&call, number);
            answers.push(catalog.create_product(&call, &writer, &around, row, policy).await?);
        }
        ProductBulkPayload::of(ctx, answers).await
    }
}
