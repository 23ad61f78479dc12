//! Lists of products: the arguments that all of them take, and the page that comes of them.

use std::cell::Cell;
use std::sync::Arc;

use async_graphql::{Context, Enum, InputObject};
use souk_kit::context::ContextExt;
use souk_kit::documents::{Direction, Filter, Repository, Sort};
use souk_kit::fault::Fault;
use souk_kit::id::{CompanyId, ShopKind, SoughtId};
use souk_kit::money::{Currency, CurrencyCode};
use souk_kit::page::{Connection, Cursor, Page, PageArgs, SortDirection};

use super::loading::Loading;
use super::product::Product;
use super::product_prices::{self, rows_by_price};
use super::product_where::{Ground, MOST_CATEGORIES, ProductWhere};
use crate::domain::ids::ProductId;
use crate::store::loaders::Pages;
use crate::store::price_view::PriceView;
use crate::store::products::{ALL_SHOPS, CREATED, NAME, Products, SHOP, UPDATED};

/// What products are sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum ProductSortField {
    /// The name in the company's own language.
    Name,
    /// When it was created.
    CreatedAt,
    /// When it last changed.
    UpdatedAt,
    /// `Product.price`, as the reader is shown it in the list's currency and shop; products without one stand
    /// last.
    Price,
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

/// What a list comes to, once its arguments are understood.
struct Asked {
    filter: Filter,
    prices: Option<(Currency, PriceView)>,
}

/// A page of products.
pub(super) async fn list(ctx: &Context<'_>, args: ProductListArgs) -> Result<Connection<Product>, Fault> {
    let direction = direction(args.sort);
    let by = args.sort.map(|sort| sort.field);
    let order = match by {
        // Every context has an order of its own: a cursor of one means nothing in another.
        Some(ProductSortField::Price) => {
            format!(
                "price:{:?}:{direction:?}:{:?}",
                args.currency.map(|one| one.0),
                args.shop.map(SoughtId::get)
            )
        }
        Some(field) => format!("{field:?}:{direction:?}"),
        None => format!("id:{direction:?}"),
    };
    let page = args.page.page(&order)?;
    let Some(Asked { filter, prices }) = asked(ctx, &args).await? else { return Ok(Connection::empty()) };
    let (scope, view) = ctx.view_products().await?;
    let products = ctx.catalog()?.products.clone();
    let rows = match (sort(by, direction), &prices) {
        (None, None) => Vec::new(),
        (None, Some((_, prices))) => {
            rows_by_price(ctx, (&scope, &view), prices, &filter, direction, &page).await?
        }
        (Some(sort), _) => {
            let sought = Repository::<Products>::sought(&view, filter.clone(), sort, &page)?;
            let loader = ctx.loader(&scope, || Pages { documents: products.clone() });
            loader.one(sought).await?.unwrap_or_default().to_vec()
        }
    };
    Ok(page.slice(rows).connection(
        |row| row.cursor.clone(),
        |row| row.document.into(),
        move || {
            let (products, view, filter) = (products.clone(), view.clone(), filter.clone());
            Box::pin(async move { products.count(&view, filter).await })
        },
    ))
}

fn direction(sort: Option<ProductSort>) -> Direction {
    match sort.map(|sort| sort.direction) {
        Some(SortDirection::Asc) => Direction::Ascending,
        Some(SortDirection::Desc) | None => Direction::Descending,
    }
}

/// The order of a list that goes by an indexed field, or by ids; none is the order of prices.
fn sort(by: Option<ProductSortField>, direction: Direction) -> Option<Sort> {
    match by {
        Some(ProductSortField::Name) => Some(Sort::by(NAME, direction)),
        Some(ProductSortField::CreatedAt) => Some(Sort::by(CREATED, direction)),
        Some(ProductSortField::UpdatedAt) => Some(Sort::by(UPDATED, direction)),
        Some(ProductSortField::Price) => None,
        None => Some(Sort::by_id(direction)),
    }
}

/// The filter of a list and the prices that it goes by; none when it is known beforehand that nothing passes.
async fn asked(ctx: &Context<'_>, args: &ProductListArgs) -> Result<Option<Asked>, Fault> {
    let (mut company, mut shop, mut filter) = (args.company, None, args.within.clone());
    if let Some(asked) = args.shop {
        let Some(own) = asked.get() else { return Ok(None) };
        let Some(owner) = ctx.company_of_visible(own).await? else { return Ok(None) };
        let offered = Filter::one_of(SHOP, [own.to_string(), ALL_SHOPS.to_owned()]);
        filter = Filter::All(vec![filter, Filter::Companies(vec![owner]), offered]);
        (company, shop) = (Some(owner), Some(own));
    }
    let by_price = args.sort.is_some_and(|sort| sort.field == ProductSortField::Price)
        || args.filter.as_ref().is_some_and(ProductWhere::names_price);
    let mut prices = None;
    if by_price {
        let currency = currency(ctx, args.currency, company).await?;
        prices = Some((currency, product_prices::prices(ctx, currency, shop, &filter).await?));
    }
    if let Some(asked) = &args.filter {
        let mut trees = Vec::new();
        for category in asked.categories_named().into_iter().filter_map(SoughtId::get) {
            trees.extend(ctx.tree_of(category).await?);
        }
        trees.dedup_by_key(|tree| tree.company);
        let prices = prices.as_ref().map(|(currency, prices)| (*currency, prices));
        let set = match company.filter(|_| asked.names_attributes()) {
            Some(company) => ctx.attribute_set(company).await?,
            None => None,
        };
        let attributes = set.as_deref().map(|document| &document.state);
        let categories_left = Cell::new(MOST_CATEGORIES);
        filter = filter.and(asked.filter(&Ground {
            prices,
            trees: &trees,
            categories_left,
            company,
            attributes,
        })?);
    }
    Ok(Some(Asked { filter, prices }))
}

/// The currency of filters and sorts by price.
async fn currency(
    ctx: &Context<'_>,
    asked: Option<CurrencyCode>,
    company: Option<CompanyId>,
) -> Result<Currency, Fault> {
    if let Some(currency) = asked {
        return Ok(currency.0);
    }
    let record = match company {
        Some(company) => ctx.company(company).await?,
        None => None,
    };
    let own = record.map(|record| record.company.currency);
    own.ok_or_else(|| Fault::bad_input("filters and sorts by price over several companies need `currency`"))
}

/// A page of products in an order that somebody gave by hand. It reads as many of them as it takes to fill the
/// page with those that the caller sees and the filter passes.
pub(super) async fn list_in_order(
    ctx: &Context<'_>,
    args: ProductListArgs,
    mut order: Vec<ProductId>,
) -> Result<Connection<Product>, Fault> {
    let page = args.page.page("manual")?;
    let Some(Asked { filter, .. }) = asked(ctx, &args).await? else { return Ok(Connection::empty()) };
    let (scope, view) = ctx.view_products().await?;
    let products = ctx.catalog()?.products.clone();
    let loader = ctx.loader(&scope, || Pages { documents: products.clone() });
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
        let (by_id, all) = (Sort::by_id(Direction::Ascending), Page::first(some.len(), "manual"));
        let sought = Repository::<Products>::sought(&view, filter.clone().and(ids), by_id, &all)?;
        let found = loader.one(sought).await?.unwrap_or_default();
        let mut found: Vec<_> = found.iter().map(|row| Arc::clone(&row.document)).collect();
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
