//! `productBulkUpdate`.

use async_graphql::{Context, InputObject, Object};
use souk_kit::context::ContextExt;
use souk_kit::fault::Fault;
use souk_kit::id::{CompanyId, ShopId};
use souk_kit::permission::{Action, Resource};

use super::loading::Loading;
use super::product_bulk::{BulkErrorPolicy, ProductBulkPayload};
use super::product_input::{ProductBulkUpdateRow, ProductFields};
use crate::domain::refusal::ProductRefusal;
use crate::error::{CatalogErrorCode, at_field};
use crate::store::product_bulk::{Bulk, UpdateRow};
use crate::store::product_writes::reaches;

/// Changes of products.
#[derive(Debug, Clone, InputObject)]
pub struct ProductBulkUpdateInput {
    /// The company that offers them.
    pub company: CompanyId,
    /// What happens when some rows are wrong.
    pub policy: BulkErrorPolicy,
    /// The changes, at most 500.
    pub rows: Vec<ProductBulkUpdateRow>,
    /// 1 to 200 bytes. The same key with the same input goes on where the first call ended, and answers rows that are done again.
    pub idempotency_key: Option<String>,
}

/// `productBulkUpdate`.
#[derive(Default)]
pub struct ProductBulkUpdate;

#[Object]
impl ProductBulkUpdate {
    /// Changes many products, each named by its id or its external reference; each row has an outcome of its own.
    async fn product_bulk_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The changes.")] input: ProductBulkUpdateInput,
    ) -> Result<Option<ProductBulkPayload>, Fault> {
        let scope = ctx.may(Action::Update, Resource::Product)?;
        if let Err(refused) = ProductBulkPayload::check_size("rows", input.rows.len()) {
            return Ok(Some(refused));
        }
        let (company, call) = (input.company, ctx.call()?.within(input.company));
        let shops: Vec<ShopId> =
            input.rows.iter().filter_map(|row| row.shops.value()).flatten().copied().collect();
        let catalog = ctx.catalog()?;
        let around = if reaches(&scope, company) {
            catalog.surroundings(company, &shops, call.now).await?
        } else {
            None
        };
        let Some(around) = around else {
            let unknown =
                at_field("company", CatalogErrorCode::CompanyUnknown, &ProductRefusal::CompanyUnknown);
            return Ok(Some(ProductBulkPayload::refused(unknown)));
        };
        let unnamed = input.rows.iter().filter(|row| row.id.is_none());
        let references = unnamed.filter_map(|row| row.external_reference.value());
        let references: Vec<&str> = references.map(|reference| reference.trim()).collect();
        let by_reference = catalog.products_by_reference(company, &references).await?;
        let rows = input.rows.into_iter().map(|row| {
            let (given, expected_version, name) = (row.id, row.expected_version, row.name.clone());
            let remove = row.remove_variants.clone().unwrap_or_default();
            let fields = ProductFields::from(row);
            let found =
                || fields.external_reference_named().and_then(|one| by_reference.get(one.trim())).copied();
            let id = given.or_else(found);
            UpdateRow { id, expected_version, changes: fields.changes(name, remove, call.now) }
        });
        let (rows, writer): (Vec<_>, _) = (rows.collect(), ctx.writer(&scope));
        let bulk = Bulk {
            scope: &scope,
            call: &call,
            writer: &writer,
            around: &around,
            policy: input.policy.into(),
        };
        let answers = catalog.update_products(&bulk, &rows).await?;
        ProductBulkPayload::of_rows(ctx, answers).await.map(Some)
    }
}
