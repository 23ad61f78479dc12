//! Lists of products: the arguments that all of them take, and the page that comes of them.

use std::sync::Arc;

use async_graphql::{Context, Enum, InputObject};
use souk_kit::context::ContextExt;
use souk_kit::documents::{Direction, Filter, Repository, Sort};
use souk_kit::fault::Fault;
use souk_kit::id::{CompanyId, ShopKind, SoughtId};
use souk_kit::money::{Currency, CurrencyCode};
use souk_kit::page::{Connection, Cursor, PageArgs};

use super::loading::Loading;
use super::product::Product;
use super::product_where::{Ground, ProductWhere};
use crate::domain::ids::ProductId;
use crate::store::loaders::ProductPages;
use crate::store::products::{ALL_SHOPS, CREATED, NAME, Products, SHOP, UPDATED, price_field};

/// What products are sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum ProductSortField {
    /// The name in the company's own language.
    Name,
    /// When it was created.
    CreatedAt,
    /// When it last changed.
    UpdatedAt,
    /// The lowest base price of its variants in the list's currency; products without one stand last.
    Price,
}

/// Upwards or downwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum SortDirection {
    /// The lowest, earliest or first in the alphabet first.
    Asc,
    /// The highest, latest or last in the alphabet first.
    Desc,
}

/// In which order products are listed; equal ones by id.
#[derive(Debug, Clone, Copy, InputObject)]
pub struct ProductSort {
    /// By what.
    pub field: ProductSortField,
    /// Upwards or downwards.
    #[graphql(default_with = "SortDirection::Asc")]
    pub direction: SortDirection,
}

/// What a list of products is asked for.
pub(super) struct ProductListArgs {
    /// The company, when the list is one company's.
    pub(super) company: Option<CompanyId>,
    /// What the list is of.
    pub(super) within: Filter,
    pub(super) page: PageArgs,
    pub(super) filter: Option<ProductWhere>,
    pub(super) sort: Option<ProductSort>,
    pub(super) currency: Option<CurrencyCode>,
    pub(super) shop: Option<SoughtId<ShopKind>>,
}

/// A page of products.
pub(super) async fn list(ctx: &Context<'_>, args: ProductListArgs) -> Result<Connection<Product>, Fault> {
    let currency = currency(ctx, &args).await?;
    let sort = sort(args.sort, currency)?;
    let order = match &sort.field {
        Some(field) => format!("{field}:{:?}", sort.direction),
        None => format!("id:{:?}", sort.direction),
    };
    let page = args.page.page(&order)?;
    let Some(filter) = filter(ctx, &args, currency).await? else { return Ok(Connection::empty()) };
    let (scope, view) = ctx.view_products().await?;
    let products = ctx.catalog()?.products.clone();
    let sought = Repository::<Products>::sought(&view, filter, sort, &page)?;
    let counted = (products.clone(), sought.clone());
    let rows = ctx.loader(&scope, || ProductPages { products }).one(sought).await?.unwrap_or_default();
    Ok(page.slice(rows.to_vec()).connection(
        |row| row.cursor.clone(),
        |row| row.document.into(),
        move || {
            let (products, sought) = counted.clone();
            Box::pin(async move { products.count_sought(&sought).await })
        },
    ))
}

/// The currency of filters and sorts by price, when one is known.
async fn currency(ctx: &Context<'_>, args: &ProductListArgs) -> Result<Option<Currency>, Fault> {
    let by_price = args.sort.is_some_and(|sort| sort.field == ProductSortField::Price)
        || args.filter.as_ref().is_some_and(ProductWhere::names_price);
    match (args.currency, args.company) {
        (Some(currency), _) => Ok(Some(currency.0)),
        (None, Some(company)) if by_price => {
            Ok(ctx.company(company).await?.map(|record| record.company.currency))
        }
        (None, _) => Ok(None),
    }
}

fn sort(asked: Option<ProductSort>, currency: Option<Currency>) -> Result<Sort, Fault> {
    let Some(ProductSort { field, direction }) = asked else { return Ok(Sort::by_id(Direction::Descending)) };
    let direction = match direction {
        SortDirection::Asc => Direction::Ascending,
        SortDirection::Desc => Direction::Descending,
    };
    Ok(match field {
        ProductSortField::Name => Sort::by(NAME, direction),
        ProductSortField::CreatedAt => Sort::by(CREATED, direction),
        ProductSortField::UpdatedAt => Sort::by(UPDATED, direction),
        ProductSortField::Price => {
            let currency = currency
                .ok_or_else(|| Fault::bad_input("a sort by price over several companies needs `currency`"))?;
            Sort::by_optional(price_field(currency.code()), direction)
        }
    })
}

/// The whole filter; none when it is known beforehand that nothing passes.
async fn filter(
    ctx: &Context<'_>,
    args: &ProductListArgs,
    currency: Option<Currency>,
) -> Result<Option<Filter>, Fault> {
    let mut filter = args.within.clone();
    if let Some(shop) = args.shop {
        let Some(shop) = shop.get() else { return Ok(None) };
        let Some(company) = ctx.company_of_visible(shop).await? else { return Ok(None) };
        let offered = Filter::one_of(SHOP, [shop.to_string(), ALL_SHOPS.to_owned()]);
        filter = Filter::All(vec![filter, Filter::Companies(vec![company]), offered]);
    }
    if let Some(asked) = &args.filter {
        let mut trees = Vec::new();
        for category in asked.categories_named().into_iter().filter_map(SoughtId::get) {
            trees.extend(ctx.tree_of(category).await?);
        }
        trees.dedup_by_key(|tree| tree.company);
        filter = filter.and(asked.filter(&Ground { currency, trees: &trees })?);
    }
    Ok(Some(filter))
}

/// A page of products in an order that somebody gave by hand. It reads as many of them as it takes to fill the
/// page with those that the caller sees and the filter passes.
pub(super) async fn list_in_order(
    ctx: &Context<'_>,
    args: ProductListArgs,
    mut order: Vec<ProductId>,
) -> Result<Connection<Product>, Fault> {
    let page = args.page.page("manual")?;
    let currency = currency(ctx, &args).await?;
    let Some(filter) = filter(ctx, &args, currency).await? else { return Ok(Connection::empty()) };
    let (_, view) = ctx.view_products().await?;
    let products = ctx.catalog()?.products.clone();
    if page.backward {
        order.reverse();
    }
    if let Some(Cursor(parts)) = &page.from {
        let from = parts.first().and_then(|part| part.as_str()).unwrap_or_default().to_owned();
        let place = order.iter().position(|id| id.to_string() == from);
        // What has been taken out in the meantime is no place to go on from.
        let place = place.ok_or_else(|| Fault::bad_input("the product of this cursor has left the list"))?;
        order.drain(..=place);
    }
    let mut rows = Vec::new();
    for some in order.chunks(page.fetch().max(50)) {
        let ids = Filter::Ids(some.iter().map(ToString::to_string).collect());
        let found = products.find(&view, filter.clone().and(ids), some.len()).await?;
        let mut found: Vec<_> = found.into_iter().map(|listed| Arc::new(listed.document)).collect();
        found.sort_by_key(|product| some.iter().position(|id| *id == product.id));
        rows.append(&mut found);
        if rows.len() >= page.fetch() {
            break;
        }
    }
    rows.truncate(page.fetch());
    Ok(page.slice(rows).connection(
        |row| Cursor(vec![row.id.to_string().into()]),
        Product::from,
        move || {
            let (products, view, filter) = (products.clone(), view.clone(), filter.clone());
            Box::pin(async move { products.count(&view, filter).await })
        },
    ))
}
