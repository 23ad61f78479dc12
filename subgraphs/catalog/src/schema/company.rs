//! What the catalogue adds to `Company`, which merchants owns.

use async_graphql::{ComplexObject, Context, SimpleObject};
use souk_kit::context::ContextExt;
use souk_kit::documents::Filter;
use souk_kit::fault::Fault;
use souk_kit::id::{CompanyId, ShopKind, SoughtId};
use souk_kit::money::CurrencyCode;
use souk_kit::page::{Connection, PageArgs};
use souk_kit::permission::{Resource, Tenant};

use super::attribute::Attribute;
use super::category::Category;
use super::collection::Collection;
use super::collection_query;
use super::loading::Loading;
use super::price_list::{self, PriceList};
use super::product::Product;
use super::product_list::{self, ProductListArgs, ProductSort};
use super::product_where::ProductWhere;
use crate::domain::ids::CategoryKind;

/// A company that sells on the platform.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(complex)]
pub struct Company {
    /// Its id.
    id: CompanyId,
}

impl From<CompanyId> for Company {
    fn from(id: CompanyId) -> Self {
        Self { id }
    }
}

#[ComplexObject]
impl Company {
    /// The company's products.
    #[expect(clippy::too_many_arguments, reason = "the arguments of every product list")]
    async fn products(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the front; 20 when not said, at most 100.")] first: Option<i32>,
        #[graphql(desc = "After which cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the back; at most 100.")] last: Option<i32>,
        #[graphql(desc = "Before which cursor.")] before: Option<String>,
        #[graphql(name = "where", desc = "Which products.")] filter: Option<ProductWhere>,
        #[graphql(desc = "In which order; the newest first when not said.")] sort: Option<ProductSort>,
        #[graphql(desc = "The currency of filters and sorts by price; else the company's own.")]
        currency: Option<CurrencyCode>,
        #[graphql(desc = "Only what is offered in this shop; filters and sorts by price go by its prices.")]
        shop: Option<SoughtId<ShopKind>>,
    ) -> Result<Option<Connection<Product>>, Fault> {
        let page = PageArgs { first, after, last, before };
        let within = Filter::Companies(vec![self.id]);
        let args = ProductListArgs { company: Some(self.id), within, page, filter, sort, currency, shop };
        product_list::list(ctx, args).await.map(Some)
    }

    /// The categories right below one, or those at the top of the company's tree, in their order.
    async fn categories(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Below which category; null is the top.")] parent: Option<SoughtId<CategoryKind>>,
    ) -> Result<Option<Vec<Category>>, Fault> {
        let tree = ctx.tree(self.id).await?;
        let parent = match parent.map(SoughtId::get) {
            Some(None) => return Ok(Some(Vec::new())),
            Some(found) => found,
            None => None,
        };
        Ok(Some(tree.children(parent).map(|own| Category::shown(&tree, own)).collect()))
    }

    /// The company's collections by name.
    async fn collections(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the front; 20 when not said, at most 100.")] first: Option<i32>,
        #[graphql(desc = "After which cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the back; at most 100.")] last: Option<i32>,
        #[graphql(desc = "Before which cursor.")] before: Option<String>,
    ) -> Result<Option<Connection<Collection>>, Fault> {
        collection_query::list(ctx, self.id, &PageArgs { first, after, last, before }).await.map(Some)
    }

    /// The company's price lists by name; for staff.
    async fn price_lists(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the front; 20 when not said, at most 100.")] first: Option<i32>,
        #[graphql(desc = "After which cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the back; at most 100.")] last: Option<i32>,
        #[graphql(desc = "Before which cursor.")] before: Option<String>,
    ) -> Result<Option<Connection<PriceList>>, Fault> {
        ctx.may_see(Resource::PriceList, &Tenant::company(self.id))?;
        price_list::list(ctx, self.id, &PageArgs { first, after, last, before }).await.map(Some)
    }

    /// The attributes that the company has defined, at most 500.
    async fn attributes(&self, ctx: &Context<'_>) -> Result<Option<Vec<Attribute>>, Fault> {
        let set = ctx.attribute_set(self.id).await?;
        Ok(Some(set.iter().flat_map(|set| &set.attributes).map(Into::into).collect()))
    }
}
