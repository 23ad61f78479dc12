//! Looking products up: by id, slug, SKU and external reference, and in lists.

use std::sync::Arc;

use async_graphql::{Context, Object};
use souk_kit::documents::{Document, Filter};
use souk_kit::fault::Fault;
use souk_kit::id::{CompanyKind, ShopKind, SoughtId};
use souk_kit::money::CurrencyCode;
use souk_kit::page::{Connection, PageArgs};

use super::loading::Loading;
use super::product::Product;
use super::product_list::{self, ProductListArgs, ProductSort};
use super::product_where::ProductWhere;
use super::variant::ProductVariant;
use crate::domain::ids::{ProductKind, VariantKind};
use crate::domain::product;
use crate::store::products::product_key;

/// Looks products up.
#[derive(Default)]
pub struct ProductQuery;

#[Object]
impl ProductQuery {
    /// A product by its id, or by its slug or external reference within a company. Former slugs find it too: a
    /// `slug` other than the asked one tells where to redirect.
    async fn product(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its id.")] id: Option<SoughtId<ProductKind>>,
        #[graphql(desc = "Its slug, now or formerly; with `company`.")] slug: Option<String>,
        #[graphql(desc = "Its id in another system; with `company`.")] external_reference: Option<String>,
        #[graphql(desc = "The company that offers it.")] company: Option<SoughtId<CompanyKind>>,
    ) -> Result<Option<Product>, Fault> {
        match (id, slug, external_reference) {
            (Some(id), None, None) => match id.get() {
                Some(id) => Ok(ctx.product(id).await?.map(Product::from)),
                None => Ok(None),
            },
            (None, Some(slug), None) => {
                Ok(by_key(ctx, "slug", company, &slug.to_lowercase()).await?.map(Product::from))
            }
            (None, None, Some(reference)) => {
                Ok(by_key(ctx, "ref", company, &reference).await?.map(Product::from))
            }
            _ => Err(Fault::bad_input("name exactly one of `id`, `slug` and `externalReference`")),
        }
    }

    /// A variant by its id, or by its SKU or external reference within a company.
    async fn product_variant(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its id.")] id: Option<SoughtId<VariantKind>>,
        #[graphql(desc = "Its stock keeping unit; with `company`.")] sku: Option<String>,
        #[graphql(desc = "Its id in another system; with `company`.")] external_reference: Option<String>,
        #[graphql(desc = "The company that offers it.")] company: Option<SoughtId<CompanyKind>>,
    ) -> Result<Option<ProductVariant>, Fault> {
        match (id, sku, external_reference) {
            (Some(id), None, None) => {
                let Some(id) = id.get() else { return Ok(None) };
                let product = ctx.product_of(id).await?;
                Ok(product.and_then(|product| ProductVariant::find(&product, |variant| variant.id == id)))
            }
            (None, Some(sku), None) => {
                let product = by_key(ctx, "sku", company, &sku).await?;
                Ok(product.and_then(|product| {
                    ProductVariant::find(&product, |variant| variant.sku.as_ref() == Some(&sku))
                }))
            }
            (None, None, Some(reference)) => {
                let product = by_key(ctx, "variant-ref", company, &reference).await?;
                Ok(product.and_then(|product| {
                    ProductVariant::find(&product, |variant| {
                        variant.external_reference.as_ref() == Some(&reference)
                    })
                }))
            }
            _ => Err(Fault::bad_input("name exactly one of `id`, `sku` and `externalReference`")),
        }
    }

    /// Products. Without `company` and `shop`: of every company that the caller sees.
    #[expect(clippy::too_many_arguments, reason = "the arguments of every product list")]
    async fn products(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only those of this company.")] company: Option<SoughtId<CompanyKind>>,
        #[graphql(desc = "Only what is offered in this shop; filters and sorts by price go by its prices.")]
        shop: Option<SoughtId<ShopKind>>,
        #[graphql(desc = "How many from the front; 20 when not said, at most 100.")] first: Option<i32>,
        #[graphql(desc = "After which cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the back; at most 100.")] last: Option<i32>,
        #[graphql(desc = "Before which cursor.")] before: Option<String>,
        #[graphql(name = "where", desc = "Which products.")] filter: Option<ProductWhere>,
        #[graphql(desc = "In which order; the newest first when not said.")] sort: Option<ProductSort>,
        #[graphql(
            desc = "The currency of filters and sorts by price; needed for these without `company` or `shop`."
        )]
        currency: Option<CurrencyCode>,
    ) -> Result<Option<Connection<Product>>, Fault> {
        let page = PageArgs { first, after, last, before };
        let (company, within) = match company.map(SoughtId::get) {
            None => (None, Filter::everything()),
            Some(None) => return Ok(Some(Connection::empty())),
            Some(Some(company)) => (Some(company), Filter::Companies(vec![company])),
        };
        let args = ProductListArgs { company, within, page, filter, sort, currency, shop };
        product_list::list(ctx, args).await.map(Some)
    }
}

/// The product that holds a unique key of a company, if the caller sees it.
async fn by_key(
    ctx: &Context<'_>,
    kind: &str,
    company: Option<SoughtId<CompanyKind>>,
    value: &str,
) -> Result<Option<Arc<Document<product::Product>>>, Fault> {
    let company = company.ok_or_else(|| Fault::bad_input("this look-up needs `company`"))?;
    let Some(company) = company.get() else { return Ok(None) };
    let (_, view) = ctx.view_products().await?;
    let filter = Filter::Keys(vec![product_key(kind, company, value)]);
    let found = ctx.catalog()?.products.find(&view, filter, 1).await?;
    Ok(found.into_iter().next().map(|listed| Arc::new(listed.document)))
}
