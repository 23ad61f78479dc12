//! `PriceList` in the schema, and how staff look price lists up.

use std::sync::Arc;

use async_graphql::{ComplexObject, Context, Object, SimpleObject};
use souk_kit::clock::Timestamp;
use souk_kit::context::ContextExt;
use souk_kit::documents::{Direction, Document, Filter, Repository, Sort};
use souk_kit::fault::Fault;
use souk_kit::id::{CompanyId, CompanyKind, ShopId, SoughtId};
use souk_kit::money::Money;
use souk_kit::page::{Connection, PageArgs};
use souk_kit::permission::{Resource, Tenant};

use super::company::Company;
use super::loading::Loading;
use super::parts::Parts;
use super::shop::Shop;
use super::variant::ProductVariant;
use crate::domain::ids::{PriceListId, PriceListKind};
use crate::domain::price::Price;
use crate::domain::price_list;
use crate::store::loaders::Pages;
use crate::store::price_lists::{NAME, PriceLists};
use crate::store::products::{LIST, Products};

/// How many products are read at once: each has at least one price of the list.
const PRODUCTS_AT_ONCE: usize = 100;

/// For whom, where and when a set of prices holds. Which list wins is said at `Product.price`.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(complex)]
pub struct PriceList {
    /// Its id.
    id: PriceListId,
    /// Counts its changes; updates name the one they saw.
    version: i64,
    /// Its id in another system, unique among the company's price lists.
    external_reference: Option<String>,
    /// What staff call it.
    name: String,
    /// Only for customers of this group; null is for everyone.
    customer_group: Option<String>,
    /// First instant at which it holds; null is always so far.
    valid_from: Option<Timestamp>,
    /// First instant at which it does not hold any more; null is never.
    valid_until: Option<Timestamp>,
    /// Decides between lists that are equally specific: the higher one wins.
    priority: i32,
    /// Whether it holds at all.
    active: bool,
    #[graphql(skip)]
    company: CompanyId,
    #[graphql(skip)]
    shop: Option<ShopId>,
}

/// A price that a list has for a variant.
#[derive(Debug, Clone, SimpleObject)]
pub struct PriceListPrice {
    /// Whose price it is.
    variant: ProductVariant,
    /// The price of one unit.
    amount: Money,
    /// The former or usual price.
    compare_at: Option<Money>,
    /// Fewest units that one must take for this price.
    min_quantity: u32,
}

impl PriceListPrice {
    fn of(own: &Price, variant: ProductVariant) -> Self {
        Self {
            variant,
            amount: Money::new(own.amount_minor, own.currency),
            compare_at: own.compare_at_minor.map(|minor| Money::new(minor, own.currency)),
            min_quantity: own.min_quantity,
        }
    }
}

impl From<Document<price_list::PriceList>> for PriceList {
    fn from(Document { version, state }: Document<price_list::PriceList>) -> Self {
        Self {
            id: state.id,
            version,
            external_reference: state.external_reference,
            name: state.name,
            customer_group: state.customer_group,
            valid_from: state.window.from,
            valid_until: state.window.until,
            priority: state.priority,
            active: state.active,
            company: state.company,
            shop: state.shop,
        }
    }
}

#[ComplexObject]
impl PriceList {
    /// The company whose it is.
    async fn company(&self) -> Option<Company> {
        Some(Company::from(self.company))
    }

    /// Whether it holds in every shop of the company; then `shop` is null.
    async fn all_shops(&self) -> bool {
        self.shop.is_none()
    }

