//! `productBulkUpdate`.

use std::collections::HashMap;

use async_graphql::{Context, InputObject, Object};
use souk_kit::context::ContextExt;
use souk_kit::documents::{Document, Filter, View};
use souk_kit::fault::Fault;
use souk_kit::id::CompanyId;
use souk_kit::permission::{Action, Resource, Visibility};

use super::loading::Loading;
use super::product_bulk::{BulkErrorPolicy, ProductBulkPayload, row_call, stopped, too_many};
use super::product_input::{ProductBulkUpdateRow, ProductFields};
use crate::domain::change::Change;
use crate::domain::finding::{Finding, Path};
use crate::domain::ids::ProductId;
use crate::domain::product::Product;
use crate::domain::product_write;
use crate::domain::refusal::ProductRefusal;
use crate::domain::variant_change::Located;
use crate::error::{CatalogError, CatalogErrorCode, at_field};
use crate::store::Catalog;
use crate::store::product_writes::reaches;
use crate::store::products::product_key;

/// Changes of products.
#[derive(Debug, Clone, InputObject)]
pub struct ProductBulkUpdateInput {
    /// The company that offers them.
    pub company: CompanyId,
    /// What happens when some rows are wrong.
    pub error_policy: BulkErrorPolicy,
    /// The changes; at most 500.
    pub rows: Vec<ProductBulkUpdateRow>,
    /// The same key with the same input goes on where the first call stopped, and writes no row twice; for 7 days.
    #[graphql(validator(min_length = 1, max_length = 150))]
    pub idempotency_key: Option<String>,
}

/// `productBulkUpdate`.
#[derive(Default)]
pub struct ProductBulkUpdate;

/// A row that has been read, and the product that it names, if there is one.
struct Row {
    known: Option<Document<Product>>,
    expected_version: Option<i64>,
    changes: Vec<Located<Change>>,
}

#[Object]
impl ProductBulkUpdate {
    /// Changes many products, one by one, with a result for each.
    async fn product_bulk_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The changes.")] input: ProductBulkUpdateInput,
    ) -> Result<ProductBulkPayload, Fault> {
        let scope = ctx.may(Action::Update, Resource::Product)?;
        if let Some(refusal) = too_many(input.rows.len()) {
            return Ok(ProductBulkPayload::refused(refusal));
        }
        let (catalog, call) = (ctx.catalog()?, ctx.call()?.within(input.company));
        let shops: Vec<_> =
            input.rows.iter().filter_map(|row| row.shops.value()).flatten().copied().collect();
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
        let known = Named::load(catalog, input.company, &input.rows).await?;
        let rows: Vec<_> = input.rows.into_iter().map(|row| known.row(row, call.now)).collect();
        let (writer, policy) = (ctx.writer(&scope), input.error_policy.into());
        let judged = rows.iter().map(|row| match &row.known {
            Some(known) => product_write::update(known, row.changes.clone(), &writer, &around, call.now),
            None => Err(vec![Finding { path: Path::root(), refusal: ProductRefusal::NotFound }]),
        });
        if let Some(errors) = stopped(policy, judged) {
            return Ok(ProductBulkPayload::stopped(errors));
        }
        let mut answers = Vec::with_capacity(rows.len());
        for (number, row) in rows.iter().enumerate() {
            let mut call = row_call(&call, number);
            call.guard.expected_version = row.expected_version;
            answers.push(match &row.known {
                Some(known) => {
                    let changes = &row.changes;
                    catalog.update_product(&scope, &call, known.id, &writer, &around, changes, policy).await?
                }
                None => Err(vec![CatalogError::not_found()]),
            });
        }
        ProductBulkPayload::of(ctx, answers).await
    }
}

/// The products that rows name, found by two queries for all of them.
struct Named {
    company: CompanyId,
    by_id: HashMap<ProductId, Document<Product>>,
    by_reference: HashMap<String, ProductId>,
}

impl Named {
    async fn load(
        catalog: &Catalog,
        company: CompanyId,
        rows: &[ProductBulkUpdateRow],
    ) -> Result<Self, Fault> {
        let view = View::new(&Visibility::everything_for("catalog.write"), Filter::everything());
        let ids = rows.iter().filter_map(|row| row.id).map(|id| id.to_string());
        let references: Vec<_> = rows
            .iter()
            .filter(|row| row.id.is_none())
            .filter_map(|row| row.external_reference.value())
            .map(|reference| product_key("ref", company, reference))
            .collect();
        let named = catalog.products.get_many(&view, ids).await?;
        let most = references.len();
        let found = catalog.products.find(&view, Filter::Keys(references), most).await?;
        let products = named.into_values().chain(found.into_iter().map(|listed| listed.document));
        let of_company = products.filter(|product| product.company == company);
        let by_id: HashMap<_, _> = of_company.map(|product| (product.id, product)).collect();
        let referenced =
            by_id.values().filter_map(|product| Some((product.external_reference.clone()?, product.id)));
        let by_reference = referenced.collect();
        Ok(Self { company, by_id, by_reference })
    }

    fn row(&self, row: ProductBulkUpdateRow, at: souk_kit::clock::Timestamp) -> Row {
        let named = row.id.or_else(|| {
            let reference = row.external_reference.value()?;
            self.by_reference.get(reference).copied()
        });
        let known = named.and_then(|id| self.by_id.get(&id)).filter(|known| known.company == self.company);
        let (name, remove) = (row.name.clone(), row.remove_variants.clone().unwrap_or_default());
        let expected_version = row.expected_version;
        let changes = ProductFields::from(row).changes(name, remove, at);
        Row { known: known.cloned(), expected_version, changes }
    }
}
