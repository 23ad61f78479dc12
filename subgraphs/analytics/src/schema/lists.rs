//! Figures by product, by list, by text and by position.

use async_graphql::{Context, SimpleObject};
use souk_kit::context::ContextExt;
use souk_kit::fault::Fault;
use souk_kit::page::{Connection, PageArgs};

use super::number::{count, wholes};
use super::product::Product;
use crate::domain::ids::ProductId;
use crate::domain::measures::{clicks_at, lists, product_clicks, product_views, results_shown};
use crate::domain::visit::LAST_POSITION;
use crate::store::reports::{Amount, Asked, Reports};

/// How lists are ordered.
const MOST_FIRST: &str = "amount:desc";

/// How often a product was looked at.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct ProductFigures {
    /// The product; null when it is not there any more.
    product: Option<Product>,
    /// How often its page was looked at.
    views: i32,
    /// How often it was clicked among the results of a search.
    result_clicks: i32,
}

/// How popular a product was.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct TrendingProduct {
    /// The product; null when it is not there any more.
    product: Option<Product>,
    /// How popular: a view counts 1 and a click on a result 3, half as much with every day since, and nothing after a week.
    score: f64,
}

/// How often a list of products was looked at.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct ListFigures {
    /// What the storefront calls the list.
    list: String,
    /// How often it was looked at.
    views: i32,
}

/// How often a text was searched for.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct SearchFigures {
    /// The text, in lower case and with single spaces.
    text: String,
    /// How often.
    searches: i32,
}

/// How often the results at a position were seen and clicked.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct PositionFigures {
    /// The position, from 1.
    position: i32,
    /// Searches that had a result there.
    shown: i32,
    /// Clicks on it.
    clicks: i32,
    /// Clicks for each time that it was shown; 0 when it never was.
    rate: f64,
}

fn product(item: &str) -> Option<Product> {
    item.parse::<ProductId>().ok().map(Product::from)
}

pub(super) async fn top_products(
    ctx: &Context<'_>,
    asked: &Asked,
    page: &PageArgs,
) -> Result<Connection<ProductFigures>, Fault> {
    let reports = ctx.store::<Reports>()?;
    let slice = reports.top(asked, product_views::MEASURE.name, &page.page(MOST_FIRST)?).await?;
    let items = slice.rows.iter().map(|row| row.item.clone()).collect();
    let clicks = reports.amounts(asked, product_clicks::MEASURE.name, Some(items)).await?;
    let figures = |Amount { item, amount }: Amount| ProductFigures {
        product: product(&item),
        views: count(amount),
        result_clicks: count(clicks.get(&item).copied().unwrap_or_default()),
    };
    Ok(slice.connection(Amount::cursor, figures, counting(reports, asked, product_views::MEASURE.name)))
}

pub(super) async fn trending_products(
    ctx: &Context<'_>,
    asked: &Asked,
    page: &PageArgs,
) -> Result<Connection<TrendingProduct>, Fault> {
    let reports = ctx.store::<Reports>()?;
    let slice = reports.trending(asked, &page.page(MOST_FIRST)?).await?;
    let trending =
        |Amount { item, amount }: Amount| TrendingProduct { product: product(&item), score: wholes(amount) };
    let (reports, asked) = (reports.clone(), asked.clone());
    Ok(slice.connection(Amount::cursor, trending, move || {
        let (reports, asked) = (reports.clone(), asked.clone());
        Box::pin(async move { reports.count_trending(&asked).await })
    }))
}

pub(super) async fn top_lists(
    ctx: &Context<'_>,
    asked: &Asked,
    page: &PageArgs,
) -> Result<Connection<ListFigures>, Fault> {
    let reports = ctx.store::<Reports>()?;
    let slice = reports.top(asked, lists::MEASURE.name, &page.page(MOST_FIRST)?).await?;
    let figures = |Amount { item, amount }: Amount| ListFigures { list: item, views: count(amount) };
    Ok(slice.connection(Amount::cursor, figures, counting(reports, asked, lists::MEASURE.name)))
}

pub(super) async fn searches(
    ctx: &Context<'_>,
    asked: &Asked,
    measure: &'static str,
    page: &PageArgs,
) -> Result<Connection<SearchFigures>, Fault> {
    let reports = ctx.store::<Reports>()?;
    let slice = reports.top(asked, measure, &page.page(MOST_FIRST)?).await?;
    let figures = |Amount { item, amount }: Amount| SearchFigures { text: item, searches: count(amount) };
    Ok(slice.connection(Amount::cursor, figures, counting(reports, asked, measure)))
}

pub(super) async fn click_through(ctx: &Context<'_>, asked: &Asked) -> Result<Vec<PositionFigures>, Fault> {
    let reports = ctx.store::<Reports>()?;
    let shown = reports.amounts(asked, results_shown::MEASURE.name, None).await?;
    let clicked = reports.amounts(asked, clicks_at::MEASURE.name, None).await?;
    let at = |amounts: &std::collections::BTreeMap<String, i64>, position: i64| {
        amounts.get(&position.to_string()).copied().unwrap_or_default()
    };
    let mut positions = Vec::new();
    // Whoever had so many results has seen all positions up to there.
    let mut seen = 0_i64;
    for position in (1..=LAST_POSITION).rev() {
        seen = seen.saturating_add(at(&shown, position));
        let clicks = at(&clicked, position);
        if seen > 0 || clicks > 0 || !positions.is_empty() {
            #[expect(clippy::cast_precision_loss, reason = "a rate is told with a few digits")]
            let rate = if seen > 0 { clicks as f64 / seen as f64 } else { 0.0 };
            positions.push(PositionFigures {
                position: count(position),
                shown: count(seen),
                clicks: count(clicks),
                rate,
            });
        }
    }
    positions.reverse();
    Ok(positions)
}

type Counting = Box<dyn Fn() -> futures::future::BoxFuture<'static, Result<u64, Fault>> + Send + Sync>;

/// Counts the items of a measure, when that is asked for.
fn counting(reports: &Reports, asked: &Asked, measure: &'static str) -> Counting {
    let (reports, asked) = (reports.clone(), asked.clone());
    Box::new(move || {
        let (reports, asked) = (reports.clone(), asked.clone());
        Box::pin(async move { reports.count_items(&asked, measure).await })
    })
}