    /// The prices of the list, by product from the oldest on: those of products that the caller sees.
    async fn prices(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the front; 20 when not said, at most 100.")] first: Option<i32>,
        #[graphql(desc = "After which cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the back; at most 100.")] last: Option<i32>,
        #[graphql(desc = "Before which cursor.")] before: Option<String>,
    ) -> Result<Option<Connection<PriceListPrice>>, Fault> {
        ctx.may_see(Resource::PriceList, &Tenant::company(self.company))?;
        let (scope, view) = ctx.view_products().await?;
        let list = self.id;
        let parts = Parts::<Products, PriceListPrice> {
            documents: ctx.catalog()?.products.clone(),
            scope,
            view,
            filter: Filter::equal(LIST, list),
            at_once: PRODUCTS_AT_ONCE,
            take: Arc::new(move |product| {
                let each = product.variants.iter().enumerate();
                let prices = each.flat_map(|(place, variant)| {
                    let own = variant.prices.iter().filter(|price| price.list == Some(list));
                    own.filter_map(move |price| {
                        let key = format!("{}:{}:{}", variant.id, price.currency.code(), price.min_quantity);
                        Some((key, PriceListPrice::of(price, ProductVariant::at(product, place)?)))
                    })
                });
                prices.collect()
            }),
        };
        parts.connection(ctx, &PageArgs { first, after, last, before }, |price| price).await.map(Some)
    }

    /// Only in this shop; null when it holds in every shop, see `allShops`, or when the shop cannot be shown.
    async fn shop(&self) -> Option<Shop> {
        self.shop.map(Shop::from)
    }
}

/// Looks price lists up.
#[derive(Default)]
pub struct PriceListQuery;

#[Object]
impl PriceListQuery {
    /// A price list by its id, or by its external reference within a company; for staff.
    async fn price_list(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its id.")] id: Option<SoughtId<PriceListKind>>,
        #[graphql(desc = "Its id in another system; with `company`.")] external_reference: Option<String>,
        #[graphql(desc = "The company whose it is.")] company: Option<SoughtId<CompanyKind>>,
    ) -> Result<Option<PriceList>, Fault> {
        let (_, view) = ctx.view_of_companies(Resource::PriceList).await?;
        let filter = match (id, external_reference) {
            (Some(id), None) => Filter::Ids(id.get().iter().map(ToString::to_string).collect()),
            (None, Some(reference)) => {
                let company = company.ok_or_else(|| Fault::bad_input("this look-up needs `company`"))?;
                let Some(company) = company.get() else { return Ok(None) };
                Filter::Keys(vec![format!("ref:{company}:{reference}")])
            }
            _ => return Err(Fault::bad_input("name exactly one of `id` and `externalReference`")),
        };
        let found = ctx.catalog()?.price_lists.find(&view, filter, 1).await?;
        Ok(found.into_iter().next().map(|listed| PriceList::from(listed.document)))
    }

    /// Price lists by name; for staff. Without `company`: of every company whose lists the caller may read.
    async fn price_lists(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only those of this company.")] company: Option<SoughtId<CompanyKind>>,
        #[graphql(desc = "How many from the front; 20 when not said, at most 100.")] first: Option<i32>,
        #[graphql(desc = "After which cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the back; at most 100.")] last: Option<i32>,
        #[graphql(desc = "Before which cursor.")] before: Option<String>,
    ) -> Result<Option<Connection<PriceList>>, Fault> {
        let company = match company.map(SoughtId::get) {
            Some(None) => return Ok(Some(Connection::empty())),
            found => found.flatten(),
        };
        list(ctx, company, &PageArgs { first, after, last, before }).await.map(Some)
    }
}

/// A page of the price lists of a company, or of all that the caller may read, by name.
pub(super) async fn list(
    ctx: &Context<'_>,
    company: Option<CompanyId>,
    page: &PageArgs,
) -> Result<Connection<PriceList>, Fault> {
    let (scope, view) = ctx.view_of_companies(Resource::PriceList).await?;
    let page = page.page("name:Ascending")?;
    let lists = ctx.catalog()?.price_lists.clone();
    let filter = company.map_or_else(Filter::everything, |company| Filter::Companies(vec![company]));
    let by_name = Sort::by(NAME, Direction::Ascending);
    let sought = Repository::<PriceLists>::sought(&view, filter.clone(), by_name, &page)?;
    let loader = ctx.loader(&scope, || Pages { documents: lists.clone() });
    let rows = loader.one(sought).await?.unwrap_or_default();
    Ok(page.slice(rows.to_vec()).connection(
        |row| row.cursor.clone(),
        |row| PriceList::from((*row.document).clone()),
        move || {
            let (lists, view, filter) = (lists.clone(), view.clone(), filter.clone());
            Box::pin(async move { lists.count(&view, filter).await })
        },
    ))
}
