//! What the catalogue adds to `Company`, which merchants owns.

use async_graphql::{ComplexObject, Context, MaybeUndefined, SimpleObject};
use souk_kit::context::ContextExt;
use souk_kit::documents::Filter;
use souk_kit::fault::Fault;
use souk_kit::id::{CompanyId, ShopKind, SoughtId};
use souk_kit::money::CurrencyCode;
use souk_kit::page::{Connection, PageArgs};
use souk_kit::permission::{Resource, Tenant};

use super::attribute::{self, Attribute};
use super::category::Category;
use super::category_list::{self, CategoryListArgs};
use super::category_where::{CategorySort, CategoryWhere};
use super::collection::Collection;
use super::collection_query::{self, CollectionListArgs};
use super::collection_where::{CollectionSort, CollectionWhere};
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

    /// The company's categories. Each stands before those below it, siblings in their order, unless `sort` says
    /// otherwise.
    #[expect(clippy::too_many_arguments, reason = "the arguments of every list of categories")]
    async fn categories(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only those right below this one; null: only those at the top; left out: all.")]
        parent: MaybeUndefined<SoughtId<CategoryKind>>,
        #[graphql(desc = "How many from the front; 20 when not said, at most 100.")] first: Option<i32>,
        #[graphql(desc = "After which cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the back; at most 100.")] last: Option<i32>,
        #[graphql(desc = "Before which cursor.")] before: Option<String>,
        #[graphql(name = "where", desc = "Which categories.")] filter: Option<CategoryWhere>,
        #[graphql(desc = "In which order; the tree's when not said.")] sort: Option<CategorySort>,
    ) -> Result<Option<Connection<Category>>, Fault> {
        let (company, page) = (Some(self.id), PageArgs { first, after, last, before });
        category_list::list(ctx, CategoryListArgs { company, parent, filter, sort, page }).await.map(Some)
    }

    /// The company's collections, by name when not said otherwise.
    #[expect(clippy::too_many_arguments, reason = "the arguments of every list of collections")]
    async fn collections(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the front; 20 when not said, at most 100.")] first: Option<i32>,
        #[graphql(desc = "After which cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the back; at most 100.")] last: Option<i32>,
        #[graphql(desc = "Before which cursor.")] before: Option<String>,
        #[graphql(name = "where", desc = "Which collections.")] filter: Option<CollectionWhere>,
        #[graphql(desc = "In which order; by name when not said.")] sort: Option<CollectionSort>,
    ) -> Result<Option<Connection<Collection>>, Fault> {
        let (company, page) = (Some(self.id), PageArgs { first, after, last, before });
        collection_query::list(ctx, CollectionListArgs { company, filter, sort, page }).await.map(Some)
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
        price_list::list(ctx, Some(self.id), &PageArgs { first, after, last, before }).await.map(Some)
    }

    /// The attributes that the company has defined, in the order in which it did.
    async fn attributes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the front; 20 when not said, at most 100.")] first: Option<i32>,
        #[graphql(desc = "After which cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the back; at most 100.")] last: Option<i32>,
        #[graphql(desc = "Before which cursor.")] before: Option<String>,
    ) -> Result<Option<Connection<Attribute>>, Fault> {
        attribute::list(ctx, Some(self.id), &PageArgs { first, after, last, before }).await.map(Some)
    }
}
