//! The prices by which a list filters and sorts: those that its reader is shown.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::Arc;

use async_graphql::Context;
use serde_json::Value as Json;
use souk_kit::context::ContextExt;
use souk_kit::documents::{Direction, Filter, IndexValue, Repository, Sort, View};
use souk_kit::fault::Fault;
use souk_kit::id::ShopId;
use souk_kit::money::Currency;
use souk_kit::page::{Cursor, Page};
use souk_kit::permission::Visibility;

use super::loading::Loading;
use crate::domain::offer::lowest;
use crate::domain::price_resolution::Precedence;
use crate::domain::product::Product;
use crate::store::loaders::{Pages, Row};
use crate::store::price_view::PriceView;
use crate::store::products::Products;

/// Most products whose prices are computed for one list, because lists of several of the reader's groups price
/// them.
const MOST_COMPUTED: usize = 2_000;

/// What the reader is shown of the products of a list, in a currency and shop.
pub(super) async fn prices(
    ctx: &Context<'_>,
    currency: Currency,
    shop: Option<ShopId>,
    within: &Filter,
) -> Result<PriceView, Fault> {
    let groups = ctx.principal().customer_groups();
    let prices = PriceView::new(currency, shop, groups, ctx.now());
    let Some(of_several) = PriceView::of_several(groups) else { return Ok(prices) };
    let (_, view) = ctx.view_products().await?;
    let products = &ctx.catalog()?.products;
    let found = products.find(&view, within.clone().and(of_several), MOST_COMPUTED + 1).await?;
    if found.len() > MOST_COMPUTED {
        let text =
            "too many products have prices for several of your customer groups: ask for fewer products";
        return Err(Fault::limit(text));
    }
    let mut computed = BTreeMap::new();
    for product in found.into_iter().map(|listed| listed.document) {
        let lists = ctx.price_lists(product.company).await?;
        let precedence = Precedence::of(lists.iter(), groups, shop.as_ref(), ctx.now());
        if let Some(price) = lowest(&product.variants, &precedence, currency) {
            computed.insert(product.id, price);
        }
    }
    Ok(prices.with_computed(computed))
}

/// The rows of a page in the order of prices; products without one stand last, whichever the direction.
pub(super) async fn rows_by_price(
    ctx: &Context<'_>,
    (scope, view): (&Visibility, &View),
    prices: &PriceView,
    filter: &Filter,
    direction: Direction,
    page: &Page,
) -> Result<Vec<Row<Product>>, Fault> {
    let products = ctx.catalog()?.products.clone();
    let is_past_prices =
        page.from.as_ref().is_some_and(|Cursor(parts)| parts.first().is_some_and(Json::is_null));
    let mut pages = Vec::new();
    let mut priced = page.clone();
    if is_past_prices {
        // All prices lie before this place: none of them on the way on, the last of them on the way back.
        priced.from = None;
    }
    if !is_past_prices || page.backward {
        for kind in prices.kinds() {
            let filter = filter.clone().and(kind.products.clone());
            let sort = Sort::by(kind.field.clone(), direction);
            pages.push(Repository::<Products>::sought(view, filter, sort, &priced)?);
        }
    }
    let mut unpriced = page.clone();
    if !is_past_prices {
        unpriced.from = None;
    }
    if is_past_prices || !page.backward || page.from.is_none() {
        let filter = filter.clone().and(prices.unpriced());
        pages.push(Repository::<Products>::sought(view, filter, Sort::by_id(direction), &unpriced)?);
    }
    let loader = ctx.loader(scope, || Pages { documents: products.clone() });
    let mut rows: Vec<Row<Product>> =
        loader.many(pages).await?.into_iter().flatten().flat_map(|rows| rows.to_vec()).collect();
    if !prices.computed().is_empty() {
        let ids = Filter::Ids(prices.computed().keys().map(ToString::to_string).collect());
        let found = products.find(view, filter.clone().and(ids), prices.computed().len()).await?;
        rows.extend(found.into_iter().filter_map(|listed| {
            let price = IndexValue::from(*prices.computed().get(&listed.document.id)?);
            let cursor = Cursor(vec![price.as_str().into(), listed.id.into()]);
            Some(Row { document: Arc::new(listed.document), cursor })
        }));
    }
    rows.retain(|row| {
        page.from.as_ref().is_none_or(|from| in_order(from, &row.cursor, direction, page.backward).is_lt())
    });
    rows.sort_by(|a, b| in_order(&a.cursor, &b.cursor, direction, page.backward));
    rows.truncate(page.fetch());
    Ok(rows)
}

/// Which of two places comes first on the way that a page is read.
fn in_order(Cursor(a): &Cursor, Cursor(b): &Cursor, direction: Direction, backward: bool) -> Ordering {
    let value = |parts: &[Json]| parts.first().and_then(Json::as_str).map(ToOwned::to_owned);
    let id = |parts: &[Json]| parts.get(1).and_then(Json::as_str).map(ToOwned::to_owned);
    let turned = |order: Ordering| match direction {
        Direction::Ascending => order,
        Direction::Descending => order.reverse(),
    };
    let values = match (value(a), value(b)) {
        (Some(a), Some(b)) => turned(a.cmp(&b)),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => Ordering::Equal,
    };
    let order = values.then_with(|| turned(id(a).cmp(&id(b))));
    if backward { order.reverse() } else { order }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_price_stands_last_in_both_directions() {
        let place = |value: Json, id: &str| Cursor(vec![value, id.into()]);
        let places =
            [place("1".into(), "a"), place("1".into(), "b"), place("2".into(), "a"), place(Json::Null, "c")];
        let sorted = |direction, backward| {
            let mut sorted = places.to_vec();
            sorted.sort_by(|a, b| in_order(a, b, direction, backward));
            let at = |place: &Cursor| places.iter().position(|one| one == place).unwrap();
            sorted.iter().map(at).collect::<Vec<_>>()
        };
        assert_eq!(sorted(Direction::Ascending, false), [0, 1, 2, 3]);
        assert_eq!(sorted(Direction::Ascending, true), [3, 2, 1, 0]);
        assert_eq!(sorted(Direction::Descending, false), [2, 1, 0, 3]);
        assert_eq!(sorted(Direction::Descending, true), [3, 0, 1, 2]);
    }
}
