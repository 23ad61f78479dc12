//! Lists of variants, for tills that look up by barcode and integrators that look up by SKU.

use std::sync::Arc;

use async_graphql::{Context, Object};
use souk_kit::documents::Filter;
use souk_kit::fault::Fault;
use souk_kit::id::{CompanyKind, SoughtId};
use souk_kit::page::{Connection, PageArgs};

use super::loading::Loading;
use super::parts::Parts;
use super::variant::ProductVariant;
use super::variant_where::ProductVariantWhere;
use crate::store::products::Products;

/// How many products are read at once.
const PRODUCTS_AT_ONCE: usize = 100;

/// Looks variants up.
#[derive(Default)]
pub struct VariantQuery;

#[Object]
impl VariantQuery {
    /// Variants, by product from the oldest on, and of each product in their order. Without `company`: of every company
    /// that the caller sees.
    #[expect(clippy::too_many_arguments, reason = "a filter and the arguments of every list")]
    async fn product_variants(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only those of this company.")] company: Option<SoughtId<CompanyKind>>,
        #[graphql(desc = "How many from the front; 20 when not said, at most 100.")] first: Option<i32>,
        #[graphql(desc = "After which cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the back; at most 100.")] last: Option<i32>,
        #[graphql(desc = "Before which cursor.")] before: Option<String>,
        #[graphql(name = "where", desc = "Which variants.")] filter: Option<ProductVariantWhere>,
    ) -> Result<Option<Connection<ProductVariant>>, Fault> {
        let company = match company.map(SoughtId::get) {
            Some(None) => return Ok(Some(Connection::empty())),
            found => found.flatten(),
        };
        let asked = filter.unwrap_or_default();
        let within = company.map_or_else(Filter::everything, |company| Filter::Companies(vec![company]));
        let filter = within.and(asked.products(company)?);
        let (scope, view) = ctx.view_products().await?;
        let parts = Parts::<Products, ProductVariant> {
            documents: ctx.catalog()?.products.clone(),
            scope,
            view,
            filter,
            at_once: PRODUCTS_AT_ONCE,
            take: Arc::new(move |product| {
                let passing = product.variants.iter().enumerate();
                let passing = passing.filter(|(_, one)| asked.passes(product, one));
                let shown = passing.filter_map(|(place, one)| {
                    Some((one.id.to_string(), ProductVariant::at(product, place)?))
                });
                shown.collect()
            }),
        };
        parts.connection(ctx, &PageArgs { first, after, last, before }, |variant| variant).await.map(Some)
    }
}
